"""The columns of a row, in groups that a reason can name, and their fingerprint."""

import hashlib

from sabiscore.features import components

GROUPS: dict[str, dict[str, float]] = {
    "league": {"home_advantage": 0.35, "league_total": 2.7},
    "results": {"results": 0.0},
    "prices": {"prices": 0.0},
    "goals": {"total": 0.0},
    "certainty": {"variance": 0.1},
    "schedule": {
        "home_rest": 7.0,
        "away_rest": 7.0,
        "home_congestion": 2.0,
        "away_congestion": 2.0,
        "season_progress": 0.5,
    },
    "promotion": {"home_promoted": 0.0, "away_promoted": 0.0},
}
"""Group -> column -> its value for two average clubs in mid-season.

``results`` is how many goals better the home club is by results and statistics alone, ``prices`` how many more
when closing odds of past matches are heard too; both with its own home advantage, without its league's.
``total`` is how many goals more than the league's the match should have. The first group is the setting of
a match and has no average: a reason never names it.
"""

NAMES: tuple[str, ...] = tuple(name for group in GROUPS.values() for name in group)
NEUTRAL: tuple[float, ...] = tuple(value for group in GROUPS.values() for value in group.values())


VARIANCE = NAMES.index("variance")


def fingerprint() -> str:
    """Changes whenever a bundle's model could misread a row: names, order, or components changed."""
    text = "\n".join((*NAMES, "--", *components.CLUB, "--", *components.LEAGUE))
    return hashlib.sha256(text.encode()).hexdigest()
