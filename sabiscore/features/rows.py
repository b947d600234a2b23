"""The row of a fixture, as of kick-off: the same code for a season of matches and for one request."""

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.features import components
from sabiscore.features.averages import Floats
from sabiscore.features.calendar import day_of, open_doors
from sabiscore.features.history import History, league_values_before
from sabiscore.features.parameters import Parameters
from sabiscore.features.seasons import days_of_rest, passage
from sabiscore.features.timeline import NONE, Index, Standing

FULL_SEASON = 38

FixtureKey: TypeAlias = tuple[str, str, str, int]
"""League code, home key, away key, day since 1970-01-01."""


class Sides(Struct, frozen=True):
    """One side of ``n`` fixtures: its clubs before kick-off, ``values`` ``[n, k]`` as `components.CLUB`."""

    values: Floats
    standing: Standing


class Rows(Struct, frozen=True):
    """``matrix`` float32 ``[n, features]`` in the order of `spec.NAMES`, and what it was made from.

    ``league`` ``[n, 11]`` is what is known of the leagues, as `components.LEAGUE`.
    """

    matrix: NDArray[np.float32]
    home: Sides
    away: Sides
    league: Floats


class RowMaker:
    """Makes rows from a history; a row knows only matches of days before its fixture's own."""

    def __init__(self, history: History, parameters: Parameters) -> None:
        self.history = history
        self.parameters = parameters
        self._leagues, self._clubs = history.roster.indices()
        self._passage = passage(parameters)

    def has_league(self, league: str) -> bool:
        """Whether any match of this league is known."""
        return league in self._leagues

    def first_date(self, league: str) -> date:
        """The date of the first match known of a league that `has_league`."""
        return day_of(self.history.calendar.leagues.first(self._leagues[league]))

    def fixtures(self, fixtures: Sequence[FixtureKey]) -> Rows:
        """The rows of fixtures; a club never seen in its league has just come up.

        Raises:
            KeyError: a league is not in the history.
        """
        leagues = [self._leagues[league] for league, _, _, _ in fixtures]
        home = [self._clubs.get((league, club), NONE) for league, club, _, _ in fixtures]
        away = [self._clubs.get((league, club), NONE) for league, _, club, _ in fixtures]
        days = [day for _, _, _, day in fixtures]
        return self._rows(*(np.array(column, np.intp) for column in (leagues, home, away, days)))

    def matches(self, frame: pl.DataFrame) -> Rows:
        """The rows of all matches of a canonical frame, each as of its own day."""
        return self.fixtures(frame.select("league", "home", "away", pl.col("date").cast(pl.Int32)).rows())

    def _rows(self, league: Index, home: Index, away: Index, day: Index) -> Rows:
        leagues = self.history.calendar.leagues
        known = league_values_before(leagues, self.history.league_values, league, day)
        clubs, both = np.concatenate((home, away)), np.concatenate((day, day))
        values, standing = self._clubs_before(clubs, np.concatenate((league, league)), both)
        sides = [
            Sides(values[half], standing.of(half)) for half in (slice(0, len(day)), slice(len(day), None))
        ]
        return Rows(self._matrix(sides[0], sides[1], known, day), sides[0], sides[1], known)

    def _clubs_before(self, club: Index, league: Index, day: Index) -> tuple[Floats, Standing]:
        standing = self.history.calendar.standing(club, league, day)
        factor, start = self._passage.effect(standing)
        values = self.history.club_values[standing.position].astype(np.float64)
        return self._passage.rest(start + factor * values, days_of_rest(standing, day)), standing

    def _matrix(self, home: Sides, away: Sides, league: Floats, day: Index) -> NDArray[np.float32]:
        """The columns of `spec.GROUPS`, in their order."""
        h, a, known = home.values, away.values, league
        doors = open_doors(day, self.parameters.closed_doors)
        results = h[:, _RESULTS] + h[:, _RESULTS_HOME] - a[:, _RESULTS]
        strength = h[:, _STRENGTH] + h[:, _STRENGTH_HOME] - a[:, _STRENGTH]
        columns = (
            known[:, _LEAGUE_HOME] * doors,
            known[:, _LEAGUE_TOTAL],
            results,
            strength - results,
            h[:, _TOTAL] + a[:, _TOTAL],
            h[:, _VARIANCE] + a[:, _VARIANCE],
            days_of_rest(home.standing, day),
            days_of_rest(away.standing, day),
            home.standing.recent,
            away.standing.recent,
            (home.standing.played + away.standing.played) / (2.0 * FULL_SEASON),
            h[:, _PROMOTED],
            a[:, _PROMOTED],
        )
        return np.column_stack(columns).astype(np.float32)


_RESULTS, _RESULTS_HOME, _STRENGTH, _STRENGTH_HOME, _VARIANCE, _TOTAL, _PROMOTED = (
    components.CLUB.index(name)
    for name in (
        "results",
        "results_home",
        "strength",
        "strength_home",
        "strength_variance",
        "total",
        "promoted",
    )
)
_LEAGUE_HOME, _LEAGUE_TOTAL = (components.LEAGUE.index(name) for name in ("strength_home", "total"))
