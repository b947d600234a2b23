"""Small canonical frames, made by hand."""

from datetime import date

import polars as pl

from sabiscore.features.calendar import season_of

Played = tuple[str, str, str, int, int]
"""ISO date, home, away, home goals, away goals."""

Prices = tuple[float, float, float]
"""Decimal odds: home, draw, away."""

ORDER = ("date", "league", "home")


def frame(*played: Played, league: str = "E0") -> pl.DataFrame:
    """Matches of one league without statistics and without odds."""
    matches = pl.DataFrame(
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
    ).sort(ORDER)
    season = pl.Series("season", season_of(matches["date"].cast(pl.Int32).to_numpy()), pl.Int16)
    return matches.with_columns(season)


def divisions(*of_tiers: pl.DataFrame, country: str = "England") -> pl.DataFrame:
    """The divisions of one country in one frame, the first division first."""
    with_facts = [
        each.with_columns(country=pl.lit(country), tier=pl.lit(tier, pl.Int16))
        for tier, each in enumerate(of_tiers)
    ]
    return pl.concat(with_facts).sort(ORDER)


def with_odds(frame: pl.DataFrame, prices: Prices, book: str = "closing") -> pl.DataFrame:
    """The same matches, all with these odds of a book."""
    names = (f"{book}_{outcome}" for outcome in ("home", "draw", "away"))
    return frame.with_columns(pl.lit(price).alias(name) for name, price in zip(names, prices, strict=True))


def with_totals(frame: pl.DataFrame, over: float, under: float, book: str = "closing") -> pl.DataFrame:
    """The same matches, all with these odds on more and on fewer than 2.5 goals."""
    return frame.with_columns(pl.lit(over).alias(f"{book}_over"), pl.lit(under).alias(f"{book}_under"))


def with_statistics(frame: pl.DataFrame, **statistics: float | None) -> pl.DataFrame:
    """The same matches, all with these statistics (`home_shots`, `away_reds`...)."""
    counts = {name: pl.lit(count, dtype=pl.Float64) for name, count in statistics.items()}
    return frame.with_columns(**counts)
