from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.advice.answer import answers
from sabiscore.advice.case import Triple
from sabiscore.advice.value import LARGEST_STAKE
from sabiscore.domain import Odds, Prediction
from sabiscore.evaluation.backtest import Backtest
from sabiscore.evaluation.betting import EVERY, LICENSED, Slips, claim, place
from sabiscore.evaluation.rivals import MARKET_SHIN
from sabiscore.evaluation.scored import WITH_ODDS
from sabiscore.scoring.bootstrap import Interval
from tests.advice.cases import BOUNDS, case, read

HOME, DRAW = 0, 1
SURE = (0.5, 0.3, 0.2)
GENEROUS = (2.4, 3.3, 5.0)
PRICES = st.tuples(*[st.floats(1.01, 30.0)] * 3)
FORECASTS = st.tuples(*[st.floats(0.01, 1.0)] * 3).map(
    lambda three: (three[0] / sum(three), three[1] / sum(three), three[2] / sum(three))
)


def placed(ours: Triple, prices: Triple, outcome: int = HOME, *, licensed: bool = True) -> Slips:
    return place(np.array([ours]), np.array([prices]), np.array([outcome]), np.array([licensed]))


class TestPlace:
    @given(ours=FORECASTS, prices=PRICES, licences=st.sampled_from((frozenset(), frozenset({"E0"}))))
    def test_bets_and_stakes_are_those_of_the_answer(
        self, ours: Triple, prices: Triple, licences: frozenset[str]
    ) -> None:
        licensed = "E0" in licences
        told = read(answers([case(ours, Odds(*prices), licensed=licensed)], "", BOUNDS)[0], Prediction)
        assert told.value is not None
        stakes: dict[str, float] = {one.outcome: one.kelly_stake for one in told.value.outcomes}
        slips = placed(ours, prices, licensed=licensed)
        assert slips.bets.tolist() == [told.recommended_bet]
        assert slips.stake.tolist() == [stakes.get(told.recommended_bet, 0.0)]

    def test_there_is_no_bet_without_value(self) -> None:
        slips = placed(SURE, (2.0, 3.3, 5.0))
        assert (slips.bets.tolist(), slips.stake.tolist()) == (["no_bet"], [0.0])

    def test_there_is_no_bet_without_a_licence(self) -> None:
        slips = placed(SURE, GENEROUS, licensed=False)
        assert (slips.bets.tolist(), slips.stake.tolist()) == (["no_bet"], [0.0])

    def test_a_won_bet_brings_its_price_less_the_stake(self) -> None:
        assert placed(SURE, GENEROUS).profit.tolist() == [pytest.approx(1.4 * LARGEST_STAKE)]

    def test_a_lost_bet_costs_its_stake(self) -> None:
        assert placed(SURE, GENEROUS, DRAW).profit.tolist() == [-LARGEST_STAKE]

    def test_without_a_price_there_is_no_bet(self) -> None:
        slips = placed(SURE, (np.nan, np.nan, np.nan))
        assert (slips.stake.tolist(), slips.profit.tolist()) == ([0.0], [0.0])


class TestClaim:
    @pytest.mark.parametrize(
        ("interval", "begins"),
        [
            (Interval(0.1, -0.1, 0.3), "No claim of profit"),
            (Interval(0.2, 0.1, 0.3), "A profit that the 95% interval +10.0% to +30.0%"),
            (Interval(-0.2, -0.3, -0.1), "A loss"),
            (None, "There was nothing"),
        ],
    )
    def test_is_no_more_than_the_interval_carries(self, interval: Interval | None, begins: str) -> None:
        assert claim(interval).startswith(begins)


class TestBetting:
    def test_the_market_finds_no_value_in_its_own_average(self, found: Backtest) -> None:
        (own,) = [b for b in found.betting if (b.forecast, b.prices) == (MARKET_SHIN, "average")]
        assert (own.bets, own.per_unit) == (0, None)

    def test_the_product_bets_on_licensed_leagues_only(self, found: Backtest) -> None:
        bets = {(b.forecast, b.prices, b.leagues): b.bets for b in found.betting}
        assert bets[WITH_ODDS, "best", LICENSED] == 0 < bets[WITH_ODDS, "best", EVERY]

    def test_profit_by_stake_is_within_its_interval(self, found: Backtest) -> None:
        for each in found.betting:
            if each.per_unit is not None:
                assert each.per_unit.low <= each.profit / each.staked <= each.per_unit.high

    def test_curves_end_where_the_bets_do(self, found: Backtest) -> None:
        ends = {(b.forecast, b.prices): b.profit for b in found.betting if b.leagues == EVERY}
        for curve in found.profit:
            assert curve.profit[-1] == pytest.approx(ends[curve.forecast, curve.prices])
            assert curve.weeks == sorted(curve.weeks)
            assert curve.weeks[0] == date(2024, 8, 12)
