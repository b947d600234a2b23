from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from benchmarks.apps.plain import Predictor
from sabiscore.service import PredictionService

FIXTURES = [
    ("Arsenal", "Chelsea", "Premier League", datetime(2025, 8, 30, 16, 30, tzinfo=UTC)),
    ("Real Madrid", "Barcelona", "La Liga", datetime(2025, 10, 26, 20, 0, tzinfo=UTC)),
    ("Bayern Munich", "Heidenheim", "Bundesliga", datetime(2024, 12, 7, 14, 30, tzinfo=UTC)),
    ("Lecce", "Inter", "Serie A", datetime(2025, 1, 26, 17, 0, tzinfo=UTC)),
    ("Leeds United", "Burnley", "Premier League", datetime(2025, 9, 1, 19, 0, tzinfo=UTC)),
]


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor()


@pytest.mark.parametrize("fixture", FIXTURES)
async def test_the_predictor_of_all_rivals_says_what_ours_says(
    predictor: Predictor, service: PredictionService, fixture: tuple[str, str, str, datetime]
) -> None:
    home, away, league, kickoff = fixture
    asked: dict[str, Any] = {
        "home_team": home,
        "away_team": away,
        "league": league,
        "kickoff_time": kickoff,
    }
    theirs: dict[str, Any] = {**predictor.predict(**asked)}
    ours = msgspec.json.decode((await service.answer(service.resolve(**asked, odds=None))).body)
    for field in ("home_win_prob", "draw_prob", "away_win_prob"):
        assert theirs[field] == pytest.approx(ours[field], abs=0.0011)
    for field in ("recommended_bet", "confidence"):
        assert theirs[field] == ours[field]
