import asyncio
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random

import msgspec
import pytest

from sabiscore.advice.figures import FigureMaker
from sabiscore.domain import Fixture, GoalAdjustment, Odds, Prediction
from sabiscore.forecaster import Forecaster
from sabiscore.models.calibration import Licence
from sabiscore.service import PredictionService

FIRST = datetime(2025, 6, 1, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def fixtures(service: PredictionService) -> list[Fixture]:
    """Some of every league, soon and much later, with odds and without, some on neutral ground or adjusted."""
    random = Random(1)  # noqa: S311 - no secret
    found = []
    for league in service.leagues:
        for home, away in random.sample(list(permutations(service.catalogue.clubs(league), 2)), 12):
            found.append(
                Fixture(
                    league,
                    home,
                    away,
                    FIRST + timedelta(days=random.randrange(400)),
                    random.choice([None, Odds(2.1, 3.4, 3.6), Odds(1.2, 7.0, 15.0), Odds(9.0, 5.5, 1.36)]),
                    random.random() < 0.1,
                    random.choice([None, None, GoalAdjustment(-0.3, 0.1)]),
                )
            )
    return found


def assert_as_answered(forecaster: Forecaster, fixtures: list[Fixture]) -> list[Prediction]:
    said = FigureMaker(forecaster).figures(fixtures)
    answers = asyncio.run(PredictionService(forecaster).answer_many(fixtures))
    predictions = [msgspec.json.decode(answer.body, type=Prediction) for answer in answers]
    for k, answer in enumerate(predictions):
        lines = {each.line: each.over for each in answer.markets.over_under}
        assert said.probabilities[k].tolist() == [
            answer.home_win_prob,
            answer.draw_prob,
            answer.away_win_prob,
        ]
        assert (said.recommended_bet[k], said.confidence[k]) == (answer.recommended_bet, answer.confidence)
        assert said.goals[k].tolist() == [answer.expected_goals.home, answer.expected_goals.away]
        assert said.over_2_5[k] == lines[2.5]
        assert said.both_teams_to_score[k] == answer.markets.both_teams_to_score.yes
    return predictions


class TestFigures:
    def test_are_those_of_the_answers(self, forecaster: Forecaster, fixtures: list[Fixture]) -> None:
        predictions = assert_as_answered(forecaster, fixtures)
        assert {each.confidence for each in predictions} == {"low", "medium", "high"}

    def test_are_those_of_the_answers_where_bets_are_licensed(
        self, forecaster: Forecaster, fixtures: list[Fixture], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        licences = dict.fromkeys(
            forecaster.calibration.licences, Licence(granted=True, loss=-0.01, at_most=-0.001, n=500)
        )
        licensed = msgspec.structs.replace(forecaster.calibration, licences=licences)
        monkeypatch.setattr(forecaster, "calibration", licensed)
        predictions = assert_as_answered(forecaster, fixtures)
        assert {each.recommended_bet for each in predictions if each.value} > {"no_bet"}

    def test_of_one_fixture_are_those_among_many(
        self, forecaster: Forecaster, fixtures: list[Fixture]
    ) -> None:
        maker = FigureMaker(forecaster)
        together = maker.figures(fixtures[:40]).probabilities
        assert [
            maker.figures([each]).probabilities[0].tolist() for each in fixtures[:40]
        ] == together.tolist()
