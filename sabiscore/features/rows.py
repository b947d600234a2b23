"""The row of a fixture, as of kick-off: the same code for a season of matches and for one request."""

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features import columns
from sabiscore.features.calendar import day_of, open_doors
from sabiscore.features.columns import Known
from sabiscore.features.history import History, with_prior
from sabiscore.features.parameters import Parameters
from sabiscore.features.seasons import days_of_rest, season_transition
from sabiscore.features.timeline import NONE, AsOf, Index, Standing

FixtureKey: TypeAlias = tuple[str, str, str, int]
"""League code, home key, away key, day since 1970-01-01."""


class Sides(Struct, frozen=True):
    """One side of ``n`` fixtures: its clubs before kick-off, ``values`` ``[n, k]`` as `components.CLUB`."""

    values: Floats
    standing: Standing


class Rows(Struct, frozen=True):
    """``matrix`` float32 ``[n, features]`` in the order of `columns.NAMES`, and what it was made from.

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
        self._transition = season_transition(parameters)
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
        factor, start = self._transition.effect(standing)
        snapshots = self.history.club_values.take(standing.position, axis=0).astype(np.float64)
        rested = days_of_rest(standing, day)
        values = self._transition.rest(start + factor * snapshots, rested)
        known = self._league_values[last]
        made = columns.matrix(
            Known(values, standing, rested, known, open_doors(day, self.parameters.closed_doors))
        )
        return Rows(made, values, standing, known)
