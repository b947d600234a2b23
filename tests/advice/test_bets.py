import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.advice.bets import bets
from sabiscore.advice.markets import markets
from sabiscore.advice.rules import LEAST_VALUE
from sabiscore.advice.value import fair_odds, minimum_odds
from sabiscore.domain import Bet, Markets
from tests.advice.cases import CASE, PROBABILITIES, read

CORNERS = np.array([[5.6, 4.6]])
[WRITTEN] = markets(CASE.grid[None], CORNERS)
MARKETS = read(WRITTEN, Markets)
FOUND = bets(PROBABILITIES, WRITTEN)


def named(market: str) -> list[Bet]:
    return [bet for bet in FOUND if bet.market == market]


class TestBets:
    def test_begin_with_the_result(self) -> None:
        assert [(bet.market, bet.selection, bet.prob) for bet in FOUND[:3]] == [
            ("result", "home", 0.5),
            ("result", "draw", 0.27),
            ("result", "away", 0.23),
        ]

    def test_are_of_every_market_in_order(self) -> None:
        assert list(dict.fromkeys(bet.market for bet in FOUND)) == [
            "result",
            "over_under",
            "both_teams_to_score",
            "double_chance",
            "draw_no_bet",
            "asian_handicap",
            "clean_sheet",
            "win_to_nil",
            "team_totals.home",
            "team_totals.away",
            "half_time_result",
            "half_time_goals",
            "half_time_full_time",
            "corners.over_under",
            "corners.most",
        ]

    def test_have_their_line_and_the_probability_of_the_market(self) -> None:
        totals = {(bet.line, bet.selection): bet.prob for bet in named("over_under")}
        assert totals == {
            (total.line, side): getattr(total, side)
            for total in MARKETS.over_under
            for side in ("over", "under")
        }
        assert {bet.line for bet in named("draw_no_bet")} == {None}
        assert len(named("half_time_full_time")) == 9

    def test_leave_out_markets_that_are_not_there(self) -> None:
        [bare] = markets(CASE.grid[None], half_time=False)
        assert {bet.market for bet in FOUND} - {bet.market for bet in bets(PROBABILITIES, bare)} == {
            "half_time_result",
            "half_time_goals",
            "half_time_full_time",
            "corners.over_under",
            "corners.most",
        }

    def test_on_a_handicap_ask_for_more_the_more_of_the_stake_comes_back(self) -> None:
        for bet, side in zip(named("asian_handicap")[::2], MARKETS.asian_handicap, strict=True):
            assert bet.minimum_odds is not None
            assert (1 - side.push) * (bet.prob * bet.minimum_odds - 1) == pytest.approx(LEAST_VALUE, abs=0.01)


class TestOdds:
    @given(st.integers(1, 1000), st.sampled_from([0.0, 0.1, 0.255]))
    def test_are_the_least_that_are_worth_it(self, thousandths: int, push: float) -> None:
        chance = thousandths / 1000
        least = minimum_odds(chance, push)
        assert least is not None
        worth = [(1 - push) * (chance * price - 1) for price in (least, least - 0.01)]
        assert worth[0] >= LEAST_VALUE - 1e-6
        assert worth[1] < LEAST_VALUE + 1e-6

    def test_are_a_twentieth_above_fair(self) -> None:
        assert (fair_odds(0.5), minimum_odds(0.5)) == (2.0, 2.1)
        assert (fair_odds(0.549), minimum_odds(0.549)) == (1.82, 1.92)

    def test_do_not_exist_for_what_cannot_win_or_always_returns_the_stake(self) -> None:
        assert (fair_odds(0.0), minimum_odds(0.0), minimum_odds(0.5, 1.0)) == (None, None, None)
