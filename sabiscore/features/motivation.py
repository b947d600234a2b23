"""What clubs still have to play for: the table as of a day, and how near its lines they are.

A line is a number of places: the title, the Champions League, Europe, staying up (in lower divisions what is like
them: going up, its play-offs). To a club inside, the rival is the first outside, and the other way round. How important
a match is to it is the chance that three points decide, if points to come were normally distributed.
"""

from collections import OrderedDict

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.special import ndtr

from sabiscore.arrays import Floats
from sabiscore.features.parameters import MotivationParameters
from sabiscore.features.timeline import NONE, AsOf, Index

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
_WIDTH = 4 + 2 * LINES
_IMPORTANCE, _GAP = slice(0, LINES), slice(LINES, 2 * LINES)
_DEAD, _PLACE, _POINTS, _REMAINING = range(2 * LINES, _WIDTH)
_NO_MEMBER = -1


class Results(Struct, frozen=True):
    """What each club has got together in its season ``[m]`` after each of its match days."""

    points: NDArray[np.int16]
    difference: NDArray[np.int16]
    scored: NDArray[np.int16]


class Motivation(Struct, frozen=True):
    """The clubs of ``n`` fixtures in their tables; ``[2, n, 4]`` by line, else ``[2, n]``, home clubs first.

    ``importance`` is 0 to 1, ``gap`` points to the rival (what it may still get beyond ours counted), ``dead`` 1 where
    nothing is left to play for, ``place`` from 0 (first) to 1, ``points`` a match, ``remaining`` matches; all 0 where
    the league has not begun its season, and all but ``remaining`` where the club has not.
    """

    importance: Floats
    gap: Floats
    dead: Floats
    place: Floats
    points: Floats
    remaining: Floats

    def worth(self, rules: MotivationParameters) -> Floats:
        """What it adds ``[2, n]`` to the logarithms of the ratio and of the product of goals."""
        (home, away), (home_dead, away_dead) = self.importance, self.dead
        fewest = self.remaining.min(axis=0)
        begun, remain = fewest > 0.0, np.maximum(fewest, 1.0)
        root = np.sqrt(remain)
        ahead = root * _weighted(home - away, rules.difference) + rules.difference_dead * (
            home_dead - away_dead
        )
        both = root * _weighted(home + away, rules.sum) + rules.sum_dead * (home_dead + away_dead)
        return np.stack(
            (
                np.exp((1.0 - remain) / rules.difference_matches) * begun * ahead,
                np.exp((1.0 - remain) / rules.sum_matches) * begun * (both + rules.sum_level),
            )
        )


def _weighted(lines: Floats, weights: tuple[float, ...]) -> Floats:
    """Sums ``[n]`` over lines; not a product of matrices, whose last digit depends on how many rows there are."""
    found: Floats = (lines * weights).sum(axis=1)
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
        self._past = past
        self._results = np.column_stack(
            [
                np.append(each, 0).astype(np.int16)
                for each in (results.points, results.difference, results.scored)
            ]
        )
        self._rules = rules.astype(np.intp)
        self._first_season = first_season
        self._members = _members(past, rules.shape[:2], first_season)
        self._spread, self._points = parameters.spread, parameters.points_a_match
        self._remembered: OrderedDict[int, tuple[Index, Floats]] = OrderedDict()

    def motivation(self, last: Index, clubs: Index, season: Index) -> Motivation:
        """Of the ``clubs`` ``[2, n]`` of fixtures in a season, after the last match days known of their leagues."""
        last = np.where(self._past.leagues.season[last] == season, last, NONE)
        places: dict[int, int] = {}
        which = np.array([places.setdefault(one, len(places)) for one in last.tolist()], np.intp)
        members, values = self._of(list(places))
        found = members[which] == clubs[..., None]
        rows = values[which, np.where(found.any(axis=-1), found.argmax(axis=-1), _NO_MEMBER)]
        return Motivation(
            rows[..., _IMPORTANCE],
            rows[..., _GAP],
            *(rows[..., column] for column in (_DEAD, _PLACE, _POINTS, _REMAINING)),
        )

    def _of(self, tables: list[int]) -> tuple[Index, Floats]:
        """Members ``[t, w]`` and values ``[t, w + 1, 12]`` after the match days at these positions, none twice."""
        if len(tables) > _REMEMBERED or not tables:
            parts = [self._made(tables[at : at + _AT_ONCE]) for at in range(0, len(tables) or 1, _AT_ONCE)]
            return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
        if missing := [one for one in tables if one not in self._remembered]:
            members, values = self._made(missing)
            self._remembered.update(zip(missing, zip(members, values, strict=True), strict=True))
        found = [self._remembered[one] for one in tables]
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return np.array([members for members, _ in found]), np.array([values for _, values in found])

    def _made(self, positions: list[int]) -> tuple[Index, Floats]:
        """The tables after the match days at these positions; the last values are a club's that has yet to play."""
        past, tables = self._past, np.array(positions, np.intp)
        begun = tables != NONE
        season = past.leagues.season[tables]
        league = np.where(begun, past.leagues.subject[tables], 0)
        year = np.clip(season - self._first_season, 0, self._rules.shape[1] - 1)
        members, rules = self._members[league, year], self._rules[league, year]
        position = past.clubs.before(members, (past.leagues.day[tables] + 1)[:, None])
        position[past.clubs.season[position] != season[:, None]] = NONE
        position[past.club_league[position] != league[:, None]] = NONE
        values = np.zeros((len(tables), position.shape[1] + 1, _WIDTH))
        values[begun, :_NO_MEMBER] = self._values(position, rules)[begun]
        values[begun, _NO_MEMBER, _REMAINING] = rules[begun, MATCHES]
        return np.where(position == NONE, NONE - 1, members), values

    def _values(self, position: Index, rules: Index) -> Floats:
        """The values ``[t, w, 12]`` of clubs after their match days at ``position``; without one they are last."""
        won = self._results[position].astype(np.float64)
        played = self._past.clubs.played[position].astype(np.float64)
        points = won[..., 0]
        remaining = np.maximum(rules[:, [MATCHES]] - played, 0.0)
        rank = np.where(position == NONE, -np.inf, points * 1e6 + won[..., 1] * 1e3 + won[..., 2])
        order = np.argsort(-rank, axis=1, kind="stable")
        place = np.argsort(order, axis=1, kind="stable")
        count = np.maximum((position != NONE).sum(axis=1, keepdims=True), 1)
        values = np.zeros((*position.shape, _WIDTH))
        dead = np.ones(position.shape, dtype=bool)
        for line in range(LINES):
            inside = np.clip(rules[:, [FIRST_LINE + line]], 1, None)
            rival_place = np.minimum(np.where(place < inside, inside, inside - 1), count - 1)
            rival = np.take_along_axis(order, rival_place, axis=1)
            there = np.take_along_axis(remaining, rival, axis=1)
            gap = points - np.take_along_axis(points, rival, axis=1) + self._points * (remaining - there)
            matches = np.maximum(0.5 * (remaining + there), _FEWEST_MATCHES)
            scale = self._spread * np.sqrt(matches)
            values[..., line] = ndtr((gap + _HALF_A_WIN) / scale) - ndtr((gap - _HALF_A_WIN) / scale)
            values[..., LINES + line] = np.clip(gap, -_FARTHEST, _FARTHEST)
            if line in _DECISIVE:
                dead &= np.abs(gap) > _OUT_OF_REACH * matches
        values[..., _DEAD] = dead
        values[..., _PLACE] = place / rules[:, [CLUBS]].clip(1)
        values[..., _POINTS] = points / np.maximum(played, 1.0)
        values[..., _REMAINING] = remaining
        return values


def _members(past: AsOf, shape: tuple[int, ...], first_season: int) -> Index:
    """The clubs ``[leagues, seasons, w]`` that played in each league in each season; -1 fills up."""
    line = past.clubs
    played = np.column_stack((past.club_league[:-1], line.season[:-1] - first_season, line.subject[:-1]))
    new = np.append(True, (np.diff(played, axis=0) != 0).any(axis=1))[: len(played)]
    keys = np.unique(played[new], axis=0)
    group = keys[:, 0] * shape[1] + keys[:, 1]
    begins = np.flatnonzero(np.diff(group, prepend=NONE))
    number = np.arange(len(group)) - np.repeat(begins, np.diff([*begins, len(group)]))
    members = np.full((shape[0] * shape[1], number.max(initial=0) + 1), NONE, dtype=np.intp)
    members[group, number] = keys[:, 2]
    return members.reshape(*shape, -1)
