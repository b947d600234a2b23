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

    ``subject``, ``season``, ``played`` and ``day`` ``[m + 1]`` are the timeline's; the last, which is also the one at
    -1, is that of a subject that has not played.
    """

    def __init__(self, line: Timeline) -> None:
        self._key = line.key
        self.subject = np.append(line.subject, _NO_ONE).astype(np.intp)
        self.season = np.append(line.season, NONE).astype(np.intp)
        self.played = np.append(line.played, 0).astype(np.intp)
        self.day = np.append(line.day, NONE)

    def before(self, subject: Index, day: Index) -> Index:
        """The position of each subject's last match day before each day; -1 where there is none."""
        position: Index = self._key.searchsorted(_key(subject, day)) - 1
        position[self.subject[position] != subject] = NONE
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
    begins = (np.diff(subject, prepend=NONE) != 0) | (np.diff(season, prepend=NONE) != 0)
    return running_sum(matches, begins)


def running_sum(values: Index, begins: NDArray[np.bool_]) -> Index:
    """Sums ``[m]`` of values so far, from the last place that ``begins``."""
    total = np.cumsum(values)
    starts = np.maximum.accumulate(np.where(begins, np.arange(len(values)), 0))
    found: Index = total - (total - values)[starts]
    return found


class Standing(Struct, frozen=True):
    """Where clubs stand before the kick-off of ``n`` fixtures; every array is ``[n]``, or of any other shape.

    ``position`` is the club's last match day in its timeline, or -1; ``summers`` how many it has seen
    since; ``joins`` whether it comes from outside: no match of it is known in the season before, though its country
    was playing; ``moved`` by how many divisions it went down (up is below 0) since its last match, ``came`` since
    last season; ``played`` its matches this season, ``recent`` those of the last two weeks; ``last_day`` the day of
    its last match, or -1.
    """

    position: Index
    summers: Index
    joins: NDArray[np.bool_]
    moved: Index
    came: Index
    played: Index
    recent: Index
    last_day: Index

    def of(self, side: int) -> "Standing":
        """One side, 0 home or 1 away, of fixtures ``[2, n]``."""
        return Standing(**{name: getattr(self, name)[side] for name in Standing.__struct_fields__})


class Calendar(Struct, frozen=True):
    """The timelines of clubs, leagues and countries, and where clubs played.

    ``club_league`` ``[m]`` is the league of each match day of a club; ``level`` and ``country`` ``[leagues]`` tell
    which division of which country a league is.
    """

    clubs: Timeline
    leagues: Timeline
    club_league: NDArray[np.int16]
    level: NDArray[np.int16]
    country: NDArray[np.int16]


class AsOf:
    """A calendar ready to be asked where clubs and leagues stood before any day."""

    def __init__(self, calendar: Calendar) -> None:
        self.clubs, self.leagues = Past(calendar.clubs), Past(calendar.leagues)
        self.countries = Past(_countries(calendar))
        self._level = calendar.level.astype(np.intp)
        self._country = calendar.country.astype(np.intp)
        self.club_league = np.append(calendar.club_league, NONE).astype(np.intp)
        self._came = np.append(_came(calendar), 0)
        self._finished = np.append(_seasons_before(self.countries), NONE)

    def standing(self, club: Index, league: Index, day: Index, until: Index | None = None) -> Standing:
        """Where clubs, of any shape that fits the others, stand before each day in a league.

        What was played on the days from ``until`` on, which is none after ``day``, is not known; by default that is
        ``day``.
        """
        until = day if until is None else until
        season = season_of(day).astype(np.intp)
        position = self.clubs.before(club, until)
        last_season = self.clubs.season[position]
        summers = np.where(position == NONE, 0, season - last_season)
        moved = np.where(position == NONE, 0, self._level[league] - self._level[self.club_league[position]])
        country = self.countries.before(self._country[league], until)
        country_season = self.countries.season[country]
        finished = np.where(country_season == season, self._finished[country], country_season)
        same = last_season == season
        return Standing(
            position=position,
            summers=summers,
            joins=last_season < finished,
            moved=moved,
            came=np.where(same, self._came[position], moved),
            played=self.clubs.played[position] * same,
            recent=self.clubs.between(club, np.minimum(day - TWO_WEEKS, until), until),
            last_day=self.clubs.day[position],
        )


def _countries(calendar: Calendar) -> Timeline:
    leagues = calendar.leagues
    country = calendar.country.astype(np.intp)[leagues.subject]
    return timeline(country, leagues.day.astype(np.intp))


def _seasons_before(past: Past) -> Index:
    """The last season ``[m]`` that each subject had played before that of its match day."""
    begins = np.flatnonzero(
        (np.diff(past.season[:-1], prepend=NONE) != 0) | (np.diff(past.subject[:-1], prepend=NONE) != 0)
    )
    before = past.season[begins - 1]
    before[past.subject[begins - 1] != past.subject[begins]] = NONE
    return np.repeat(before, np.diff(begins, append=len(past.season) - 1))


def _came(calendar: Calendar) -> Index:
    """By how many divisions each club had gone down ``[m]`` when the season of its match day began."""
    line, level = calendar.clubs, calendar.level[calendar.club_league].astype(np.intp)
    begins = np.diff(line.season, prepend=NONE) != 0
    follows = np.diff(line.subject, prepend=NONE) == 0
    change = np.where(begins & follows, np.diff(level, prepend=0), 0)
    return running_sum(change, begins | ~follows)
