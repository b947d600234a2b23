"""How good the clubs of a league are as of any day, from the state that answers its fixtures."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features import RowMaker
from sabiscore.features.calendar import day_of, season_of
from sabiscore.features.components import CLUB, LEAGUE
from sabiscore.features.played import Played
from sabiscore.features.rows import Clubs, DaysOfClubs
from sabiscore.season.schemas import RatingPoint
from sabiscore.season.standings import Index

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
    known: NDArray[np.bool_]


def ratings(rows: RowMaker, groups: Sequence[DaysOfClubs]) -> list[Ratings]:
    """Of each group the clubs of a league as of the mornings of its days: arrays ``[d, c]``."""
    found = rows.clubs(groups)
    sizes = [len(days) * len(clubs) for _, clubs, days in groups]
    ends = list(accumulate(sizes))
    return [
        _ratings(found, slice(end - size, end), (len(days), len(clubs)))
        for (_, clubs, days), size, end in zip(groups, sizes, ends, strict=True)
    ]


def _ratings(found: Clubs, which: slice, shape: tuple[int, int]) -> Ratings:
    values = found.values[which]
    rating, goals, variance = (
        values[:, columns].sum(axis=1).reshape(shape) for columns in (_RATING, _GOALS, _VARIANCE)
    )
    level = found.league[which, _GOAL_LEVEL].reshape(shape)
    difference = rating - rating.mean(axis=1, keepdims=True)
    total = goals + goals.mean(axis=1, keepdims=True) + level
    attack, defence = np.exp(0.5 * (total + difference)), np.exp(0.5 * (total - difference))
    return Ratings(
        strength=attack - defence,
        uncertainty=0.5 * (attack + defence) * np.sqrt(variance),
        attack=attack,
        defence=defence,
        known=found.known[which].reshape(shape),
    )


def over_time(
    rows: RowMaker, played: Played, club: str, chosen: Index, *, seasons: int = 0, most: int | None = None
) -> list[RatingPoint]:
    """The ratings of a club on the mornings after its matches ``chosen``, among those of its league.

    Of so many ``seasons``, the last ones, or all; of each, ``most`` that are spread over it, or all.
    """
    if not len(chosen):
        return []
    of_season, before = season_of(played.day[chosen]), int(played.day[chosen[-1]]) + 1
    spells = []
    for season in np.unique(of_season).tolist()[-seasons:]:
        mine = chosen[of_season == season]
        for league in np.unique(played.league[mine]).tolist():
            days = _spread(played.day[mine[played.league[mine] == league]].tolist(), most)
            spells.append((played.leagues[league], _members(played, league, season, before), days))
    known = ratings(rows, [(code, clubs, [day + 1 for day in days]) for code, clubs, days in spells])
    found = [
        RatingPoint(day_of(day), code, round(strength, 3))
        for (code, clubs, days), each in zip(spells, known, strict=True)
        for day, strength in zip(days, each.strength[:, clubs.index(club)].tolist(), strict=True)
    ]
    return sorted(found, key=lambda point: point.date)


def _spread(days: list[int], most: int | None) -> list[int]:
    """At most so many of them, the last one always."""
    return days if most is None else days[:: -max(1, -(-len(days) // most))][::-1]


def _members(played: Played, league: int, season: int, before: int) -> list[str]:
    """The clubs that have played in a season of a league on days before ``before``."""
    block = played.of_season(league, season, before)
    numbers = np.union1d(played.home[block], played.away[block]).tolist()
    return sorted(played.clubs[number][1] for number in numbers)
