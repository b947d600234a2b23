"""When clubs and leagues played: the index by which everything is looked up as of a day."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.features.calendar import season_of

Index = NDArray[np.intp]

NONE = -1
"""No such position, day or season."""

TWO_WEEKS = 14

_DAY_BITS = 20
_DAY_MASK = (1 << _DAY_BITS) - 1


class Timeline(Struct, frozen=True):
    """The match days of many subjects (clubs or leagues), sorted by subject, then day.

    ``key`` int64 ``[m]`` is subject and day in one number. ``season`` is that of the day, ``played`` the
    matches of that season so far, the day's own among them.
    """

    key: NDArray[np.int64]
    season: NDArray[np.int16]
    played: NDArray[np.int16]

    def at(self, subject: Index, day: Index) -> Index:
        """The position of a match day that is in the timeline."""
        return np.searchsorted(self.key, _key(subject, day))

    def before(self, subject: Index, day: Index) -> Index:
        """The position of each subject's last match day before each day; -1 where there is none."""
        position = np.searchsorted(self.key, _key(subject, day)) - 1
        found = (position >= 0) & (self.key[position] >> _DAY_BITS == subject) & (subject >= 0)
        return np.where(found, position, NONE)

    @property
    def subject(self) -> NDArray[np.int64]:
        """The club or league of each position."""
        return self.key >> _DAY_BITS

    def between(self, subject: Index, first: Index, day: Index) -> Index:
        """How many match days each subject had from ``first`` on and before ``day``."""
        after = np.searchsorted(self.key, _key(subject, day))
        found: Index = after - np.searchsorted(self.key, _key(subject, first))
        return found

    def first(self, subject: int) -> int:
        """The day of a subject's first match day."""
        return int(self.key[np.searchsorted(self.key, subject << _DAY_BITS)]) & _DAY_MASK

    def day(self, position: Index) -> NDArray[np.int64]:
        """The day at each position, since 1970-01-01."""
        return self.key[position] & _DAY_MASK


def timeline(subject: Index, day: Index) -> Timeline:
    """The timeline of subjects that played on days, in any order; a subject may play more than once a day."""
    key, matches = np.unique(_key(subject, day), return_counts=True)
    season = season_of(key & _DAY_MASK)
    return Timeline(key, season, _running_count(key >> _DAY_BITS, season, matches).astype(np.int16))


def _key(subject: Index, day: Index) -> NDArray[np.int64]:
    return (subject.astype(np.int64) << _DAY_BITS) | day


def _running_count(subject: NDArray[np.int64], season: NDArray[np.int16], matches: Index) -> Index:
    total = np.cumsum(matches)
    begins = (np.diff(subject, prepend=NONE) != 0) | (np.diff(season, prepend=NONE) != 0)
    before = np.where(begins, total - matches, 0)
    return total - np.maximum.accumulate(before)


class Standing(Struct, frozen=True):
    """Where clubs stand before the kick-off of ``n`` fixtures; every array is ``[n]``.

    ``position`` is the club's last match day in its timeline, or -1; ``summers`` how many it has seen
    since; ``joins`` whether it comes up into its league this season and has not played yet; ``played``
    its matches this season, ``recent`` those of the last two weeks; ``last_day`` the day of its last
    match, or -1.
    """

    position: Index
    summers: Index
    joins: NDArray[np.bool_]
    played: Index
    recent: Index
    last_day: Index

    def of(self, chosen: slice) -> "Standing":
        """Some of the fixtures."""
        return Standing(**{name: getattr(self, name)[chosen] for name in Standing.__struct_fields__})


class Calendar(Struct, frozen=True):
    """The timelines of clubs and leagues; ``league_first`` is the first season of each league."""

    clubs: Timeline
    leagues: Timeline
    league_first: NDArray[np.int16]

    def standing(self, club: Index, league: Index, day: Index) -> Standing:
        """Where each club stands before each day."""
        season = season_of(day).astype(np.intp)
        position = self.clubs.before(club, day)
        known = position >= 0
        last_season = np.where(known, self.clubs.season[position], NONE).astype(np.intp)
        summers = np.where(known, season - last_season, 0)
        return Standing(
            position=position,
            summers=summers,
            joins=self._joins(last_season, league, day, season),
            played=np.where(known & (summers == 0), self.clubs.played[position], 0),
            recent=self.clubs.between(club, day - TWO_WEEKS, day),
            last_day=np.where(known, self.clubs.day(position), NONE),
        )

    def _joins(self, last_season: Index, league: Index, day: Index, season: Index) -> NDArray[np.bool_]:
        """A club that missed its league's last finished season has come up, however old that season is.

        In a league's first season no one has.
        """
        position = self.leagues.before(league, day)
        league_season = np.where(position >= 0, self.leagues.season[position], NONE)
        last_finished = np.where(league_season == season, season - 1, league_season)
        return (last_finished >= self.league_first[league]) & (last_season < last_finished)
