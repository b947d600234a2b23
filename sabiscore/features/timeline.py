"""When clubs and leagues played: the index by which everything is looked up as of a day."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.features.calendar import season_of

Index = NDArray[np.intp]

NONE = -1
"""No such position, day or season."""

TWO_WEEKS = 14

_NO_ONE = -2
"""Not even the subject that is `NONE`."""

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

    @property
    def subject(self) -> NDArray[np.int64]:
        """The club or league of each position."""
        return self.key >> _DAY_BITS

    @property
    def day(self) -> NDArray[np.int64]:
        """The day at each position, since 1970-01-01."""
        return self.key & _DAY_MASK

    def first(self, subject: int) -> int:
        """The day of a subject's first match day."""
        return int(self.key[np.searchsorted(self.key, subject << _DAY_BITS)]) & _DAY_MASK


class Past:
    """A timeline ready to be asked about the days before any day.

    ``season``, ``played`` and ``day`` ``[m + 1]`` are the timeline's; the last, which is also the one at -1, is
    that of a subject that has not played.
    """

    def __init__(self, line: Timeline) -> None:
        self._key = line.key
        self._subject = np.append(line.subject, _NO_ONE)
        self.season = np.append(line.season, NONE).astype(np.intp)
        self.played = np.append(line.played, 0).astype(np.intp)
        self.day = np.append(line.day, NONE)

    def before(self, subject: Index, day: Index) -> Index:
        """The position of each subject's last match day before each day; -1 where there is none."""
        position: Index = self._key.searchsorted(_key(subject, day)) - 1
        position[self._subject[position] != subject] = NONE
        return position

    def between(self, subject: Index, since: Index, until: Index) -> Index:
        """How many match days each subject had from one day until, and without, another."""
        search = self._key.searchsorted
        found: Index = search(_key(subject, until)) - search(_key(subject, since))
        return found


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
    """Where clubs stand before the kick-off of ``n`` fixtures; every array is ``[n]``, or of any other shape.

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

    def of(self, side: int) -> "Standing":
        """One side, 0 home or 1 away, of fixtures ``[2, n]``."""
        return Standing(**{name: getattr(self, name)[side] for name in Standing.__struct_fields__})


class Calendar(Struct, frozen=True):
    """The timelines of clubs and leagues; ``league_first`` is the first season of each league."""

    clubs: Timeline
    leagues: Timeline
    league_first: NDArray[np.int16]

    def standing(self, club: Index, league: Index, day: Index) -> Standing:
        """Where each club stands before each day."""
        past = AsOf(self)
        return past.standing(club, league, day, past.leagues.before(league, day))


class AsOf:
    """A calendar ready to be asked where clubs and leagues stood before any day."""

    def __init__(self, calendar: Calendar) -> None:
        self.clubs, self.leagues = Past(calendar.clubs), Past(calendar.leagues)
        self._league_first = calendar.league_first.astype(np.intp)

    def standing(
        self, club: Index, league: Index, day: Index, league_position: Index, until: Index | None = None
    ) -> Standing:
        """Where clubs, of any shape that fits the others, stand before each day.

        ``league_position`` is that of the league's last match day, from ``leagues``. What was played on the
        days from ``until`` on, which is none after ``day``, is not known; by default that is ``day``.
        """
        until = day if until is None else until
        season = season_of(day).astype(np.intp)
        position = self.clubs.before(club, until)
        last_season = self.clubs.season[position]
        summers = season - last_season
        summers[position == NONE] = 0
        league_season = self.leagues.season[league_position]
        return Standing(
            position=position,
            summers=summers,
            joins=self._joins(last_season, league, league_season - (league_season == season)),
            played=self.clubs.played[position] * (last_season == season),
            recent=self.clubs.between(club, np.minimum(day - TWO_WEEKS, until), until),
            last_day=self.clubs.day[position],
        )

    def _joins(self, last_season: Index, league: Index, last_finished: Index) -> NDArray[np.bool_]:
        """A club that missed its league's last finished season has come up, however old that season is.

        In a league's first season no one has.
        """
        return (last_finished >= self._league_first[league]) & (last_season < last_finished)
