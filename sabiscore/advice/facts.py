"""From rows of numbers to facts about a fixture and its clubs."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from sabiscore.advice.case import ADJUSTMENT, ODDS, STAY_UP, Case, ClubFacts, Finish, Stake, Triple
from sabiscore.advice.rules import thousandths
from sabiscore.arrays import Floats
from sabiscore.data.seasons import name_of, season_at
from sabiscore.domain import OUTCOMES, Fixture, Odds, Outcome
from sabiscore.features import Rows
from sabiscore.features.columns import EXPLAINED_GROUPS, VARIANCE, index
from sabiscore.features.components import CLUB
from sabiscore.features.kalman import margin
from sabiscore.features.motivation import LINES, NAMES
from sabiscore.features.timeline import NONE
from sabiscore.forecaster import Forecast
from sabiscore.models import conformal
from sabiscore.models.bundles import LastSeason
from sabiscore.models.calibration import (
    INTERVAL_COVERAGE,
    SET_COVERAGE,
    Calibration,
    interval,
)
from sabiscore.models.grid import agreed
from sabiscore.models.odds import expected_closing, moved, weights_of

HOME, AWAY = 0, 1
_GOALS = index("goal_level", "goals", "recent_goals")
_FORM, _REDS = CLUB.index("form"), CLUB.index("reds")
_RATINGS = np.array(
    [
        [name == "strength_played" for name in CLUB],
        [(name == "strength_slow") - (name == "strength_played") for name in CLUB],
        [name in {"strength_fast", "strength_faster"} for name in CLUB],
        [name == "strength_home" for name in CLUB],
    ],
    np.float64,
).T
"""What the parts of a club's rating are the sums of ``[k, 4]``: by results, by odds, lately, at home."""


class CaseBuilder:
    """Makes cases of forecast fixtures: what a bundle knows of itself, beside what it says of each."""

    def __init__(
        self, calibration: Calibration, data_through: date, last_season: Mapping[str, LastSeason]
    ) -> None:
        self._calibration = calibration
        self._licensed, self._poor = calibration.licensed, calibration.poor
        self._data_through = data_through
        self._relegated = {
            (code, club): (last, place)
            for code, last in last_season.items()
            for club, place in last.relegated.items()
        }

    def build(self, fixtures: Sequence[Fixture], days: Sequence[int], forecast: Forecast) -> list[Case]:
        """What there is to say about each of the ``fixtures`` of a forecast, kicked off on these ``days``."""
        probabilities, base = _triples(forecast.probabilities), _triples(forecast.explained.base)
        rounded = [thousandths(triple) for triple in probabilities]
        contributions, market = _contributions(forecast), _triples(forecast.market)
        grids, closing = agreed(forecast.grids, np.array(rounded)), self._closing_odds(fixtures, forecast)
        more_goals = _more_goals(forecast.rows)
        intervals, outcome_sets = self._intervals(fixtures, forecast), self._outcome_sets(forecast)
        finishes = [self._finish(fixture, side) for side in (HOME, AWAY) for fixture in fixtures]
        clubs = _clubs(forecast.rows, days, finishes)
        return [
            Case(
                fixture=fixture,
                probabilities=probabilities[k],
                rounded=rounded[k],
                base=base[k],
                contributions=contributions[k],
                grid=grids[k],
                corners=forecast.corners[k],
                intervals=intervals[k],
                interval_coverage=INTERVAL_COVERAGE,
                outcome_set=outcome_sets[k],
                outcome_set_coverage=SET_COVERAGE,
                licensed=fixture.league.code in self._licensed,
                poor_league=fixture.league.code in self._poor,
                more_goals=more_goals[k],
                home=clubs[k],
                away=clubs[k + len(fixtures)],
                data_through=self._data_through,
                market=None if fixture.odds is None else market[k],
                closing_odds=closing.get(k),
            )
            for k, fixture in enumerate(fixtures)
        ]

    def unsure(self, fixtures: Sequence[Fixture], rows: Rows) -> NDArray[np.bool_]:
        """Whether a club of each fixture joins or may have gone down ``[n]``, as `Case.unsure` says it."""
        down = [any(self._finish(fixture, side) for side in (HOME, AWAY)) for fixture in fixtures]
        return rows.standing.joins.any(axis=0) | np.array(down, np.bool_)

    def _intervals(self, fixtures: Sequence[Fixture], forecast: Forecast) -> list[list[list[float]]]:
        """Low and high ``[n][3][2]`` of each probability."""
        known = self._calibration
        widths = np.array(
            [
                (known.interval_with_odds if fixture.odds else known.interval).of(fixture.league.code)
                for fixture in fixtures
            ]
        )
        variance = forecast.rows.matrix[:, VARIANCE].astype(np.float64)
        found: list[list[list[float]]] = interval(forecast.probabilities, variance, widths).tolist()
        return found

    def _outcome_sets(self, forecast: Forecast) -> list[tuple[Outcome, ...]]:
        members = conformal.members(forecast.probabilities, self._calibration.outcome_sets.threshold)
        return [tuple(compress(OUTCOMES, inside)) for inside in members.tolist()]

    def _closing_odds(self, fixtures: Sequence[Fixture], forecast: Forecast) -> dict[int, Triple]:
        """Where the odds given are expected at kick-off, by the place of their fixture."""
        given = {k: _prices(fixture.odds) for k, fixture in enumerate(fixtures) if fixture.odds is not None}
        if not given:
            return {}
        places = list(given)
        market, ours = forecast.market[places], forecast.explained.probabilities[places]
        weights = weights_of((fixtures[place].league.code for place in places), self._calibration.closing)
        closing = expected_closing(market, ours, weights)
        return dict(
            zip(places, _triples(moved(np.array(list(given.values())), market, closing)), strict=True)
        )

    def _finish(self, fixture: Fixture, side: int) -> Finish | None:
        """The relegation place of a club, where whether it plays in this league is not known."""
        club = fixture.away if side else fixture.home
        found = self._relegated.get((fixture.league.code, club.key))
        if found is None:
            return None
        (last, place), asked = found, season_at(fixture.kickoff.date())
        if asked <= last.season:
            return None
        above = last.clubs - len(last.relegated)
        return Finish(place, last.clubs, name_of(last.season), name_of(asked), place - above <= last.play_off)


def _contributions(forecast: Forecast) -> list[dict[str, Sequence[float]]]:
    explained, by_adjustment = forecast.explained, forecast.by_adjustment
    found = [dict(zip(EXPLAINED_GROUPS, groups, strict=True)) for groups in explained.contributions.tolist()]
    by_odds = forecast.probabilities - explained.probabilities
    if by_adjustment is not None:
        by_odds -= by_adjustment
    for group, by_group in ((ODDS, by_odds), (ADJUSTMENT, by_adjustment)):
        if by_group is not None:
            for k in np.flatnonzero(by_group.any(axis=1)).tolist():
                found[k][group] = by_group[k].tolist()
    return found


def _prices(odds: Odds) -> Triple:
    return (odds.home, odds.draw, odds.away)


def _triples(values: Floats) -> list[Triple]:
    return [(home, draw, away) for home, draw, away in values.tolist()]


def _clubs(rows: Rows, days: Sequence[int], finishes: Sequence[Finish | None]) -> list[ClubFacts]:
    """The home clubs, then the away clubs."""
    where, table = rows.standing, rows.table
    values = rows.values.reshape(-1, len(CLUB))
    counts = np.concatenate((table.scored, table.conceded, where.played, where.recent, where.came))
    scored, conceded, played, recent, came = counts.reshape(-1, len(values)).tolist()
    last_days = where.last_day.ravel().tolist()
    return list(
        map(
            ClubFacts,
            *margin(values @ _RATINGS).T.tolist(),
            values[:, _FORM].tolist(),
            scored,
            conceded,
            [
                None if last == NONE else day - last
                for day, last in zip([*days, *days], last_days, strict=True)
            ],
            values[:, _REDS].astype(np.intp).tolist(),
            played,
            recent,
            came,
            where.joins.ravel().tolist(),
            [last != NONE for last in last_days],
            _stakes(rows),
            finishes,
        )
    )


def _more_goals(rows: Rows) -> list[float]:
    """How many goals more there are in each match than is usual in its league."""
    return [
        2.0 * math.exp(0.5 * usual) * math.expm1(0.5 * (more + lately))
        for usual, more, lately in rows.matrix[:, _GOALS].tolist()
    ]


def _stakes(rows: Rows) -> Iterator[Stake]:
    """What the home clubs, then the away clubs have to play for."""
    said = dict(zip(NAMES, rows.motivation.values.reshape(-1, len(NAMES)).T.tolist(), strict=True))
    dead = [dead > 0.0 for dead in said["dead"]]
    return map(
        Stake,
        zip(*(said[f"importance_{line}"] for line in range(LINES)), strict=True),
        dead,
        [over and gap < 0.0 for over, gap in zip(dead, said[f"gap_{STAY_UP}"], strict=True)],
        map(round, said["remaining"]),
        2 * rows.division.tolist(),
    )
