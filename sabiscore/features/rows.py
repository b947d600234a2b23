"""The row of a fixture, as of kick-off: the same code for a season of matches and for one request."""

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias, TypeVar

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features import columns
from sabiscore.features.arrivals import Arrivals
from sabiscore.features.calendar import Periods, day_of
from sabiscore.features.columns import Known
from sabiscore.features.components import CLUB, LEAGUE, LEAGUE_PRIOR, LEAGUE_STEPS, restored
from sabiscore.features.history import History
from sabiscore.features.kalman import Rules
from sabiscore.features.matches import Roster
from sabiscore.features.motivation import MATCHES, Goals, Motivation, Tables, Worth
from sabiscore.features.parameters import Parameters
from sabiscore.features.timeline import NOBODY, NONE, AsOf, Index, Standing

FixtureKey: TypeAlias = tuple[str, str, str, int]
"""League code, home key, away key, day since 1970-01-01."""

DaysOfClubs: TypeAlias = tuple[str, Sequence[str], Sequence[int]]
"""League code, keys of clubs, and days."""

_AT_ONCE = 4096
_BY_SIDE = [0, 1, 0, 1, 2, 2, 3, 3, 4, 4]
_MEANS = [LEAGUE.index("mean_strength"), LEAGUE.index("mean_goals")]
_CORNERS = slice(CLUB.index("corners_for"), CLUB.index("corners_against") + 1)
_MEAN_CORNERS = [LEAGUE.index("home_corners"), LEAGUE.index("away_corners")]


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
        return self.values[..., _CORNERS].transpose(1, 0, 2).reshape(-1, 4)

    @property
    def mean_corners(self) -> Floats:
        """Corners of the home and of the away side in the league ``[n, 2]``, NaN where nobody counts them."""
        means = self.league[:, _MEAN_CORNERS]
        return np.where(means > 0.0, means, np.nan)


class Clubs(Struct, frozen=True):
    """Clubs on days: ``values`` ``[n, k]`` as `components.CLUB`, ``league`` ``[n, 6]``, and who is ``known``."""

    values: Floats
    league: Floats
    known: NDArray[np.bool_]


class RowMaker:
    """Makes rows from a history; a row knows only matches of days before its fixture's own."""

    def __init__(self, history: History, parameters: Parameters) -> None:
        self.history = history
        self.parameters = parameters
        self._past = AsOf(history.calendar)
        self._periods = Periods(parameters.closed_doors)
        self._known = _known(history.roster, self._past)
        self._arrivals = Arrivals(Rules(parameters), int(history.calendar.level.max()) + 1)
        self._tables = Tables(
            self._past, history.results, history.rules, history.first_season, parameters.motivation
        )
        self._worth = Worth(parameters.motivation, int(history.rules[..., MATCHES].max()))
        self._leagues = np.vstack(
            (restored(history.league_values, LEAGUE_STEPS), tuple(LEAGUE_PRIOR.values()))
        )
        self._means = self._leagues[:, _MEANS].copy()
        first = history.calendar.leagues.first
        self._first_dates = {code: day_of(first(index)) for index, code in enumerate(history.roster.leagues)}

    def has_league(self, league: str) -> bool:
        """Whether any match of this league is known."""
        return league in self._known

    def first_date(self, league: str) -> date:
        """The date of the first match known of a league that `has_league`."""
        return self._first_dates[league]

    def last_league(self, country: str, club: str) -> str | None:
        """The code of the league of a club's last match; None where none is known."""
        roster, calendar = self.history.roster, self.history.calendar
        if (country, club) not in roster.clubs:
            return None
        last = np.flatnonzero(calendar.clubs.subject == roster.clubs.index((country, club)))[-1]
        league: str = roster.leagues[calendar.club_league[last]]
        return league

    def fixtures(self, fixtures: Sequence[FixtureKey], ago: int = 0, *, neutral: Sequence[bool] = ()) -> Rows:
        """The rows of fixtures; a club never seen in its country comes from outside.

        They are made from the matches of the days before each fixture's, without the last ``ago`` of them. On
        ``neutral`` ground ``[n]``, if that is given, there is no home advantage.

        Raises:
            KeyError: a league is not in the history.
        """
        known = self._known
        asked = [
            (clubs.get(home, NOBODY) + day, clubs.get(away, NOBODY) + day, country + day, league + day, day)
            for code, home, away, day in fixtures
            for country, league, clubs in (known[code],)
        ]
        by_side = np.array(asked, np.intp).reshape(-1, 5).T.take(_BY_SIDE, axis=0).reshape(5, 2, -1)
        return self._rows(by_side[:4], by_side[4], ago, neutral)

    def clubs(self, groups: Sequence[DaysOfClubs]) -> Clubs:
        """What rows know of clubs alone: of each group in turn, on each of its days all its clubs.

        Raises:
            KeyError: a league is not in the history.
        """
        keys = np.concatenate([self._keys(*group) for group in groups], axis=1)
        standing, values = self._arrived(keys[:4], keys[4], 0, self._periods.of(keys[4]))
        return Clubs(values, self._leagues.take(standing.league, axis=0), standing.position != NONE)

    def _keys(self, code: str, clubs: Sequence[str], days: Sequence[int]) -> Index:
        """As `AsOf.standing` is asked, and the days ``[5, d * c]``."""
        country, league, known = self._known[code]
        club = np.array([known.get(name, NOBODY) for name in clubs], np.intp)
        day = np.array(days, np.intp)[:, None]
        asked = np.broadcast_arrays(club + day, club + day, country + day, league + day, day)
        return np.stack(asked).reshape(5, -1)

    def matches(self, frame: pl.DataFrame, ago: int = 0) -> Rows:
        """The rows of all matches of a canonical frame, each as of so many days before its own."""
        keys = frame.select("league", "home", "away", pl.col("date").cast(pl.Int32)).rows()
        parts = [self.fixtures(keys[at : at + _AT_ONCE], ago) for at in range(0, max(len(keys), 1), _AT_ONCE)]
        return parts[0] if len(parts) == 1 else _together(parts)

    def _rows(self, keys: Index, day: Index, ago: int, neutral: Sequence[bool]) -> Rows:
        """The rows of fixtures on days ``[2, n]``; ``keys`` ``[4, 2, n]`` are as `AsOf.standing` is asked."""
        period = self._periods.of(day)
        standing, values = self._arrived(keys, day, ago, period)
        league = self._leagues.take(standing.league[0], axis=0)
        motivation = self._tables.motivation(standing)
        open_doors = self._periods.open_doors.take(period[0])
        if any(neutral):
            open_doors = np.where(neutral, 0.0, open_doors)
        known = Known(
            values=values,
            standing=standing,
            motivation=motivation,
            worth=self._worth.of(motivation),
            rested=day - standing.last_day,
            league=league,
            month=self._periods.month.take(period[0]),
            open_doors=open_doors,
        )
        return Rows(
            columns.matrix(known),
            values,
            standing,
            motivation,
            league,
            standing.level[0],
            self._tables.goals(standing),
        )

    def _arrived(self, keys: Index, day: Index, ago: int, period: Index) -> tuple[Standing, Floats]:
        """Where clubs stand on days ``[...]``, and their ratings then ``[..., k]``."""
        standing = self._past.standing(keys, day, self._periods.season.take(period), ago)
        ways = self._arrivals.ways(standing, day - standing.last_day)
        means = self._means.take(self._past.position(standing.origin, day - ago), axis=0)
        kept = self.history.club_values.take(standing.position, axis=0)
        return standing, self._arrivals.arrived(kept, ways, means)


def _known(roster: Roster, past: AsOf) -> dict[str, tuple[int, int, dict[str, int]]]:
    """By league its country and itself, and the clubs of its country by key, as `AsOf.keys` of day 0."""
    nothing = np.zeros(1, np.intp)
    _, club, _, _ = past.keys(np.arange(len(roster.clubs)), nothing, nothing).tolist()
    _, _, country, league = past.keys(nothing, np.arange(len(roster.leagues)), nothing).tolist()
    of_country: dict[str, dict[str, int]] = {name: {} for name in roster.country}
    for (name, key), number in zip(roster.clubs, club, strict=True):
        of_country[name][key] = number
    leagues = zip(roster.leagues, roster.country, country, league, strict=True)
    return {code: (of, itself, of_country[name]) for code, name, of, itself in leagues}


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
