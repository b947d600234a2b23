"""The columns of a row, in groups that a reason can name, and their fingerprint."""

import hashlib

from sabiscore.features import components

GROUPS: dict[str, dict[str, float]] = {
    "league": {"league_home_goals": 1.5, "league_away_goals": 1.1},
    "ratings": {"pi_difference": 0.0, "pi_overall": 0.0, "elo_difference": 0.0},
    "goals": {"home_scores": 0.0, "away_scores": 0.0, "goals_balance": 0.0},
    "shots": {"home_shoots": 0.0, "away_shoots": 0.0, "shots_balance": 0.0},
    "form": {"home_form": 0.0, "away_form": 0.0, "form_difference": 0.0},
    "schedule": {"home_rest": 7.0, "away_rest": 7.0, "season_progress": 0.5},
    "promotion": {"home_promoted": 0.0, "away_promoted": 0.0},
}
"""Group -> column -> its value for two average clubs in mid-season. The first group is the setting of a
match and has no average: a reason never names it."""

NAMES: tuple[str, ...] = tuple(name for group in GROUPS.values() for name in group)
NEUTRAL: tuple[float, ...] = tuple(value for group in GROUPS.values() for value in group.values())


def fingerprint() -> str:
    """Changes whenever a bundle's model could misread a row: names, order, or components changed."""
    text = "\n".join((*NAMES, "--", *components.CLUB, "--", *components.LEAGUE))
    return hashlib.sha256(text.encode()).hexdigest()
