"""When clubs and leagues played: the index by which everything is looked up as of a day."""

from typing import TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.features.calendar import season_of

Index: TypeAlias = NDArray[np.intp]
Truths: TypeAlias = NDArray[np.bool_]

NONE = -1
"""No such position, day or season."""

NOBODY = 0
"""The subject that has no match days."""

TWO_WEEKS = 14
_SINCE = np.array([[0], [TWO_WEEKS], [0], [0]])
"""Days before its fixture as of which each key of a standing is looked up."""

_POSITION, _DAY, _SEASON, _LEAGUE, _BEFORE, _PLAYED = range(6)
"""Of an entry: position and day in its own timeline, season, the subject that is its league, what was before the season
(by how many divisions a club went down, which one a country had played), matches of the season so far."""

_NOTHING = (NONE, NONE, NONE, 0, 0, 0)

DAY_BITS = 20
DAY_MASK = (1 << DAY_BITS) - 1


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
        return self.key >> DAY_BITS

    @property
    def day(self) -> NDArray[np.int64]:
        """The day at each position, since 1970-01-01."""
        return self.key & DAY_MASK

    @property
    def begins(self) -> Truths:
        """Whether a subject's season begins at each position."""
        found: Truths = (np.diff(self.subject, prepend=NONE) != 0) | (np.diff(self.season, prepend=NONE) != 0)
        return found

    def of(self, chosen: Truths, subject: Index) -> "Timeline":
        """The chosen match days, of subjects by other numbers that leave them in the same order."""
        key = _key(subject[self.subject[chosen]], self.day[chosen])
        return Timeline(key, self.season[chosen], self.played[chosen])

    def first(self, subject: int) -> int:
        """The day of a subject's first match day."""
        return int(self.key[np.searchsorted(self.key, subject << DAY_BITS)]) & DAY_MASK


def timeline(subject: Index, day: Index) -> Timeline:
    """The timeline of subjects that played on days, in any order; a subject may play more than once a day."""
    key, matches = np.unique(_key(subject, day), return_counts=True)
    return _timeline(key, season_of(key & DAY_MASK), matches)


def merged(older: Timeline, newer: Timeline) -> tuple[Timeline, Index]:
    """The match days of both, of which none is in both, and which of them (older, then newer) is at each position."""
    key = np.concatenate((older.key, newer.key))
    order = np.argsort(key, kind="stable")
    season = np.concatenate((older.season, newer.season))
    matches = [of_each(line.played.astype(np.intp), line.begins) for line in (older, newer)]
    return _timeline(key[order], season[order], np.concatenate(matches)[order]), order


def _timeline(key: NDArray[np.int64], season: NDArray[np.int16], matches: Index) -> Timeline:
    """With so many matches on each day."""
    line = Timeline(key, season, np.empty(0, np.int16))
    return Timeline(key, season, running_sum(matches, line.begins).astype(np.int16))


def _key(subject: Index, day: Index) -> NDArray[np.int64]:
    return (subject.astype(np.int64) << DAY_BITS) | day


def running_sum(values: Index, begins: Truths) -> Index:
    """Sums ``[m]`` of values so far, from the last place that ``begins``."""
    total = np.cumsum(values)
    starts = np.maximum.accumulate(np.where(begins, np.arange(len(values)), 0))
    found: Index = total - (total - values)[starts]
    return found


def of_each(sums: Index, begins: Truths) -> Index:
    """The values ``[m]`` of which these are the sums so far, from the last place that ``begins``."""
    found: Index = np.where(begins, sums, np.diff(sums, prepend=0))
    return found


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


class Standing(Struct, frozen=True):
    """Where clubs stand before the kick-off of fixtures; every array has the shape of these.

    ``position`` is the club's last match day in its timeline, ``so_far`` the same if it was in this season and ``here``
    if it was in this league too, else -1; ``last_day`` its day; ``summers`` how many it has seen since; ``joins``
    whether it comes from outside: no match of it is known in the season before, though its country was playing; ``new``
    whether it does, or none of it is known at all; ``moved`` by how many divisions it went down (up is below 0) since
    its last match, ``came`` since last season; ``played`` its matches this season, ``recent`` those of the last two
    weeks.

    ``level`` is the league's division, ``league`` its last match day in its timeline, ``table`` the same if it is of
    this season, else -1; ``first`` whether this season is its first. ``origin`` is the league that the club was in
    last, to a new one that where it is, as `AsOf.position` is asked about it.
    """

    position: Index
    last_day: Index
    summers: Index
    joins: Truths
    new: Truths
    moved: Index
    came: Index
    played: Index
    recent: Index
    so_far: Index
    here: Index
    level: Index
    league: Index
    table: Index
    first: Truths
    origin: Index


class AsOf:
    """A calendar ready to be asked where clubs and leagues stood before any day.

    All match days are one line of subjects: nobody, clubs, leagues, then countries with the first day of each season.
    A subject's first entry is what it was before them, so that there is one before any day.
    """

    def __init__(self, calendar: Calendar) -> None:
        clubs, leagues = calendar.clubs, calendar.leagues
        self.calendar = calendar
        level = calendar.level.astype(np.intp)
        self._league = int(clubs.subject[-1]) + 2
        self._country = calendar.country.astype(np.intp) + self._league + len(level)
        self._level = np.concatenate((np.zeros(self._league, np.intp), level))
        self._first = np.concatenate((np.zeros(self._league, np.intp), first_seasons(calendar)))
        countries, finished = _countries(calendar)
        parts = (clubs, leagues, countries)
        size = 1 + sum(len(line.key) + int(line.subject[-1]) + 1 for line in parts)
        self._key, self._entries = np.zeros(size, np.int64), np.empty((size, len(_NOTHING)), np.int32)
        self._entries[:] = _NOTHING
        rest = self._key[1:], self._entries[1:]
        came, league = _came(calendar), calendar.club_league.astype(np.int32) + self._league
        rest = _fill(*rest, clubs, first=1, league=league, before=came)
        rest = _fill(*rest, leagues, first=self._league, league=leagues.subject + self._league, before=0)
        _fill(*rest, countries, first=self._league + len(level), league=0, before=finished)

    def keys(self, club: Index, league: Index, day: Index) -> Index:
        """What `standing` is asked about clubs (-1 is nobody) in leagues on days, all ``[...]``: ``[4, ...]``."""
        club, league, day = np.broadcast_arrays(club + 1, league, day)
        return _key(np.stack((club, club, self._country[league], league + self._league)), day)

    def standing(self, keys: Index, day: Index, season: Index, ago: int = 0) -> Standing:
        """Where clubs stand in a league on each day ``[...]``, by what was played until ``ago`` days before it.

        ``keys`` ``[4, ...]`` are those of the club, the club, the country and the league.
        """
        asked = keys.reshape(4, -1)
        places = self._key.searchsorted(asked - np.maximum(_SINCE, ago)) - 1
        found = self._entries.take(places, axis=0).transpose(0, 2, 1).astype(np.intp, order="C")
        club, _, country, there = found.reshape(4, len(_NOTHING), *day.shape)
        position, last_day, then, league, came, played = club
        now = (asked[3] >> DAY_BITS).reshape(day.shape)
        level, unknown, elsewhen = self._level.take(now), position == NONE, then != season
        summers, moved = season - then, level - self._level.take(league)
        np.putmask(summers, unknown, 0)
        np.putmask(moved, unknown, 0)
        np.putmask(came, elsewhen, moved)
        np.putmask(played, elsewhen, 0)
        np.putmask(country[_SEASON], country[_SEASON] == season, country[_BEFORE])
        joins = then < country[_SEASON]
        new = joins | unknown
        here = _or(position, elsewhen | (league != now))
        np.putmask(league, new, now)
        return Standing(
            position=position,
            last_day=last_day,
            summers=summers,
            joins=joins,
            new=new,
            moved=moved,
            came=came,
            played=played,
            recent=(places[0] - places[1]).reshape(day.shape),
            so_far=_or(position, elsewhen),
            here=here,
            level=level,
            league=there[_POSITION],
            table=_or(there[_POSITION], there[_SEASON] != season),
            first=season <= self._first.take(now),
            origin=league << DAY_BITS,
        )

    def position(self, subject: Index, day: Index) -> NDArray[np.int32]:
        """The last match day of each subject, as `Standing.origin`, before each day; -1 where there is none."""
        return self._entries.take(self._key.searchsorted(subject + day) - 1, axis=0)[..., _POSITION]

    def played_in(self, club: Index, league: Index, season: Index, day: Index) -> Index:
        """The last match day of each club before a day, -1 unless it was in this season of this league."""
        places = self._key.searchsorted(_key(club + 1, day)) - 1
        found = self._entries.take(places, axis=0)
        there = (found[..., _SEASON] == season) & (found[..., _LEAGUE] == league + self._league)
        return np.where(there, found[..., _POSITION], NONE)


def _or(values: Index, where: Truths, other: Index | int = NONE) -> Index:
    """Values, and the other ones where it is so."""
    found = values.copy()
    np.putmask(found, where, other)
    return found


def _fill(
    key: NDArray[np.int64],
    entries: NDArray[np.int32],
    line: Timeline,
    *,
    first: int,
    league: Index | NDArray[np.int32] | int,
    before: Index | int,
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Write a timeline, its subjects numbered from ``first`` on, each with an entry before it; what is left."""
    subject = line.subject
    places = np.arange(1, len(subject) + 1) + subject
    key[places] = line.key
    begins = places[np.flatnonzero(np.diff(subject, prepend=NONE))] - 1
    key[begins] = np.arange(len(begins)) << DAY_BITS
    size = len(places) + len(begins)
    key[:size] += first << DAY_BITS
    for column, values in enumerate(
        (places - 1 - subject, line.day, line.season, league, before, line.played)
    ):
        entries[places, column] = values
    return key[size:], entries[size:]


def first_seasons(calendar: Calendar) -> Index:
    """The first season known of each league."""
    begins = np.flatnonzero(np.diff(calendar.leagues.subject, prepend=NONE))
    return calendar.leagues.season[begins].astype(np.intp)


def _countries(calendar: Calendar) -> tuple[Timeline, Index]:
    """The first day of each season of each country, and the season that it had played before, or -1."""
    leagues = calendar.leagues
    line = timeline(calendar.country.astype(np.intp)[leagues.subject], leagues.day.astype(np.intp))
    begins = np.flatnonzero(
        (np.diff(line.season, prepend=NONE) != 0) | (np.diff(line.subject, prepend=NONE) != 0)
    )
    firsts = Timeline(line.key[begins], line.season[begins], line.played[begins])
    before = np.concatenate(([NONE], firsts.season[:-1]))
    before[np.diff(firsts.subject, prepend=NONE) != 0] = NONE
    return firsts, before


def _came(calendar: Calendar) -> Index:
    """By how many divisions each club had gone down ``[m]`` when the season of its match day began."""
    line, level = calendar.clubs, calendar.level[calendar.club_league].astype(np.intp)
    begins = np.diff(line.season, prepend=NONE) != 0
    follows = np.diff(line.subject, prepend=NONE) == 0
    change = np.where(begins & follows, np.diff(level, prepend=0), 0)
    return running_sum(change, begins | ~follows)
