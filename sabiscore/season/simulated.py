"""Tables of thousands of seasons that were played to the end by chance."""

from functools import cached_property

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.data.ranking import DRAW, Numbers, Tally, once
from sabiscore.models.grid import GOALS
from sabiscore.season.chance import Goals
from sabiscore.season.standings import Index


class Simulated(Struct, frozen=True, dict=True):
    """What clubs got in ``past`` matches and in ``m`` more of each of ``s`` seasons (`ranking.Tables`).

    ``home`` and ``away`` are their clubs ``[m]`` by number, ``goals`` ``[2, m, s]`` those of the home club first,
    ``win`` is what a win is worth.
    """

    past: Tally
    home: Index
    away: Index
    goals: Goals
    win: int

    @property
    def played(self) -> NDArray[np.int16]:
        """How often two met ``[c, c]``."""
        found = self.past.played.copy()
        np.add.at(found, (self.home, self.away), 1)
        np.add.at(found, (self.away, self.home), 1)
        return found

    def total(self, what: str) -> Numbers:
        """All ``points``, ``wins``, goals ``scored`` or the ``difference`` of each club ``[c, s]``."""
        if what == "difference":
            return self.past.total(what) + self._rest_scored - self._sum(*self.goals[::-1])
        if what == "scored":
            return self.past.total(what) + self._rest_scored
        return self.points if what == "points" else self._got_in_all(what)

    @cached_property
    def points(self) -> Numbers:
        """All points ``[c, s]``, which are asked for again and again."""
        return self._got_in_all("points")

    @cached_property
    def _rest_scored(self) -> Numbers:
        """Goals ``[c, s]`` in matches to come."""
        return self._sum(*self.goals)

    def _got_in_all(self, what: str) -> Numbers:
        ours, theirs = (self._got(what, *goals) for goals in (self.goals, self.goals[::-1]))
        return self.past.total(what) + self._sum(ours, theirs)

    def _sum(self, hosts: Goals, guests: Goals) -> Numbers:
        """What each club ``[c, s]`` got of its matches, as host and as guest."""
        found = np.zeros((len(self.past.base), self.goals.shape[-1]), np.int32)
        for clubs, got in ((self.home, hosts), (self.away, guests)):
            most = (GOALS - 1) * int(np.bincount(clubs).max(initial=0))
            part = np.zeros(found.shape, np.min_scalar_type(most))
            for club, each in zip(clubs.tolist(), got.view(np.uint8), strict=True):
                part[club] += each
            found += part
        return found

    def against(self, what: str, one: Index, other: Index, season: Index) -> Numbers:
        """The ``points``, the ``difference`` or the ``away`` goals that one club got against another ``[k]``."""
        found = self.past.against(what, one, other, np.zeros_like(season))
        for numbers in self._meetings:
            hosts, guests = (numbers[one, other], self.goals), (numbers[other, one], self.goals[::-1])
            for number, goals in (guests,) if what == "away" else (hosts, guests):
                met = np.flatnonzero(number >= 0)
                found[met] += self._got(what, *goals[:, number[met], season[met]])
        return found

    def _got(self, what: str, ours: Goals, theirs: Goals) -> Goals:
        """What sides with so many goals get of a match."""
        if what == "points":
            got: Goals = np.int8(self.win) * (ours > theirs).view(np.int8)
            got += np.int8(DRAW) * (ours == theirs).view(np.int8)
            return got
        if what == "wins":
            return (ours > theirs).view(np.int8)
        return ours - theirs if what == "difference" else ours

    @cached_property
    def _meetings(self) -> list[Index]:
        """The match of two clubs ``[c, c]``, the first its host, and those in which they meet again; -1 is none."""
        found = []
        for which in once(self.home, self.away):
            numbers = np.full(self.past.played.shape, -1, np.intp)
            numbers[self.home[which], self.away[which]] = which
            found.append(numbers)
        return found
