"""How good the clubs of a league are as of any day, from the state that answers its fixtures."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.features import RowMaker
from sabiscore.features.components import CLUB, LEAGUE
from sabiscore.features.rows import FixtureKey, Rows
from sabiscore.features.timeline import NONE, Index

_RATING, _GOALS, _VARIANCE = (
    [CLUB.index(name) for name in names]
    for names in (
        ("strength_slow", "strength_fast", "strength_faster"),
        ("goals_slow", "goals_fast", "goals_faster"),
        ("strength_slow_variance", "strength_fast_variance"),
    )
)
_GOAL_LEVEL = LEAGUE.index("goal_level")


class Ratings(Struct, frozen=True):
    """Clubs against the average of them on neutral ground, in goals a match; every array is ``[..., c]``.

    ``attack`` and ``defence`` are goals to expect for and against, ``strength`` their difference and ``uncertainty``
    its standard deviation, to first order; ``known`` whether any match of a club is known.
    """

    strength: Floats
    uncertainty: Floats
    attack: Floats
    defence: Floats
    known: Index


def ratings(rows: RowMaker, code: str, clubs: Sequence[str], days: Sequence[int]) -> Ratings:
    """Of clubs of the league ``code``, as of the morning of each of the ``days``: arrays ``[d, c]``."""
    keys: list[FixtureKey] = [
        (code, club, other, day)
        for day in days
        for club, other in zip(clubs, (*clubs[1:], clubs[0]), strict=True)
    ]
    return _ratings(rows.fixtures(keys), (len(days), len(clubs)))


def _ratings(found: Rows, shape: tuple[int, int]) -> Ratings:
    at_home = found.values[0]
    rating, goals, variance = (
        at_home[:, columns].sum(axis=1).reshape(shape) for columns in (_RATING, _GOALS, _VARIANCE)
    )
    level = found.league[:, _GOAL_LEVEL].reshape(shape)
    difference = rating - rating.mean(axis=1, keepdims=True)
    total = goals + goals.mean(axis=1, keepdims=True) + level
    attack, defence = np.exp(0.5 * (total + difference)), np.exp(0.5 * (total - difference))
    return Ratings(
        strength=attack - defence,
        uncertainty=0.5 * (attack + defence) * np.sqrt(variance),
        attack=attack,
        defence=defence,
        known=(found.standing.position[0] != NONE).reshape(shape),
    )
