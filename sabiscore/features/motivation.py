"""What clubs still have to play for: the table as of a day, and how near its lines they are.

A line is a number of places: the title, the Champions League, Europe, staying up (in lower divisions what is like
them: going up, its play-offs). To a club inside, the rival is the first outside, and the other way round. How important
a match is to it is the chance that three points decide, if points to come were normally distributed.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features.normal import ndtr
from sabiscore.features.parameters import MotivationParameters
from sabiscore.features.timeline import DAY_BITS, DAY_MASK, NONE, AsOf, Calendar, Index, Standing

LINES = 4
CLUBS, MATCHES, FIRST_LINE = range(3)
"""The columns of `Matches.rules`: after two numbers come the lines."""

_HALF_A_WIN = 1.5
_FEWEST_MATCHES = 0.5
_OUT_OF_REACH = 3.0
"""Points a match: a line further away is safe or gone."""

_FARTHEST = 30.0
_DECISIVE = (0, 1, 3)
"""The lines that a club must have no business with to be dead: not Europe's."""

_REMEMBERED = 64
_AT_ONCE = 4096
_IMPORTANCE, _GAP = slice(0, LINES), slice(LINES + 1, 2 * LINES + 1)
_DEAD, _PLACE, _POINTS, _REMAINING = LINES, *range(2 * LINES + 1, 2 * LINES + 4)
_WIDTH = _REMAINING + 1
_STAKES = slice(0, LINES + 1)
"""Importance by line, and whether the club is dead."""

NAMES = (
    *(f"importance_{line}" for line in range(LINES)),
    "dead",
    *(f"gap_{line}" for line in range(LINES)),
    "place",
    "points",
    "remaining",
)

_NO_MEMBER = 0


class Results(Struct, frozen=True):
    """What each club has got together in its season ``[m]`` after each of its match days."""

    points: NDArray[np.int16]
    difference: NDArray[np.int16]
    scored: NDArray[np.int16]


class Goals(Struct, frozen=True):
    """Goals ``[2, n]`` of clubs in their season so far; none where it has not begun."""

    scored: NDArray[np.int16]
    conceded: NDArray[np.int16]


class Motivation(Struct, frozen=True):
    """The clubs of ``n`` fixtures in their tables; ``[2, n, 4]`` by line, else ``[2, n]``, home clubs first.

    ``importance`` is 0 to 1, ``gap`` points to the rival (what it may still get beyond ours counted), ``dead`` 1 where
    nothing is left to play for, ``place`` from 0 (first) to 1, ``points`` a match, ``remaining`` matches; all 0 where
    the league has not begun its season, and all but ``remaining`` where the club has not. ``values`` ``[2, n, 12]`` are
    all of them, in the order of `NAMES`.
    """

    values: Floats

    @property
    def importance(self) -> Floats:
        """By line."""
        return self.values[..., _IMPORTANCE]

    @property
    def gap(self) -> Floats:
        """By line."""
        return self.values[..., _GAP]

    @property
    def dead(self) -> Floats:
        """1 or 0."""
        return self.values[..., _DEAD]

    @property
    def place(self) -> Floats:
        """0 to 1."""
        return self.values[..., _PLACE]

    @property
    def points(self) -> Floats:
        """A match."""
        return self.values[..., _POINTS]

    @property
    def remaining(self) -> Floats:
        """Matches."""
        return self.values[..., _REMAINING]


class Worth:
    """What having something to play for is worth, with at most so many matches of a season."""

    def __init__(self, rules: MotivationParameters, most_matches: int) -> None:
        remaining = np.arange(most_matches + 1.0)
        matches = np.maximum(remaining, 1.0)
        days = np.array([[rules.difference_matches], [rules.sum_matches]])
        fading = np.exp((1.0 - matches) / days) * (remaining > 0.0)
        level = np.array([[0.0], [rules.sum_level]])
        self._by_remaining = np.stack(np.broadcast_arrays(np.sqrt(matches), level, fading))
        weights = ((*rules.difference, rules.difference_dead), (*rules.sum, rules.sum_dead))
        self._weights = np.array(weights)[:, None]

    def of(self, motivation: Motivation) -> Floats:
        """What it adds ``[2, n]`` to the logarithms of the ratio and of the product of goals."""
        home, away = motivation.values
        root, level, fading = self._by_remaining.take(
            np.minimum(home[:, _REMAINING], away[:, _REMAINING]).astype(np.intp), axis=2
        )
        stakes = np.empty((2, len(home), LINES + 1))
        np.subtract(home[:, _STAKES], away[:, _STAKES], out=stakes[0])
        np.add(home[:, _STAKES], away[:, _STAKES], out=stakes[1])
        stakes *= self._weights
        found: Floats = root * stakes[..., :LINES].sum(axis=2)
        found += stakes[..., LINES]
        found += level
        found *= fading
        return found


class Tables:
    """The tables of all leagues as of any day; those made last are remembered."""

    def __init__(
        self,
        past: AsOf,
        results: Results,
        rules: NDArray[np.int16],
        first_season: int,
        parameters: MotivationParameters,
    ) -> None:
        self._past, self._calendar = past, past.calendar
        columns = (results.points, results.difference, results.scored, self._calendar.clubs.played)
        self._results = np.zeros((len(columns), len(results.points) + 1), np.int16)
        for number, column in enumerate(columns):
            self._results[number, :NONE] = column
        self._rules = rules.astype(np.intp)
        self._first_season = first_season
        self._members, self._member = _members(self._calendar, rules.shape[:2], first_season)
        self._spread, self._points = parameters.spread, parameters.points_a_match
        self._width = self._members.shape[-1] + 1
        nowhere = np.full(len(self._calendar.leagues.key) + 1, NONE, np.int32)
        nowhere[NONE] = 0
        self._kept = self._none = nowhere, np.zeros((self._width, _WIDTH))

    def motivation(self, standing: Standing) -> Motivation:
        """Of clubs that stand there ``[2, n]``."""
        where, values = self._with(standing.table[0])
        return Motivation(values.take(where.take(standing.table) + self._member.take(standing.here), axis=0))

    def goals(self, standing: Standing) -> Goals:
        """Of clubs that stand there ``[2, n]``."""
        difference, scored = self._results[1:3].take(standing.so_far, axis=1)
        return Goals(scored, scored - difference)

    def _with(self, tables: Index) -> tuple[NDArray[np.int32], Floats]:
        """The values ``[k, 12]`` of the clubs of tables, these among them, and where those of each table begin."""
        where, values = self._kept
        if NONE not in where.take(tables).tolist():
            return where, values
        if len(values) > _REMEMBERED * self._width:
            where, values = self._none
        missing = np.unique(tables[where[tables] == NONE])
        where = where.copy()
        where[missing] = len(values) + self._width * np.arange(len(missing))
        parts = [self._made(missing[at : at + _AT_ONCE]) for at in range(0, len(missing), _AT_ONCE)]
        values = np.concatenate((values, *(part.reshape(-1, _WIDTH) for part in parts)))
        if len(missing) <= _REMEMBERED:
            self._kept = where, values
        return where, values

    def _made(self, tables: Index) -> Floats:
        """The values ``[t, w, 12]`` after the match days at these positions; the first are a club's yet to play."""
        line = self._calendar.leagues
        league, day = line.key[tables] >> DAY_BITS, line.key[tables] & DAY_MASK
        season = line.season[tables].astype(np.intp)
        year = np.clip(season - self._first_season, 0, self._rules.shape[1] - 1)
        rules = self._rules[league, year]
        position = self._past.played_in(
            self._members[league, year], league[:, None], season[:, None], day[:, None] + 1
        )
        values = np.zeros((len(tables), self._width, _WIDTH))
        values[:, _NO_MEMBER, _REMAINING] = rules[:, MATCHES]
        self._fill(values[:, 1:], position, rules)
        return values

    def _fill(self, values: Floats, position: Index, rules: Index) -> None:
        """The values ``[t, w, 12]`` of clubs after their match days at ``position``; without one they are last."""
        points, difference, scored, played = self._results[:, position].astype(np.float64)
        remaining = np.maximum(rules[:, [MATCHES]] - played, 0.0)
        rank = np.where(position == NONE, -np.inf, points * 1e6 + difference * 1e3 + scored)
        order = np.argsort(-rank, axis=1, kind="stable")
        place = np.argsort(order, axis=1, kind="stable")
        count = np.maximum((position != NONE).sum(axis=1), 1)
        inside = np.clip(rules[:, FIRST_LINE:, None], 1, None)
        rival_place = np.minimum(inside - (place[:, None] >= inside), count[:, None, None] - 1)
        begins = position.shape[1] * np.arange(len(position))[:, None]
        rival = (order + begins).take(rival_place + begins[..., None])
        theirs, there = points.take(rival), remaining.take(rival)
        gap = points[:, None] - theirs + self._points * (remaining[:, None] - there)
        matches = np.maximum(0.5 * (remaining[:, None] + there), _FEWEST_MATCHES)
        scale = self._spread * np.sqrt(matches)
        above, below = ndtr(np.stack((gap + _HALF_A_WIN, gap - _HALF_A_WIN)) / scale)
        values[..., _IMPORTANCE] = (above - below).swapaxes(1, 2)
        values[..., _GAP] = np.clip(gap, -_FARTHEST, _FARTHEST).swapaxes(1, 2)
        values[..., _DEAD] = (np.abs(gap) > _OUT_OF_REACH * matches)[:, _DECISIVE].all(axis=1)
        values[..., _PLACE] = place / rules[:, [CLUBS]].clip(1)
        values[..., _POINTS] = points / np.maximum(played, 1.0)
        values[..., _REMAINING] = remaining


def _members(
    calendar: Calendar, shape: tuple[int, ...], first_season: int
) -> tuple[Index, NDArray[np.int32]]:
    """The clubs ``[leagues, seasons, w]`` that played in each league in each season, -1 fills up.

    Also the place of its club among them, from 1 on, at each match day of a club ``[m + 1]``; the last is 0.
    """
    line = calendar.clubs
    group = calendar.club_league.astype(np.int32) * shape[1] + (line.season - first_season)
    subject = line.subject
    begins = np.append(True, (np.diff(group) != 0) | (np.diff(subject) != 0))
    keys, which = np.unique(group[begins].astype(np.int64) << 32 | subject[begins], return_inverse=True)
    groups = keys >> 32
    number = (np.arange(len(keys)) - groups.searchsorted(groups)).astype(np.int32)
    members = np.full((shape[0] * shape[1], number.max(initial=0) + 1), NONE, dtype=np.intp)
    members[groups, number] = keys & ((1 << 32) - 1)
    place = np.repeat(number[which] + np.int32(1), np.diff(np.flatnonzero(np.append(begins, True))))
    return members.reshape(*shape, -1), np.append(place, np.int32(0))
