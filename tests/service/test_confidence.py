from datetime import UTC, datetime, timedelta

import pytest

from sabiscore.domain import Odds
from sabiscore.service import PredictionService
from tests.advice.agreement import assert_all_agrees

from .asking import decoded, fixture, noon


class TestNewClubs:
    @pytest.mark.parametrize(
        ("names", "says"),
        [
            (("AD Ceuta", "Sevilla", "La Liga"), "AD Ceuta have no match on record"),
            (("Liverpool", "Wimbledon", "E0"), "Wimbledon come from a league that is not in the data"),
            (("Bury", "Scunthorpe", "E1"), "Bury and Scunthorpe United both come from a league that"),
        ],
    )
    @pytest.mark.parametrize("odds", [None, Odds(1.2, 7.0, 15.0)])
    async def test_mean_low_confidence_and_a_sentence(
        self, service: PredictionService, names: tuple[str, str, str], says: str, odds: Odds | None
    ) -> None:
        found = decoded(await service.answer(fixture(service, *names, odds=odds)))
        assert (found.confidence, found.recommended_bet) == ("low", "no_bet")
        assert any(says in reason for reason in found.reasoning)
        assert_all_agrees(found, odds)


class TestRelegatedClubs:
    @pytest.mark.parametrize(
        ("names", "says"),
        [
            (
                ("Leicester", "Arsenal", "E0"),
                "Leicester City finished 18th of 20 in 2024/25, in a relegation place",
            ),
            (
                ("Bayern Munich", "Heidenheim", "D1"),
                "16th of 18 in 2024/25, in the relegation play-off place",
            ),
            (
                ("Leicester", "Southampton", "E0"),
                "finished 18th and 20th of 20 in 2024/25, in relegation places",
            ),
            (
                ("Southampton", "Leeds", "E0"),
                "whether they play Premier League football in 2025/26 is not in the",
            ),
        ],
    )
    @pytest.mark.parametrize("odds", [None, Odds(1.2, 7.0, 15.0)])
    @pytest.mark.parametrize("days", [83, 190, 360])
    async def test_mean_low_confidence_and_a_sentence(
        self, service: PredictionService, names: tuple[str, str, str], says: str, odds: Odds | None, days: int
    ) -> None:
        kickoff = noon(service.data_through + timedelta(days=days))
        found = decoded(await service.answer(fixture(service, *names, kickoff=kickoff, odds=odds)))
        assert (found.confidence, found.recommended_bet) == ("low", "no_bet")
        assert any(says in reason for reason in found.reasoning)
        assert_all_agrees(found, odds)

    async def test_are_as_sure_as_others_while_they_were_there(self, service: PredictionService) -> None:
        then = datetime(2025, 4, 20, 12, tzinfo=UTC)
        found = decoded(await service.answer(fixture(service, "Southampton", "Liverpool", kickoff=then)))
        assert found.confidence == "high"
        assert not any("relegation" in reason for reason in found.reasoning)


class TestOldData:
    async def test_never_raise_confidence(self, service: PredictionService) -> None:
        """The same fixture later: the model itself is less sure, and the bounds are higher."""
        order = ("low", "medium", "high")
        days = (1, 30, 60, 61, 120, 121, 240, 300, 366)
        kickoffs = [noon(service.data_through + timedelta(days=age)) for age in days]
        asked = [fixture(service, "Bayern Munich", "Mainz", "D1", kickoff=kickoff) for kickoff in kickoffs]
        found = [decoded(answer).confidence for answer in await service.answer_many(asked)]
        assert sorted(found, key=order.index, reverse=True) == found
        assert found[0] == "high"

    async def test_are_named_as_the_reason(self, service: PredictionService) -> None:
        """Wherever age alone has lowered confidence."""
        kickoff = noon(service.data_through + timedelta(days=300))
        clubs = [club.name for club in service.catalogue.clubs(service.catalogue.league("D1"))]
        asked = [
            fixture(service, "Bayern Munich", away, "D1", kickoff=kickoff)
            for away in clubs
            if away != "Bayern Munich"
        ]
        found = [decoded(answer) for answer in await service.answer_many(asked)]
        told = [(one, note) for one in found for note in one.reasoning if "forecasts that old" in note]
        assert told
        for one, note in told:
            assert "300 days before kick-off: forecasts that old are right less often" in note
            assert note.endswith((f"so confidence is {one.confidence} and not high.", "low and not medium."))
