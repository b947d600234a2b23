import asyncio
from itertools import cycle

import msgspec
from msgspec.structs import replace

from sabiscore.domain import InPlay, InPlayPrediction, SideCounts
from sabiscore.service import PredictionService
from tests.advice.agreement import assert_in_play_agrees

from .asking import DETAILS, ODDS, Calls, fixture

STATE = InPlay(45, SideCounts(0, 1))
CLUBS = ("Arsenal", "Everton", "Leeds", "Wolves", "Brighton", "Newcastle")


class TestInPlay:
    async def test_agrees_with_itself_whatever_the_match(self, service: PredictionService) -> None:
        asked = [
            fixture(service, home, away, odds=odds)
            for home in CLUBS
            for away, odds in zip(CLUBS, cycle((None, ODDS)), strict=False)
            if home != away
        ]
        for one, minute in zip(asked, cycle((0, 17, 45, 71, 90)), strict=False):
            answer = await service.answer(one, "full", replace(STATE, minute=minute))
            assert_in_play_agrees(msgspec.json.decode(answer.body, type=InPlayPrediction))

    async def test_is_kept_beside_the_prediction_of_before(self, cached: PredictionService) -> None:
        asked = fixture(cached)
        bodies = [(await cached.answer(asked, in_play=state)).body for state in (None, STATE)]
        again = [await cached.answer(asked, in_play=state) for state in (None, STATE)]
        assert [answer.source for answer in again] == ["fresh", "fresh"]
        assert [answer.body for answer in again] == bodies
        assert bodies[0] != bodies[1]

    async def test_goes_into_one_model_call_with_others(
        self, cached: PredictionService, calls: Calls
    ) -> None:
        asked = fixture(cached)
        states = (None, STATE, replace(STATE, minute=60))
        found = await asyncio.gather(
            *(cached.answer(asked, detail, state) for state in states for detail in DETAILS)
        )
        assert calls.rows == [6]
        assert [b"in_play" in answer.body for answer in found] == [False, False, True, True, True, True]
