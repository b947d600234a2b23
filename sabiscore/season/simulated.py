"""Tables of thousands of seasons that were played to the end by chance."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.data.ranking import DRAW, Numbers, Tally, once
from sabiscore.season.chance import Goals
from sabiscore.season.standings import Index


class Simulated(Struct, frozen=True):
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
        rest = np.zeros((len(self.past.base), self.goals.shape[-1]), np.int16)
        for clubs, ours, theirs in ((self.home, *self.goals), (self.away, *self.goals[::-1])):
            got = self._got(what, ours, theirs).astype(np.int16)
            for club, each in zip(clubs.tolist(), got, strict=True):
                rest[club] += each
        return self.past.total(what) + rest

    def against(self, what: str, one: Index, other: Index, season: Index) -> Numbers:
        """The ``points``, the ``difference`` or the ``away`` goals that one club got against another ``[k]``."""
        found = self.past.against(what, one, other, np.zeros_like(season))
        for numbers in self._meetings():
            hosts, guests = (numbers[one, other], self.goals), (numbers[other, one], self.goals[::-1])
            for number, goals in (guests,) if what == "away" else (hosts, guests):
                met = np.flatnonzero(number >= 0)
                found[met] += self._got(what, *goals[:, number[met], season[met]])
        return found

    def _got(self, what: str, ours: Goals, theirs: Goals) -> Goals:
        """What sides with so many goals get of a match."""
        if what == "points":
            got: Goals = np.int8(self.win) * (ours > theirs) + np.int8(DRAW) * (ours == theirs)
            return got
        if what == "wins":
            return (ours > theirs).view(np.int8)
        return ours - theirs if what == "difference" else ours

    def _meetings(self) -> list[Index]:
        """The match of two clubs ``[c, c]``, the first its host, and those in which they meet again; -1 is none."""
        found = []
        for which in once(self.home, self.away):
            numbers = np.full(self.past.played.shape, -1, np.intp)
            numbers[self.home[which], self.away[which]] = which
            found.append(numbers)
        return found
