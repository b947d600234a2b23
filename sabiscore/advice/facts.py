"""From rows of numbers to facts about a fixture and its clubs."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from sabiscore.advice.case import Case, ClubFacts, Triple
from sabiscore.advice.rules import thousandths
from sabiscore.domain import Fixture
from sabiscore.features import Sides, spec
from sabiscore.features.components import CLUB, LEAGUE
from sabiscore.features.timeline import NONE
from sabiscore.forecaster import EXPLAINED_GROUPS, Forecast
from sabiscore.models import conformal
from sabiscore.models.calibration import (
    INTERVAL_COVERAGE,
    SET_COVERAGE,
    Calibration,
    Licence,
    interval,
)
from sabiscore.models.grid import reconcile
from sabiscore.models.predictor import Floats

ODDS = "odds"
"""The group of what the odds given add to the model's own probabilities."""

_NO_LICENCE = Licence(granted=False, loss=0.0, at_most=0.0, n=0)


class Consider:
    """Makes cases of forecast fixtures: what a bundle knows of itself, beside what it says of each."""

    def __init__(self, calibration: Calibration, data_through: date) -> None:
        self._calibration = calibration
        self._data_through = data_through

    def case(self, fixture: Fixture, day: int, forecast: Forecast, number: int) -> Case:
        """What there is to say about ``fixture``, row ``number`` of a forecast, kicked off on ``day``."""
        probabilities = _triple(forecast.probabilities[number])
        rounded = thousandths(probabilities)
        known = self._calibration
        widths = known.interval if fixture.odds is None else known.interval_with_odds
        variance = forecast.rows.matrix[number : number + 1, spec.VARIANCE].astype(np.float64)
        intervals = interval(forecast.probabilities[number : number + 1], variance, widths.widths)[0]
        home, away = _clubs(forecast, number, day)
        return Case(
            fixture=fixture,
            probabilities=probabilities,
            rounded=rounded,
            base=_triple(forecast.explained.base[number]),
            contributions=_contributions(forecast, number),
            grid=reconcile(forecast.grids[number : number + 1], np.array([rounded]))[0],
            intervals=tuple((low, high) for low, high in intervals.tolist()),
            interval_coverage=INTERVAL_COVERAGE,
            outcome_set=conformal.outcome_set(probabilities, known.outcome_sets.threshold),
            outcome_set_coverage=SET_COVERAGE,
            licensed=known.licences.get(fixture.league.code, _NO_LICENCE).granted,
            home=home,
            away=away,
            data_through=self._data_through,
        )


def _contributions(forecast: Forecast, number: int) -> dict[str, Triple]:
    explained = forecast.explained
    moved = {
        name: _triple(explained.contributions[number, group]) for group, name in enumerate(EXPLAINED_GROUPS)
    }
    by_odds = forecast.probabilities[number] - explained.probabilities[number]
    return moved | {ODDS: _triple(by_odds)} if by_odds.any() else moved


def _triple(values: Floats) -> Triple:
    home, draw, away = values.tolist()
    return (home, draw, away)


def _clubs(forecast: Forecast, number: int, day: int) -> tuple[ClubFacts, ClubFacts]:
    rows = forecast.rows
    league = dict(zip(LEAGUE, rows.league[number].tolist(), strict=True))
    goals = 0.5 * (league["home_goals"] + league["away_goals"])
    shots = 0.5 * (league["home_shots_on_target"] + league["away_shots_on_target"])
    home = _club(rows.home, number, day, (goals, shots), own_ground=1.0)
    return home, _club(rows.away, number, day, (goals, shots), own_ground=0.0)


def _club(sides: Sides, number: int, day: int, means: Sequence[float], *, own_ground: float) -> ClubFacts:
    values = dict(zip(CLUB, sides.values[number].tolist(), strict=True))
    standing, (goals, shots) = sides.standing, means
    last_day = int(standing.last_day[number])
    return ClubFacts(
        results=values["results"] + own_ground * values["results_home"],
        strength=values["strength"] + own_ground * values["strength_home"],
        goals_for=goals * (1.0 + values["goals_for"]),
        goals_against=goals * (1.0 + values["goals_against"]),
        shots_for=shots * (1.0 + values["shots_for"]),
        shots_against=shots * (1.0 + values["shots_against"]),
        rest=None if last_day == NONE else day - last_day,
        played=int(standing.played[number]),
        recent=int(standing.recent[number]),
        promoted=bool(values["promoted"]),
        joins=bool(standing.joins[number]),
        known=last_day != NONE,
    )
