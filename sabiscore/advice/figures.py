"""The main figures of many answers at once, rounded as answers have them: for whoever reads no sentences."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from sabiscore.advice.case import Triple
from sabiscore.advice.facts import CaseBuilder
from sabiscore.advice.rules import best_bet, thousandths
from sabiscore.advice.value import value
from sabiscore.arrays import Floats
from sabiscore.domain import OUTCOMES, Fixture, Odds, Recommendation
from sabiscore.features.calendar import day_number
from sabiscore.forecaster import Forecast, Forecaster
from sabiscore.models.confidence import levels
from sabiscore.models.grid import AWAY, HOME, agreed, counts

LINE = 2.5
_COUNTED = np.column_stack((HOME, AWAY, LINE > HOME + AWAY, (HOME > 0) & (AWAY > 0))).astype(np.float64)


class Figures(Struct, frozen=True):
    """Of ``n`` fixtures: ``probabilities`` ``[n, 3]``, ``goals`` to expect ``[n, 2]``, and what is said in a word.

    ``over_2_5`` and ``both_teams_to_score`` are ``[n]``.
    """

    probabilities: Floats
    recommended_bet: list[Recommendation]
    confidence: list[str]
    goals: Floats
    over_2_5: Floats
    both_teams_to_score: Floats


class FigureMaker:
    """Answers of one bundle, without their sentences."""

    def __init__(self, forecaster: Forecaster) -> None:
        manifest = forecaster.manifest
        self._forecaster = forecaster
        self._last_day = day_number(manifest.data_through)
        self._licensed = forecaster.calibration.licensed
        self._cases = CaseBuilder(forecaster.calibration, manifest.data_through, manifest.last_season)

    def figures(self, fixtures: Sequence[Fixture]) -> Figures:
        """What answers say of ``fixtures``, at least one, in order."""
        days = [day_number(fixture.kickoff.date()) for fixture in fixtures]
        forecast = self._forecaster.forecast(
            [(f.league.code, f.home.key, f.away.key, day) for f, day in zip(fixtures, days, strict=True)],
            [fixture.odds for fixture in fixtures],
            neutral=[fixture.neutral for fixture in fixtures],
            adjust=[fixture.adjust for fixture in fixtures],
            explain=False,
        )
        rounded = list(map(thousandths, map(tuple, forecast.probabilities.tolist())))
        confidence = self._confidence(fixtures, days, forecast)
        probabilities = np.array(rounded)
        counted = counts(agreed(forecast.grids, probabilities), _COUNTED)
        goals = [round(each, 2) for each in counted[:, :2].ravel().tolist()]
        under, both = np.rint(1000.0 * counted[:, 2:]).T
        return Figures(
            probabilities=probabilities,
            recommended_bet=self._recommended(fixtures, rounded, confidence, forecast),
            confidence=confidence,
            goals=np.array(goals).reshape(-1, 2),
            over_2_5=(1000.0 - under) / 1000.0,
            both_teams_to_score=both / 1000.0,
        )

    def _confidence(self, fixtures: Sequence[Fixture], days: Sequence[int], forecast: Forecast) -> list[str]:
        age = np.maximum(np.array(days) - self._last_day, 0)
        unsure = self._cases.unsure(fixtures, forecast.rows)
        found: list[str] = levels(
            forecast.probabilities.max(axis=1), age, unsure, self._forecaster.bounds
        ).tolist()
        return found

    def _recommended(
        self,
        fixtures: Sequence[Fixture],
        rounded: Sequence[Triple],
        confidence: Sequence[str],
        forecast: Forecast,
    ) -> list[Recommendation]:
        """As `rules.recommendation`; odds are only looked at where they may lead to a bet."""
        likeliest = forecast.probabilities.argmax(axis=1).tolist()
        found: list[Recommendation] = [
            "no_bet" if fixture.odds or level == "low" else OUTCOMES[outcome]
            for fixture, level, outcome in zip(fixtures, confidence, likeliest, strict=True)
        ]
        for k, fixture in enumerate(fixtures):
            if fixture.odds and fixture.league.code in self._licensed:
                market = tuple(forecast.market[k].tolist())
                found[k] = best_bet(value(rounded[k], _prices(fixture.odds), market, licensed=True))
        return found


def _prices(odds: Odds) -> Triple:
    return (odds.home, odds.draw, odds.away)
