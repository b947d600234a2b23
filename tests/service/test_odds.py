from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import Odds
from sabiscore.forecaster import Forecaster
from sabiscore.models.bundles import SHIPPED, read
from sabiscore.service import PredictionService
from tests.advice.agreement import assert_all_agrees, probabilities
from tests.conftest import ON_TODAY

from .asking import ODDS, Memory, decoded, fixture


def licensed_for(league: str, *, granted: bool) -> Forecaster:
    """The shipped bundle with another licence."""
    licence = {"granted": granted, "loss": 0.0, "at_most": 0.0, "n": 100}
    return calibrated(licences={league: licence})


def calibrated(**changes: Any) -> Forecaster:  # noqa: ANN401 - JSON
    """The shipped bundle with another calibration."""
    bundle = read(SHIPPED)
    calibration = bundle.manifest.calibration | changes
    shipped = Forecaster.load()
    manifest = replace(bundle.manifest, calibration=calibration)
    return Forecaster(replace(bundle, manifest=manifest), shipped.rows.history, shipped.head)


class TestOdds:
    async def test_of_equal_value_swapped_change_nothing(self, service: PredictionService) -> None:
        swapped = [Odds(2.7, 3.3, 2.7), Odds(*reversed((2.7, 3.3, 2.7)))]
        written = [Odds(3, 3.0, 3), Odds(3.0, 3, 3.00)]
        for one, other in (swapped, [replace(odds, home=2.5) for odds in written]):
            answers = [(await service.answer(fixture(service, odds=odds))).body for odds in (one, other)]
            assert answers[0] == answers[1]

    async def test_make_the_answer_lean_to_the_market(self, service: PredictionService) -> None:
        alone = decoded(await service.answer(fixture(service)))
        for odds in (Odds(1.3, 5.5, 10.0), Odds(4.0, 3.6, 1.95), Odds(2.6, 3.3, 2.8)):
            priced = decoded(await service.answer(fixture(service, odds=odds)))
            assert priced.value is not None
            for one, ours, before in zip(
                priced.value.outcomes, probabilities(priced), probabilities(alone), strict=True
            ):
                assert abs(ours - one.market_prob) <= abs(before - one.market_prob) + 0.001
            market = [one.market_prob for one in priced.value.outcomes]
            assert np.abs(np.subtract(probabilities(priced), market)).max() < 0.03

    async def test_are_a_group_of_the_explanation_and_the_others_stay(
        self, service: PredictionService
    ) -> None:
        alone, priced = [
            decoded(await service.answer(fixture(service, odds=odds))).explanation for odds in (None, ODDS)
        ]
        assert (alone.base, alone.contributions) == (priced.base, priced.contributions[:-1])
        assert priced.contributions[-1].group == "odds"

    async def test_leave_goals_given_the_outcome_nearly_as_they_are(self, service: PredictionService) -> None:
        alone, priced = [
            decoded(await service.answer(fixture(service, odds=odds), "full")) for odds in (None, ODDS)
        ]
        one, other = (np.tril(np.array(found.score_grid), -1) for found in (alone, priced))
        assert np.abs(one / one.sum() - other / other.sum()).max() < 0.002

    async def test_are_expected_to_close_where_they_are_unless_the_bundle_has_learnt_more(
        self, catalogue: Catalogue, service: PredictionService
    ) -> None:
        still, moved = [
            decoded(
                await PredictionService(
                    calibrated(closing=weights), catalogue=catalogue, clock=ON_TODAY
                ).answer(fixture(service, odds=ODDS))
            ).value
            for weights in ({}, {"E0": {"market": 0.5, "ours": 0.5}})
        ]
        assert still is not None
        assert moved is not None
        assert [one.expected_closing_odds for one in still.outcomes] == [ODDS.home, ODDS.draw, ODDS.away]
        assert moved.outcomes[0].expected_closing_odds > ODDS.home
        assert moved.outcomes[2].expected_closing_odds < ODDS.away


class TestTheLicence:
    @pytest.mark.parametrize("granted", [True, False])
    async def test_is_the_bundles_for_this_league(self, catalogue: Catalogue, *, granted: bool) -> None:
        service = PredictionService(
            licensed_for("E0", granted=granted),
            catalogue=catalogue,
            cache=Memory(),
            clock=ON_TODAY,
        )
        found = decoded(await service.answer(fixture(service, odds=ODDS)))
        assert found.value is not None
        assert found.value.licensed == granted
        assert found.reasoning[-1].startswith("No bet:") != granted
        assert_all_agrees(found, ODDS)

    async def test_of_another_league_is_of_no_use(self, catalogue: Catalogue) -> None:
        service = PredictionService(
            licensed_for("E0", granted=True),
            catalogue=catalogue,
            cache=Memory(),
            clock=ON_TODAY,
        )
        milan = fixture(service, "Milan", "Inter", "Serie A", odds=ODDS)
        found = decoded(await service.answer(milan))
        assert found.value is not None
        assert (found.value.licensed, found.recommended_bet) == (False, "no_bet")
