"""Neutral ground, and goals that were adjusted."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sabiscore.domain import Fixture, GoalAdjustment, Odds, Prediction
from sabiscore.errors import InvalidFixtureError
from sabiscore.service import PredictionService
from tests.advice.agreement import assert_all_agrees, probabilities

from .asking import KICKOFF, ODDS, Calls, decoded, fixture

ALIKE = 0.0015
"""Answers have three decimals, each side of a fixture rounded by itself."""


async def said(service: PredictionService, *fixtures: Fixture) -> Sequence[Prediction]:
    return [decoded(answer) for answer in await service.answer_many(fixtures, "full")]


class TestNeutralGround:
    @settings(max_examples=15)
    @given(data=st.data())
    async def test_is_the_same_whoever_is_named_first(
        self, service: PredictionService, data: st.DataObject
    ) -> None:
        league = data.draw(st.sampled_from(service.leagues))
        home, away = data.draw(
            st.lists(st.sampled_from(service.catalogue.clubs(league)), min_size=2, max_size=2, unique=True)
        )
        kickoff = KICKOFF - timedelta(days=data.draw(st.integers(0, 3000)))
        one = Fixture(league, home, away, kickoff, neutral=True)
        first, second = await said(service, one, replace(one, home=away, away=home))
        assert np.allclose(probabilities(first), probabilities(second)[::-1], atol=ALIKE)
        assert abs(first.expected_goals.home - second.expected_goals.away) < 0.02
        base = first.explanation.base
        assert abs(base.home - base.away) <= 0.011
        swapped = [(each.group, each.away, each.draw, each.home) for each in second.explanation.contributions]
        for contribution, other in zip(first.explanation.contributions, swapped, strict=True):
            assert contribution.group == other[0]
            assert np.allclose(msgspec.structs.astuple(contribution)[1:], other[1:], atol=0.011)

    async def test_takes_the_advantage_from_the_home_side(self, service: PredictionService) -> None:
        home = fixture(service)
        at_home, neutral, away = await said(
            service, home, replace(home, neutral=True), replace(home, home=home.away, away=home.home)
        )
        assert at_home.home_win_prob > neutral.home_win_prob > away.away_win_prob
        assert (at_home.neutral, neutral.neutral) == (False, True)
        assert "on neutral ground" in neutral.reasoning[0]
        assert_all_agrees(neutral)

    async def test_of_one_fixture_is_no_other_one(self, service: PredictionService) -> None:
        usual, neutral = fixture(service), replace(fixture(service), neutral=True)
        together = await service.answer_many([usual, neutral, usual])
        assert [each.body for each in together] == [
            (await service.answer(each)).body for each in (usual, neutral, usual)
        ]

    async def test_has_an_answer_of_its_own_in_the_cache(
        self, cached: PredictionService, calls: Calls
    ) -> None:
        usual = fixture(cached)
        asked = [usual, replace(usual, neutral=True), replace(usual, adjust=GoalAdjustment(-0.2))]
        bodies = {(await cached.answer(each)).body for each in (*asked, *asked)}
        assert (len(bodies), sum(calls.rows)) == (3, 3)


class TestAdjustedGoals:
    async def test_are_told_and_are_a_group_of_the_explanation(self, service: PredictionService) -> None:
        usual = fixture(service)
        before, after = await said(service, usual, replace(usual, adjust=GoalAdjustment(-0.2, 0.1)))
        assert after.adjust == GoalAdjustment(-0.2, 0.1)
        assert before.adjust is None
        assert after.explanation.contributions[:-1] == before.explanation.contributions
        assert after.explanation.contributions[-1].group == "adjustment"
        assert "-0.2 for Arsenal and +0.1 for Chelsea" in "".join(after.reasoning)
        assert after.home_win_prob < before.home_win_prob
        assert abs(before.expected_goals.home - 0.2 - after.expected_goals.home) < 0.03
        assert abs(before.expected_goals.away + 0.1 - after.expected_goals.away) < 0.03
        assert_all_agrees(after)

    async def test_count_beside_odds_which_did_not_know_of_them(self, service: PredictionService) -> None:
        priced = fixture(service, odds=ODDS)
        before, after = await said(service, priced, replace(priced, adjust=GoalAdjustment(-0.3)))
        assert after.home_win_prob < before.home_win_prob - 0.05
        groups = [each.group for each in after.explanation.contributions[-2:]]
        assert groups == ["odds", "adjustment"]
        assert after.explanation.contributions[:-1] == before.explanation.contributions
        assert_all_agrees(after, ODDS)

    @pytest.mark.parametrize(("home", "away"), [(-2.0, 2.0), (2.0, 2.0), (-2.0, -2.0), (0.0, 1e-9)])
    async def test_may_be_as_many_as_two(self, service: PredictionService, home: float, away: float) -> None:
        for odds in (None, Odds(1.05, 15.0, 34.0)):
            asked = replace(fixture(service, odds=odds), adjust=GoalAdjustment(home, away))
            [prediction] = await said(service, asked)
            assert_all_agrees(prediction, odds)

    @pytest.mark.parametrize("goals", [2.01, -3.0, float("nan"), float("inf")])
    def test_are_refused_beyond(self, service: PredictionService, goals: float) -> None:
        with pytest.raises(InvalidFixtureError, match=r"goals of the away side .* at most 2"):
            service.resolve(
                home_team="Arsenal",
                away_team="Chelsea",
                league="E0",
                kickoff_time=KICKOFF,
                odds=None,
                adjust=GoalAdjustment(0.0, goals),
            )

    def test_of_none_are_none(self, service: PredictionService) -> None:
        found = service.resolve(
            home_team="Arsenal",
            away_team="Chelsea",
            league="E0",
            kickoff_time=KICKOFF,
            odds=None,
            adjust=GoalAdjustment(0, -0.0),
        )
        assert found == fixture(service)
