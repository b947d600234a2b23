import pytest
from msgspec.structs import replace

from sabiscore.advice.case import Triple
from sabiscore.advice.rules import LEAST_VALUE, best_bet
from sabiscore.advice.value import KELLY_FRACTION, LARGEST_STAKE, stake, value
from sabiscore.domain import OUTCOMES, Odds, Value
from tests.advice.cases import market

OURS = (0.5, 0.27, 0.23)
ODDS = (2.2, 3.4, 3.6)
CLOSING = (2.1234, 3.45, 3.8)


def worth(probabilities: Triple, odds: Triple, *, licensed: bool) -> Value:
    """What odds are worth against what they say themselves."""
    return value(probabilities, odds, market(Odds(*odds)), CLOSING, licensed=licensed)


FOUND = worth(OURS, ODDS, licensed=True)


class TestValue:
    def test_speaks_of_home_draw_away(self) -> None:
        assert tuple(one.outcome for one in FOUND.outcomes) == OUTCOMES
        assert FOUND.margin == 0.0264

    def test_the_market_without_its_margin_sums_to_one(self) -> None:
        assert sum(round(1000 * one.market_prob) for one in FOUND.outcomes) == 1000

    def test_the_edge_is_ours_less_the_markets(self) -> None:
        for ours, one in zip(OURS, FOUND.outcomes, strict=True):
            assert one.edge == round(ours - one.market_prob, 3)

    def test_fair_odds_and_expected_value_follow_from_ours(self) -> None:
        assert [one.fair_odds for one in FOUND.outcomes] == [2.0, 3.7, 4.35]
        assert [one.expected_value for one in FOUND.outcomes] == [0.1, -0.082, -0.172]

    def test_minimum_odds_are_the_least_that_are_worth_a_bet(self) -> None:
        assert [one.minimum_odds for one in FOUND.outcomes] == [2.1, 3.89, 4.57]
        for k, one in enumerate(FOUND.outcomes):
            assert one.minimum_odds is not None
            prices = list(ODDS)
            prices[k] = one.minimum_odds
            there = worth(OURS, (prices[0], prices[1], prices[2]), licensed=True).outcomes[k]
            assert LEAST_VALUE <= there.expected_value < LEAST_VALUE + 0.005

    def test_expected_closing_odds_have_two_decimals(self) -> None:
        assert [one.expected_closing_odds for one in FOUND.outcomes] == [2.12, 3.45, 3.8]

    def test_odds_that_are_expected_to_stay_close_where_they_are(self) -> None:
        stay = value(OURS, ODDS, market(Odds(*ODDS)), licensed=True)
        assert [one.expected_closing_odds for one in stay.outcomes] == list(ODDS)

    def test_odds_that_are_just_fair_are_worth_nothing_not_minus_nothing(self) -> None:
        some = worth((0.49, 0.27, 0.24), (1 / 0.49, 3.4, 3.6), licensed=True).outcomes[0].expected_value
        below = worth((0.49, 0.27, 0.24), (2.0408, 3.4, 3.6), licensed=True).outcomes[0].expected_value
        assert [str(some), str(below)] == ["0.0", "0.0"]

    def test_what_we_think_impossible_has_no_fair_odds(self) -> None:
        assert worth((1.0, 0.0, 0.0), ODDS, licensed=True).outcomes[1].fair_odds is None
        assert worth((1.0, 0.0, 0.0), ODDS, licensed=True).outcomes[1].minimum_odds is None

    def test_stakes_only_what_has_value(self) -> None:
        assert [one.kelly_stake > 0.0 for one in FOUND.outcomes] == [True, False, False]

    def test_without_a_licence_stakes_nothing_and_says_the_rest_all_the_same(self) -> None:
        unlicensed = worth(OURS, ODDS, licensed=False)
        assert [one.kelly_stake for one in unlicensed.outcomes] == [0.0, 0.0, 0.0]
        assert unlicensed.outcomes == [replace(one, kelly_stake=0.0) for one in FOUND.outcomes]


class TestStake:
    def test_is_a_quarter_of_what_kelly_would(self) -> None:
        assert stake(0.52, 2.0) == pytest.approx(KELLY_FRACTION * 0.04)

    def test_is_never_negative_and_never_above_the_cap(self) -> None:
        assert stake(0.3, 2.0) == 0.0
        assert stake(0.99, 5.0) == LARGEST_STAKE

    def test_is_nothing_at_fair_odds(self) -> None:
        assert stake(0.5, 2.0) == 0.0


class TestBestBet:
    def test_is_the_outcome_of_highest_expected_value(self) -> None:
        assert best_bet(FOUND) == "home"
        assert best_bet(worth((0.4, 0.3, 0.3), (2.2, 3.8, 3.6), licensed=True)) == "draw"

    def test_is_no_bet_without_a_licence(self) -> None:
        assert best_bet(worth(OURS, ODDS, licensed=False)) == "no_bet"

    def test_is_no_bet_below_the_least_value(self) -> None:
        assert best_bet(worth(OURS, (2.09, 3.4, 3.6), licensed=True)) == "no_bet"
        assert best_bet(worth(OURS, (2 + 2 * LEAST_VALUE, 3.4, 3.6), licensed=True)) == "home"
