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
from sabiscore.features.history import History, with_prior
from sabiscore.features.parameters import Parameters
from sabiscore.features.seasons import days_of_rest, passage
from sabiscore.features.timeline import NONE, AsOf, Index, Standing

FULL_SEASON = 38

FixtureKey: TypeAlias = tuple[str, str, str, int]
"""League code, home key, away key, day since 1970-01-01."""


class Sides(Struct, frozen=True):
    """One side of ``n`` fixtures: its clubs before kick-off, ``values`` ``[n, k]`` as `components.CLUB`."""

    values: Floats
    standing: Standing


class Rows(Struct, frozen=True):
    """``matrix`` float32 ``[n, features]`` in the order of `spec.NAMES`, and what it was made from.

    ``values`` ``[2, n, k]`` are the clubs before kick-off as `components.CLUB`, the home clubs first, as in
    ``standing``, whose arrays are ``[2, n]``. ``league`` ``[n, 11]`` is what is known of the leagues, as
    `components.LEAGUE`.
    """

    matrix: NDArray[np.float32]
    values: Floats
    standing: Standing
    league: Floats

    @property
    def home(self) -> Sides:
        """The home clubs."""
        return Sides(self.values[0], self.standing.of(0))

    @property
    def away(self) -> Sides:
        """The away clubs."""
        return Sides(self.values[1], self.standing.of(1))


class RowMaker:
    """Makes rows from a history; a row knows only matches of days before its fixture's own."""

    def __init__(self, history: History, parameters: Parameters) -> None:
        self.history = history
        self.parameters = parameters
        self._leagues, self._clubs = history.roster.indices()
        self._passage = passage(parameters)
        self._past = AsOf(history.calendar)
        self._league_values = with_prior(history.league_values)
        first = history.calendar.leagues.first
        self._first_dates = {league: day_of(first(index)) for league, index in self._leagues.items()}

    def has_league(self, league: str) -> bool:
        """Whether any match of this league is known."""
        return league in self._leagues

    def first_date(self, league: str) -> date:
        """The date of the first match known of a league that `has_league`."""
        return self._first_dates[league]

    def fixtures(self, fixtures: Sequence[FixtureKey], ago: int = 0) -> Rows:
        """The rows of fixtures; a club never seen in its league has just come up.

        They are made from the matches of the days before each fixture's, without the last ``ago`` of them.

        Raises:
            KeyError: a league is not in the history.
        """
        leagues, clubs = self._leagues, self._clubs
        indices = [
            (leagues[league], clubs.get((league, home), NONE), clubs.get((league, away), NONE), day)
            for league, home, away, day in fixtures
        ]
        league, home, away, day = np.array(indices, np.intp).reshape(-1, 4).T
        return self._rows(league, np.array((home, away)), day, day - ago)

    def matches(self, frame: pl.DataFrame, ago: int = 0) -> Rows:
        """The rows of all matches of a canonical frame, each as of so many days before its own."""
        keys = frame.select("league", "home", "away", pl.col("date").cast(pl.Int32)).rows()
        return self.fixtures(keys, ago)

    def _rows(self, league: Index, clubs: Index, day: Index, until: Index) -> Rows:
        """The rows of home and away ``clubs`` ``[2, n]``, from what was played before ``until``."""
        last = self._past.leagues.before(league, until)
        standing = self._past.standing(clubs, league, day, last, until)
        factor, start = self._passage.effect(standing)
        snapshots = self.history.club_values.take(standing.position, axis=0).astype(np.float64)
        rested = days_of_rest(standing, day)
        values = self._passage.rest(start + factor * snapshots, rested)
        known = self._league_values[last]
        return Rows(self._matrix(values, standing, rested, known, day), values, standing, known)

    def _matrix(
        self, values: Floats, standing: Standing, rested: Index, league: Floats, day: Index
    ) -> NDArray[np.float32]:
        """The columns of `spec.GROUPS`, in their order."""
        home, away = values.transpose(0, 2, 1)
        results = home[_RESULTS] + home[_RESULTS_HOME] - away[_RESULTS]
        strength = home[_STRENGTH] + home[_STRENGTH_HOME] - away[_STRENGTH]
        columns = (
            league[:, _LEAGUE_HOME] * open_doors(day, self.parameters.closed_doors),
            league[:, _LEAGUE_TOTAL],
            results,
            strength - results,
            home[_TOTAL] + away[_TOTAL],
            home[_VARIANCE] + away[_VARIANCE],
            *rested,
            *standing.recent,
            (standing.played[0] + standing.played[1]) / (2.0 * FULL_SEASON),
            home[_PROMOTED],
            away[_PROMOTED],
        )
        return np.array(columns, dtype=np.float32).T.copy()


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
