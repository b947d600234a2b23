"""The whole answer for one case."""

from collections.abc import Mapping

from sabiscore.advice.case import Case
from sabiscore.advice.reasons import reasons
from sabiscore.advice.rules import confidence, recommendation, thousandths
from sabiscore.domain import Confidence, FixtureInfo, ModelInfo, Prediction


def answer(case: Case, version: str, bounds: Mapping[Confidence, float]) -> Prediction:
    """The prediction as the frontend gets it; ``bounds`` are the least probabilities of each confidence."""
    home, draw, away = thousandths(case.probabilities)
    level = confidence(case, bounds)
    fixture = case.fixture
    return Prediction(
        home_win_prob=home,
        draw_prob=draw,
        away_win_prob=away,
        recommended_bet=recommendation(case, level),
        confidence=level,
        reasoning=reasons(case),
        fixture=FixtureInfo(
            home_team=fixture.home.name,
            away_team=fixture.away.name,
            league=fixture.league.code,
            league_name=fixture.league.name,
            kickoff_time=fixture.kickoff,
        ),
        model=ModelInfo(version=version, data_through=case.data_through),
    )
