"""The row of a fixture, as of kick-off: the same code for a season of matches and for one request."""

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.features import components
from sabiscore.features.calendar import day_of
from sabiscore.features.history import History
from sabiscore.features.parameters import Parameters
from sabiscore.features.ratings import Floats
from sabiscore.features.seasons import summer
from sabiscore.features.timeline import NONE, Index, Standing

FULL_REST = 30
"""Days of rest beyond which more make no difference."""

FULL_SEASON = 38

FixtureKey: TypeAlias = tuple[str, str, str, int]
"""League code, home key, away key, day since 1970-01-01."""


class Sides(Struct, frozen=True):
    """One side of ``n`` fixtures: its clubs before kick-off, ``values`` ``[n, k]`` as `components.CLUB`."""

    values: Floats
    standing: Standing


class Rows(Struct, frozen=True):
    """``matrix`` float32 ``[n, features]`` in the order of `spec.NAMES`, and what it was made from.

    ``league`` ``[n, 4]`` are the league's running means as `components.LEAGUE`.
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
        self._summer = summer(parameters)

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
        means = self.history.league_means(league, day)
        home_side, away_side = self._sides(home, league, day), self._sides(away, league, day)
        return Rows(_matrix(home_side, away_side, means, day), home_side, away_side, means)

    def _sides(self, club: Index, league: Index, day: Index) -> Sides:
        standing = self.history.calendar.standing(club, league, day)
        factor, start = self._summer.effect(standing)
        values = self.history.club_values[standing.position].astype(np.float64)
        return Sides(start + factor * values, standing)


def _matrix(home: Sides, away: Sides, league: Floats, day: Index) -> NDArray[np.float32]:
    """The columns of `spec.GROUPS`, in their order."""
    h = dict(zip(components.CLUB, home.values.T, strict=True))
    a = dict(zip(components.CLUB, away.values.T, strict=True))
    home_scores, away_scores = h["goals_for"] + a["goals_against"], a["goals_for"] + h["goals_against"]
    home_shoots, away_shoots = h["shots_for"] + a["shots_against"], a["shots_for"] + h["shots_against"]
    columns = (
        league[:, components.LEAGUE.index("home_goals")],
        league[:, components.LEAGUE.index("away_goals")],
        h["pi_home"] - a["pi_away"],
        0.5 * ((h["pi_home"] + h["pi_away"]) - (a["pi_home"] + a["pi_away"])),
        h["elo"] - a["elo"],
        home_scores,
        away_scores,
        home_scores - away_scores,
        home_shoots,
        away_shoots,
        home_shoots - away_shoots,
        h["form"],
        a["form"],
        h["form"] - a["form"],
        _rest(home, day),
        _rest(away, day),
        (home.standing.played + away.standing.played) / (2.0 * FULL_SEASON),
        h["promoted"],
        a["promoted"],
    )
    return np.column_stack(columns).astype(np.float32)


def _rest(side: Sides, day: Index) -> NDArray[np.intp]:
    rested = np.where(side.standing.last_day == NONE, FULL_REST, day - side.standing.last_day)
    return np.minimum(rested, FULL_REST)
