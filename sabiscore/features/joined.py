"""A history and the match days that follow: both in one."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features.components import CLUB, LEAGUE
from sabiscore.features.history import History
from sabiscore.features.leagues import Running
from sabiscore.features.matches import Roster
from sabiscore.features.motivation import Results
from sabiscore.features.state import State, renumbered
from sabiscore.features.timeline import Calendar, Index, Timeline, merged, of_each, running_sum

T = TypeVar("T", bound=np.generic)


class Known(Struct, frozen=True):
    """Of a history what does not follow from the matches to come: see `History`."""

    calendar: Calendar
    results: Results
    club_values: NDArray[np.int16]
    league_values: NDArray[np.int16]


def nothing_known(roster: Roster) -> Known:
    """Of no matches."""
    none = np.empty(0, np.int16)
    line = Timeline(np.empty(0, np.int64), none, none)
    calendar = Calendar(line, line, none, none, roster.countries)
    values = (np.empty((0, len(names)), np.int16) for names in (CLUB, LEAGUE))
    return Known(calendar, Results(none, none, none), *values)


def known_until(history: History, day: int, roster: Roster) -> Known:
    """Of the matches until a day, with the numbers of a roster that has all who played in them."""
    calendar = history.calendar
    club, league = renumbered(history.roster, roster)
    of_clubs, of_leagues = calendar.clubs.day <= day, calendar.leagues.day <= day
    clubs, leagues = calendar.clubs.of(of_clubs, club), calendar.leagues.of(of_leagues, league)
    results = (getattr(history.results, name)[of_clubs] for name in Results.__struct_fields__)
    return Known(
        Calendar(
            clubs,
            leagues,
            league[calendar.club_league[of_clubs]].astype(np.int16),
            calendar.level,
            calendar.country,
        ),
        Results(*results),
        history.club_values[of_clubs],
        history.league_values[of_leagues],
    )


class Lines:
    """The match days that are known and the new ones, and both in one."""

    def __init__(self, older: Calendar, newer: Calendar) -> None:
        self._older, self.newer = older, newer
        self._clubs, self._club_order = merged(older.clubs, newer.clubs)
        self._leagues, self._league_order = merged(older.leagues, newer.leagues)

    def calendar(self, level: NDArray[np.int16]) -> Calendar:
        """Of both."""
        return Calendar(
            clubs=self._clubs,
            leagues=self._leagues,
            club_league=self.of_clubs(self._older.club_league, self.newer.club_league),
            level=level,
            country=self.newer.country,
        )

    def results(self, known: Results, of_day: Sequence[Index]) -> Results:
        """Of both: of the known ones as they stand, of the new ones day by day."""
        begins = self._older.clubs.begins
        sums = []
        for name, new in zip(Results.__struct_fields__, of_day, strict=True):
            old = of_each(getattr(known, name).astype(np.intp), begins)
            sums.append(running_sum(self.of_clubs(old, new), self._clubs.begins).astype(np.int16))
        return Results(*sums)

    def means(self, state: State, running: Running) -> Floats:
        """The leagues' means ``[m + 1, 7]`` after each match day from the last known one on; -1 has the priors."""
        at_first = state.running.means[self._older.leagues.subject]
        both = self.of_leagues(at_first, running.means)
        return np.concatenate((both, Running.start(1).means))

    def of_clubs(self, older: NDArray[T], newer: NDArray[T]) -> NDArray[T]:
        """The values ``[m, ...]`` at each position of clubs."""
        return np.concatenate((older, newer))[self._club_order]

    def of_leagues(self, older: NDArray[T], newer: NDArray[T]) -> NDArray[T]:
        """The values ``[m, ...]`` at each position of leagues."""
        return np.concatenate((older, newer))[self._league_order]
