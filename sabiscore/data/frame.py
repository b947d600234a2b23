"""The canonical frame of matches: one row a match, in chronological order."""

import polars as pl

STATISTICS = ("shots", "shots_on_target", "corners", "reds")

SCHEMA: dict[str, pl.DataType] = {
    "league": pl.String(),
    "season": pl.Int16(),  # the year it starts in: 2024 for 2024/25
    "date": pl.Date(),
    "home": pl.String(),  # club keys of the catalogue
    "away": pl.String(),
    "home_goals": pl.Int16(),
    "away_goals": pl.Int16(),
    **{f"{side}_{name}": pl.Int16() for name in STATISTICS for side in ("home", "away")},
    **{
        f"{book}_{outcome}": pl.Float64()
        for book in ("average", "closing", "maximum")
        for outcome in ("home", "draw", "away")
    },
    **{f"{book}_{side}": pl.Float64() for book in ("average", "closing") for side in ("over", "under")},
}
"""Statistics and odds are null where unknown. ``average`` and ``maximum`` are pre-match odds over
bookmakers, ``closing`` the average at kick-off; ``over`` and ``under`` are at 2.5 goals."""

ORDER = ("date", "league", "home")
"""Sorted by these: total, because a club plays once a day."""
