"""Who is above whom: tables of one league, or of thousands of simulated seasons at once.

Clubs with as many points are ranked by one criterion after another:

    difference     goal difference
    scored         goals scored
    wins           matches won
    between        points, then goal difference in the matches between those who are level, once they have all met at
                   home and away
    between_again  the same; when it parts some of them, those who are level still begin again
    between_away   goals scored away from home in those matches
"""

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.data.rules import Criterion
from sabiscore.languages.wording import gettext_noop

WIN, DRAW = 3, 1
MEETINGS = 2
"""Of two clubs, before what they did against each other counts."""

WORDS: dict[Criterion, str] = {
    "difference": gettext_noop("goal difference"),
    "scored": gettext_noop("goals scored"),
    "wins": gettext_noop("matches won"),
    "between": gettext_noop("points, then goal difference in the matches between them (once all are played)"),
    "between_again": gettext_noop(
        "points, then goal difference in the matches between them (once all are played, and again for those whom "
        "that leaves level)"
    ),
    "between_away": gettext_noop("goals scored away in the matches between them"),
}

AMONG = ("points", "difference")
"""What counts in the matches between those who are level, in this order."""

KEY_BITS, A_WORD = 15, 4
"""What a criterion is counted in, below 0 too, and how many fit into a word that is sorted by."""

Numbers = NDArray[np.int32]
Index = NDArray[np.intp]


class Tables(Protocol):
    """What each of ``c`` clubs got in ``s`` seasons."""

    @property
    def played(self) -> NDArray[np.int16]:
        """How often two met ``[c, c]``."""

    def total(self, what: str) -> Numbers:
        """All ``points``, ``wins``, goals ``scored`` or the ``difference`` of each club ``[c, s]``."""

    def against(self, what: str, one: Index, other: Index, season: Index) -> Numbers:
        """The ``points``, the ``difference`` or the ``away`` goals that one club got against another ``[k]``."""


class Tally(Struct, frozen=True):
    """What each of ``c`` clubs got against each other in ``s`` seasons: ``[c, c, s]``, the first of them its own.

    ``away`` are goals scored at the other's ground, ``played`` ``[c, c]`` is how often two met, ``base`` ``[c]`` are
    points from elsewhere, below 0 where they were taken.
    """

    points: NDArray[np.int16]
    scored: NDArray[np.int16]
    wins: NDArray[np.int16]
    away: NDArray[np.int16]
    played: NDArray[np.int16]
    base: Numbers

    def total(self, what: str) -> Numbers:
        """All ``points``, ``wins``, goals ``scored`` or the ``difference`` of each club ``[c, s]``."""
        if what == "difference":
            conceded: Numbers = self.scored.sum(axis=0, dtype=np.int16).astype(np.int32)
            return self.total("scored") - conceded
        found: Numbers = getattr(self, what).sum(axis=1, dtype=np.int16).astype(np.int32)
        return found + self.base[:, None] if what == "points" else found

    def against(self, what: str, one: Index, other: Index, season: Index) -> Numbers:
        """The ``points``, the ``difference`` or the ``away`` goals that one club got against another ``[k]``."""
        if what == "difference":
            return (self.scored[one, other, season] - self.scored[other, one, season]).astype(np.int32)
        found: NDArray[np.int16] = getattr(self, what)[one, other, season]
        return found.astype(np.int32)


def tally(
    clubs: int,
    home: NDArray[np.integer],
    away: NDArray[np.integer],
    goals: NDArray[np.integer],
    win: int = WIN,
) -> Tally:
    """Of matches: clubs ``[m]`` by number, and goals ``[2, m, s]``, those of the home club first.

    A ``win`` is worth so many points.
    """
    shape = (clubs, clubs, goals.shape[-1])
    points, scored, wins, away_goals = (np.zeros(shape, np.int16) for _ in range(4))
    played = np.zeros((clubs, clubs), np.int16)
    for which in once(home, away):
        one, other = home[which], away[which]
        ours, theirs = goals[:, which].astype(np.int16)
        won, lost = ours > theirs, ours < theirs
        drawn = ours == theirs
        scored[one, other] += ours
        scored[other, one] += theirs
        away_goals[other, one] += theirs
        wins[one, other] += won
        wins[other, one] += lost
        points[one, other] += win * won + DRAW * drawn
        points[other, one] += win * lost + DRAW * drawn
        played[one, other] += 1
        played[other, one] += 1
    return Tally(points, scored, wins, away_goals, played, np.zeros(clubs, np.int32))


def once(home: NDArray[np.integer], away: NDArray[np.integer]) -> list[Index]:
    """The matches in parts, in each of which no club is host to another twice."""
    count: dict[tuple[int, int], int] = {}
    part = []
    for pair in zip(home.tolist(), away.tolist(), strict=True):
        part.append(count.get(pair, 0))
        count[pair] = part[-1] + 1
    return [np.flatnonzero(np.array(part) == k) for k in range(max(part, default=-1) + 1)]


def order(tables: Tables, ranking: Sequence[Criterion], upper: NDArray[np.bool_] | None = None) -> Index:
    """The clubs ``[c, s]`` from first to last; who is level to the end stands by number.

    ``upper`` ``[c]`` are those who were above the line when a league was split.
    """
    keys = [tables.total("points")]
    if upper is not None:
        keys.insert(0, np.broadcast_to(upper[:, None], keys[0].shape).astype(np.int32))
    for criterion in ranking:
        if criterion.startswith("between"):
            keys += _between(tables, _level(keys), criterion, keys[0].shape)
        else:
            keys.append(tables.total(criterion))
    return np.ascontiguousarray(np.lexsort(_in_one(keys)).T)


def _in_one(keys: Sequence[Numbers]) -> list[NDArray[np.int64]]:
    """The keys ``[c, s]`` as ``[s, c]``, the last and least first, the most upwards: as many in one as fit."""
    found = []
    for begin in range(0, len(keys), A_WORD):
        word = np.zeros(keys[0].shape, np.int64)
        for key in keys[begin : begin + A_WORD]:
            word = (word << KEY_BITS) - key
        found.append(np.ascontiguousarray(word.T))
    return found[::-1]


def _level(keys: Sequence[Numbers]) -> Index:
    """Two clubs and a season ``[3, k]`` wherever nothing tells one from another."""
    clubs = len(keys[0])
    level = np.ones((clubs, *keys[0].shape), np.bool_)
    for key in keys:
        level &= key[:, None] == key[None]
    level[np.arange(clubs), np.arange(clubs)] = False
    return np.stack(np.unravel_index(np.flatnonzero(level), level.shape))


def _between(tables: Tables, level: Index, criterion: Criterion, shape: tuple[int, ...]) -> list[Numbers]:
    """What ranks clubs by their matches among those ``level`` with them; 0 where these are not all played."""
    one, other, season = level
    few = tables.played[one, other] < MEETINGS
    waiting = np.zeros(shape, np.bool_)
    waiting[one[few], season[few]] = True
    held = few | waiting[other, season]
    waits = waiting.copy()
    waits[one[held], season[held]] = True
    level = level[:, ~waits[one, season]]
    if criterion == "between_away":
        return [_of(tables, "away", level, shape)]
    if criterion == "between_again":
        return _again(tables, level, shape)
    return [_of(tables, what, level, shape) for what in AMONG]


def _again(tables: Tables, level: Index, shape: tuple[int, ...]) -> list[Numbers]:
    """The same, from the first part on again whenever one has parted some who were level."""
    keys: list[Numbers] = []
    stage = 0
    while stage < len(AMONG) and level.size:
        keys.append(key := _of(tables, AMONG[stage], level, shape))
        one, other, season = level
        still = key[one, season] == key[other, season]
        stage = stage + 1 if still.all() else 0
        level = level[:, still]
    return keys


def _of(tables: Tables, what: str, level: Index, shape: tuple[int, ...]) -> Numbers:
    """What each club got ``[c, s]`` against those who are level with it."""
    one, other, season = level
    got = tables.against(what, one, other, season)
    found = np.bincount(np.ravel_multi_index((one, season), shape), got, minlength=math.prod(shape))
    return found.reshape(shape).astype(np.int32)
