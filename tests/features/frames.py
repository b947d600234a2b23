"""Small canonical frames, made by hand."""

from datetime import date

import polars as pl

Played = tuple[str, str, str, int, int]
"""ISO date, home, away, home goals, away goals."""


def frame(*played: Played, league: str = "E0") -> pl.DataFrame:
    """Matches of one league without shots."""
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
