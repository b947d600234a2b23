from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sabiscore.advice.case import Case, Triple
from sabiscore.advice.rules import (
    check_odds,
    confidence,
    fresh_confidence,
    recommendation,
    thousandths,
)
from sabiscore.advice.value import value
from sabiscore.domain import Confidence, Odds, Value
from sabiscore.errors import InvalidOddsError
from sabiscore.models.confidence import levels
from tests.advice.cases import BOUNDS, CASE, CLUB, FINISH, case

weights = st.tuples(*(st.floats(1e-6, 1.0) for _ in range(3)))
triples = weights.map(lambda w: (w[0] / sum(w), w[1] / sum(w), w[2] / sum(w)))


ORDER: tuple[Confidence, ...] = ("low", "medium", "high")


def aged(about: Case, days: int) -> Case:
    """The case, so many days after the last match known."""
    return replace(about, data_through=about.fixture.kickoff.date() - timedelta(days=days))


def worth(priced: Case) -> Value:
    odds = priced.odds()
    assert odds is not None
    assert priced.market is not None
    return value(priced.rounded, odds, priced.market, licensed=priced.licensed)


class TestThousandths:
    @given(triples)
    def test_three_decimals_that_sum_to_exactly_one(self, probabilities: Triple) -> None:
        rounded = [Decimal(str(p)) for p in thousandths(probabilities)]
        assert sum(rounded) == 1
        assert all(value == round(value, 3) for value in rounded)

    @given(triples)
    def test_moves_no_probability_by_a_whole_thousandth(self, probabilities: Triple) -> None:
        for exact, rounded in zip(probabilities, thousandths(probabilities), strict=True):
            assert abs(exact - rounded) < 0.001 + 1e-9

    def test_gives_what_is_missing_to_the_largest_remainders(self) -> None:
        assert thousandths((0.3334, 0.3333, 0.3333)) == (0.334, 0.333, 0.333)


class TestConfidence:
    @pytest.mark.parametrize(
        ("likeliest", "level"), [(0.71, "high"), (0.7, "high"), (0.45, "medium"), (0.4, "low")]
    )
    def test_is_the_highest_level_reached(self, likeliest: float, level: Confidence) -> None:
        rest = (1 - likeliest) / 2
        assert confidence(case((likeliest, rest, rest)), BOUNDS) == level

    def test_is_low_for_a_club_that_has_just_come_up(self) -> None:
        sure = case((0.8, 0.1, 0.1))
        newcomer = replace(CLUB, joins=True)
        assert confidence(replace(sure, home=newcomer), BOUNDS) == "low"
        assert confidence(replace(sure, away=newcomer), BOUNDS) == "low"

    def test_is_low_for_a_club_that_may_have_gone_down(self) -> None:
        sure = case((0.8, 0.1, 0.1))
        relegated = replace(CLUB, finish=FINISH)
        for about in (replace(sure, home=relegated), replace(sure, away=relegated)):
            assert confidence(about, BOUNDS) == fresh_confidence(about, BOUNDS) == "low"

    @given(st.lists(st.tuples(triples, st.integers(0, 1000), st.booleans()), min_size=1, max_size=20))
    def test_is_that_of_arrays(self, told: list[tuple[Triple, int, bool]]) -> None:
        """Calibration and evaluation have arrays; the levels are those of the answers."""
        found = levels(
            np.array([max(three) for three, _, _ in told]),
            np.array([days for _, days, _ in told]),
            np.array([joins for _, _, joins in told]),
            BOUNDS,
        )
        cases = [
            aged(replace(CASE, probabilities=three, home=replace(CLUB, joins=joins)), days)
            for three, days, joins in told
        ]
        assert found.tolist() == [confidence(about, BOUNDS) for about in cases]

    @pytest.mark.parametrize(
        ("days", "level"), [(-300, "high"), (60, "high"), (61, "medium"), (366, "medium"), (367, "low")]
    )
    def test_is_lower_where_the_data_are_old(self, days: int, level: Confidence) -> None:
        about = aged(case((0.72, 0.18, 0.1)), days)
        assert confidence(about, BOUNDS) == level
        assert fresh_confidence(about, BOUNDS) == "high"

    @given(triples, st.lists(st.integers(-400, 1000), min_size=2, max_size=2))
    def test_older_data_never_raise_it(self, probabilities: Triple, days: list[int]) -> None:
        about = replace(CASE, probabilities=probabilities)
        younger, older = (ORDER.index(confidence(aged(about, age), BOUNDS)) for age in sorted(days))
        assert older <= younger

    @given(triples, st.integers(-400, 0))
    def test_within_the_data_it_is_that_of_fresh_ones(self, probabilities: Triple, days: int) -> None:
        about = aged(replace(CASE, probabilities=probabilities), days)
        assert confidence(about, BOUNDS) == fresh_confidence(about, BOUNDS)


class TestRecommendationWithoutOdds:
    @pytest.mark.parametrize("level", ["medium", "high"])
    def test_is_the_likeliest_outcome(self, level: Confidence) -> None:
        assert recommendation(case((0.2, 0.2, 0.6)), level, None) == "away"

    def test_is_no_bet_where_confidence_is_low(self) -> None:
        assert recommendation(CASE, "low", None) == "no_bet"


class TestRecommendationWithOdds:
    def test_is_the_outcome_of_best_value_whatever_the_confidence(self) -> None:
        priced = case(odds=Odds(1.9, 4.2, 3.5), licensed=True)
        assert recommendation(priced, "high", worth(priced)) == "draw"
        assert recommendation(priced, "low", worth(priced)) == "draw"

    def test_is_no_bet_where_they_are_worth_too_little(self) -> None:
        priced = case(odds=Odds(1.9, 3.6, 4.2), licensed=True)
        assert recommendation(priced, "high", worth(priced)) == "no_bet"

    def test_is_no_bet_without_a_licence(self) -> None:
        priced = case(odds=Odds(1.9, 4.2, 3.5))
        assert recommendation(priced, "high", worth(priced)) == "no_bet"


class TestCheckOdds:
    @pytest.mark.parametrize("price", [1.0, 0.5, 0.0, -2.0, float("nan"), float("inf"), 1e9])
    def test_refuses_what_is_no_price(self, price: float) -> None:
        with pytest.raises(InvalidOddsError, match="odds on a draw"):
            check_odds(Odds(2.0, price, 4.0))

    @pytest.mark.parametrize(
        "odds",
        [Odds(3.0, 4.0, 5.0), Odds(2.0, 4.0, 4.0), Odds(1.5, 2.0, 2.5)],
        ids=["below nothing", "nothing", "absurd"],
    )
    def test_refuses_a_book_without_margin_or_with_an_absurd_one(self, odds: Odds) -> None:
        with pytest.raises(InvalidOddsError, match="margin"):
            check_odds(odds)

    def test_accepts_a_real_book(self) -> None:
        check_odds(Odds(2.1, 3.4, 3.6))
