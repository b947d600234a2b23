"""Small canonical frames, made by hand."""

from datetime import date

import polars as pl

Played = tuple[str, str, str, int, int]
"""ISO date, home, away, home goals, away goals."""

Prices = tuple[float, float, float]
"""Decimal odds: home, draw, away."""


def frame(*played: Played, league: str = "E0") -> pl.DataFrame:
    """Matches of one league without statistics and without odds."""
    return pl.DataFrame(
        {
            "league": [league] * len(played),
            "date": [date.fromisoformat(match[0]) for match in played],
            "home": [match[1] for match in played],
            "away": [match[2] for match in played],
            "home_goals": [match[3] for match in played],
            "away_goals": [match[4] for match in played],
            "home_shots_on_target": [None] * len(played),
            "away_shots_on_target": [None] * len(played),
        },
        schema_overrides={"home_shots_on_target": pl.Int16, "away_shots_on_target": pl.Int16},
    ).sort("date", "league", "home")


def with_odds(frame: pl.DataFrame, prices: Prices, book: str = "closing") -> pl.DataFrame:
    """The same matches, all with these odds of a book."""
    names = (f"{book}_{outcome}" for outcome in ("home", "draw", "away"))
    return frame.with_columns(pl.lit(price).alias(name) for name, price in zip(names, prices, strict=True))


def with_statistics(frame: pl.DataFrame, **statistics: int | None) -> pl.DataFrame:
    """The same matches, all with these statistics (`home_shots`, `away_reds`...)."""
    counts = {name: pl.lit(count, dtype=pl.Int16) for name, count in statistics.items()}
    return frame.with_columns(**counts)
