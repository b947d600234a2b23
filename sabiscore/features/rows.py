"""The row of a fixture, as of kick-off: the same code for a season of matches and for one request."""

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias, TypeVar

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features import columns, kalman
from sabiscore.features.build import first_seasons
from sabiscore.features.calendar import day_of, open_doors, season_of
from sabiscore.features.columns import Known
from sabiscore.features.components import (
    CLUB,
    CLUB_STEPS,
    LEAGUE,
    LEAGUE_PRIOR,
    LEAGUE_STEPS,
    restored,
)
from sabiscore.features.history import History
from sabiscore.features.kalman import COMPONENTS, Arrival, Rules
from sabiscore.features.matches import Roster
from sabiscore.features.motivation import Motivation, Tables
from sabiscore.features.parameters import Parameters
from sabiscore.features.timeline import NONE, AsOf, Index, Standing

FixtureKey: TypeAlias = tuple[str, str, str, int]
"""League code, home key, away key, day since 1970-01-01."""

_AT_ONCE = 20_000
_STATE = [
    (kalman.SLOW, kalman.DIFFERENCE, "strength_slow"),
    (kalman.FAST, kalman.DIFFERENCE, "strength_fast"),
    (kalman.FASTER, kalman.DIFFERENCE, "strength_faster"),
    (kalman.HOME, kalman.DIFFERENCE, "strength_home"),
    (kalman.SLOW_VARIANCE, kalman.DIFFERENCE, "strength_slow_variance"),
    (kalman.FAST_VARIANCE, kalman.DIFFERENCE, "strength_fast_variance"),
    (kalman.PLAYED, kalman.DIFFERENCE, "strength_played"),
    (kalman.SLOW, kalman.SUM, "goals_slow"),
    (kalman.FAST, kalman.SUM, "goals_fast"),
    (kalman.FASTER, kalman.SUM, "goals_faster"),
    (kalman.SLOW_VARIANCE, kalman.SUM, "goals_slow_variance"),
    (kalman.FAST_VARIANCE, kalman.SUM, "goals_fast_variance"),
]
"""Where in a state of the filters each component of a snapshot is; what rows do not need is not kept."""

_KINDS = 2
_PLACE = np.array([component * _KINDS + kind for component, kind, _ in _STATE])
_COLUMN = np.array([CLUB.index(name) for *_, name in _STATE])
_IS_STATE = np.isin(np.arange(len(CLUB)), _COLUMN)
_MEANS = np.array([LEAGUE.index("mean_strength"), LEAGUE.index("mean_goals")])
_CORNERS = [CLUB.index("corners_for"), CLUB.index("corners_against")]
_MEAN_CORNERS = [LEAGUE.index("home_corners"), LEAGUE.index("away_corners")]
_NEW = np.array([float(name.startswith("corners")) for name in CLUB])
"""What else is kept of a club of which nothing is known."""


class Goals(Struct, frozen=True):
    """Goals ``[2, n]`` of clubs in their season so far."""

    scored: Index
    conceded: Index


class Rows(Struct, frozen=True):
    """``matrix`` float32 ``[n, features]`` in the order of `columns.NAMES`, and what it was made from.

    ``values`` ``[2, n, k]`` are the clubs at kick-off as `components.CLUB`, the home clubs first, as in ``standing``
    and ``motivation``, whose arrays are ``[2, n]``. ``league`` ``[n, 6]`` is what is known of the leagues, as
    `components.LEAGUE`, ``division`` ``[n]`` their level, and ``table`` ``[2, n]`` goals of the clubs this season.
    """

    matrix: NDArray[np.float32]
    values: Floats
    standing: Standing
    motivation: Motivation
    league: Floats
    division: Index
    table: Goals

    @property
    def corner_index(self) -> Floats:
        """Corners won and lost of the home club, then of the away club ``[n, 4]``, 1 on average."""
        return np.concatenate([side[:, _CORNERS] for side in self.values], axis=1)

    @property
    def mean_corners(self) -> Floats:
        """Corners of the home and of the away side in the league ``[n, 2]``, NaN where nobody counts them."""
        means = self.league[:, _MEAN_CORNERS]
        return np.where(means > 0.0, means, np.nan)


class RowMaker:
    """Makes rows from a history; a row knows only matches of days before its fixture's own."""

    def __init__(self, history: History, parameters: Parameters) -> None:
        self.history = history
        self.parameters = parameters
        self._known = _known(history.roster)
        self._rules = Rules(parameters)
        self._past = AsOf(history.calendar)
        self._tables = Tables(
            self._past, history.results, history.rules, history.first_season, parameters.motivation
        )
        self._league_values = np.vstack(
            (restored(history.league_values, LEAGUE_STEPS), tuple(LEAGUE_PRIOR.values()))
        )
        self._level = history.calendar.level.astype(np.intp)
        self._first = first_seasons(history.calendar)
        first = history.calendar.leagues.first
        self._first_dates = {league: day_of(first(index)) for league, (index, _) in self._known.items()}

    def has_league(self, league: str) -> bool:
        """Whether any match of this league is known."""
        return league in self._known

    def first_date(self, league: str) -> date:
        """The date of the first match known of a league that `has_league`."""
        return self._first_dates[league]

    def fixtures(self, fixtures: Sequence[FixtureKey], ago: int = 0) -> Rows:
        """The rows of fixtures; a club never seen in its country comes from outside.

        They are made from the matches of the days before each fixture's, without the last ``ago`` of them.

        Raises:
            KeyError: a league is not in the history.
        """
        known = self._known
        indices = [
            (index, clubs.get(home, NONE), clubs.get(away, NONE), day)
            for league, home, away, day in fixtures
            for index, clubs in (known[league],)
        ]
        league, home, away, day = np.array(indices, np.intp).reshape(-1, 4).T
        return self._rows(league, np.array((home, away)), day, day - ago)

    def matches(self, frame: pl.DataFrame, ago: int = 0) -> Rows:
        """The rows of all matches of a canonical frame, each as of so many days before its own."""
        keys = frame.select("league", "home", "away", pl.col("date").cast(pl.Int32)).rows()
        parts = [self.fixtures(keys[at : at + _AT_ONCE], ago) for at in range(0, max(len(keys), 1), _AT_ONCE)]
        return parts[0] if len(parts) == 1 else _together(parts)

    def _rows(self, league: Index, clubs: Index, day: Index, until: Index) -> Rows:
        """The rows of home and away ``clubs`` ``[2, n]``, from what was played before ``until``."""
        season = season_of(day).astype(np.intp)
        last = self._past.leagues.before(league, until)
        of_league, level = self._league_values[last], self._level[league]
        standing = self._past.standing(clubs, league, day, until)
        first = season <= self._first[league]
        values = self._arrived(standing, first=first, level=level, day=day, until=until, of_league=of_league)
        motivation = self._tables.motivation(last, clubs, season)
        known = Known(
            values=values,
            standing=standing,
            days=day,
            level=level,
            league=of_league,
            open_doors=open_doors(day, self.parameters.closed_doors),
            motivation=motivation,
            worth=motivation.worth(self.parameters.motivation),
        )
        return Rows(
            columns.matrix(known), values, standing, motivation, of_league, level, self._goals(standing)
        )

    def _goals(self, standing: Standing) -> Goals:
        """The goals of clubs in the season of their fixture; none where it has not begun."""
        results, begun = self.history.results, standing.played > 0
        scored = np.where(begun, results.scored[standing.position], 0)
        return Goals(scored, scored - np.where(begun, results.difference[standing.position], 0))

    def _arrived(
        self,
        standing: Standing,
        *,
        first: NDArray[np.bool_],
        level: Index,
        day: Index,
        until: Index,
        of_league: Floats,
    ) -> Floats:
        """The components ``[2, n, k]`` of clubs at kick-off; ``first`` where it is the league's first season."""
        values = restored(self.history.club_values[standing.position], CLUB_STEPS)
        flat = values.reshape(-1, len(CLUB))
        state = np.zeros((COMPONENTS * _KINDS, len(flat)))
        state[_PLACE] = flat[:, _COLUMN].T
        joins = standing.joins | (standing.position == NONE)
        then = self._past.club_league[standing.position]
        means_then = self._league_values[self._past.leagues.before(then, until).ravel()][:, _MEANS].T
        means_now = of_league[:, _MEANS].T
        arrival = Arrival(
            summers=standing.summers.ravel(),
            days=np.where(standing.summers > 0, 0, day - standing.last_day).ravel(),
            joins=joins.ravel(),
            first=(joins & first).ravel(),
            moved=standing.moved.ravel(),
            level=np.concatenate((level, level)),
            mean_then=means_then,
            mean_now=np.concatenate((means_now, means_now), axis=1),
        )
        arrived = self._rules.arrive(state.reshape(COMPONENTS, _KINDS, len(flat)), arrival)
        flat[:, _COLUMN] = arrived.reshape(state.shape)[_PLACE].T
        values[joins] = np.where(_IS_STATE, values[joins], _NEW)
        return values


def _known(roster: Roster) -> dict[str, tuple[int, dict[str, int]]]:
    """By league its index, and the indices of the clubs of its country by key."""
    of_country: dict[str, dict[str, int]] = {country: {} for country in roster.country}
    for index, (country, club) in enumerate(roster.clubs):
        of_country[country][club] = index
    leagues = zip(roster.leagues, roster.country, strict=True)
    return {league: (index, of_country[country]) for index, (league, country) in enumerate(leagues)}


def _together(parts: Sequence[Rows]) -> Rows:
    """The rows of all parts as one."""
    return Rows(
        matrix=np.concatenate([part.matrix for part in parts]),
        values=np.concatenate([part.values for part in parts], axis=1),
        standing=_joined([part.standing for part in parts]),
        motivation=_joined([part.motivation for part in parts]),
        league=np.concatenate([part.league for part in parts]),
        division=np.concatenate([part.division for part in parts]),
        table=_joined([part.table for part in parts]),
    )


_S = TypeVar("_S", Standing, Motivation, Goals)


def _joined(parts: Sequence[_S]) -> _S:
    """Structs of arrays ``[2, n, ...]`` as one."""
    kind = type(parts[0])
    names = kind.__struct_fields__
    return kind(**{name: np.concatenate([getattr(part, name) for part in parts], axis=1) for name in names})
