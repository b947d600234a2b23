from datetime import date

import numpy as np
import pytest

from sabiscore.evaluation.backtest import Backtest
from sabiscore.evaluation.betting import FLAT, KELLY, LARGEST_STAKE, claim, place
from sabiscore.evaluation.bootstrap import Interval
from sabiscore.evaluation.rivals import MARKET_SHIN

HOME, DRAW = np.array([0]), np.array([1])
SURE = np.array([[0.5, 0.3, 0.2]])
FAIR = np.array([[2.0, 3.3, 5.0]])
GENEROUS = np.array([[2.4, 3.3, 5.0]])


class TestPlace:
    def test_there_is_no_bet_without_value(self) -> None:
        assert place(SURE, FAIR, HOME, FLAT).stake.tolist() == [0.0]

    def test_a_won_bet_brings_its_price_less_the_stake(self) -> None:
        slips = place(SURE, GENEROUS, HOME, FLAT)
        assert (slips.stake.tolist(), slips.profit.tolist()) == ([1.0], [pytest.approx(1.4)])

    def test_a_lost_bet_costs_its_stake(self) -> None:
        assert place(SURE, GENEROUS, DRAW, FLAT).profit.tolist() == [-1.0]

    def test_the_outcome_of_best_value_is_the_one(self) -> None:
        assert place(SURE, np.array([[2.2, 4.5, 5.0]]), DRAW, FLAT).profit.tolist() == [3.5]

    def test_a_quarter_of_kelly_is_a_quarter_of_edge_by_price(self) -> None:
        assert place(SURE, GENEROUS, HOME, KELLY).stake.tolist() == [pytest.approx(0.25 * 0.2 / 1.4)]

    def test_kelly_is_capped(self) -> None:
        assert place(SURE, np.array([[9.0, 3.3, 5.0]]), HOME, KELLY).stake.tolist() == [LARGEST_STAKE]

    def test_without_a_price_there_is_no_bet(self) -> None:
        slips = place(SURE, np.full((1, 3), np.nan), HOME, KELLY)
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
        (own,) = [
            b for b in found.betting if (b.forecast, b.prices, b.stakes) == (MARKET_SHIN, "average", FLAT)
        ]
        assert (own.bets, own.per_unit) == (0, None)

    def test_profit_by_stake_is_within_its_interval(self, found: Backtest) -> None:
        for each in found.betting:
            if each.per_unit is not None:
                assert each.per_unit.low <= each.profit / each.staked <= each.per_unit.high

    def test_curves_end_where_the_bets_do(self, found: Backtest) -> None:
        flat = {(b.forecast, b.prices): b.profit for b in found.betting if b.stakes == FLAT}
        for curve in found.profit:
            assert curve.profit[-1] == pytest.approx(flat[curve.forecast, curve.prices])
            assert curve.weeks == sorted(curve.weeks)
            assert curve.weeks[0] == date(2024, 8, 12)
