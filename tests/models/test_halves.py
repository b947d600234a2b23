import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sabiscore.arrays import Floats
from sabiscore.models.grid import outcomes, score_grid
from sabiscore.models.halves import FIRST_HALF, halves, second_half_rates

RATES = np.array([[1.6, 1.1], [0.8, 2.3]])
PROBABILITIES = np.array([[0.5, 0.27, 0.23], [0.12, 0.2, 0.68]])

some_rates = arrays(np.float64, (4, 2), elements=st.floats(0.0, 6.0))
some_probabilities = arrays(np.float64, (4, 3), elements=st.floats(0.01, 1.0)).map(
    lambda drawn: drawn / drawn.sum(axis=1, keepdims=True)
)


class TestHalves:
    @given(some_rates, some_probabilities)
    def test_end_as_likely_as_the_match_does(self, rates: Floats, probabilities: Floats) -> None:
        table = halves(rates, probabilities).table
        assert np.allclose(table.sum(axis=1), probabilities, rtol=0.0, atol=1e-12)
        assert table.min() >= 0.0

    @given(some_rates, some_probabilities)
    def test_no_goal_is_never_likelier_than_a_level_half_or_than_few_goals(
        self, rates: Floats, probabilities: Floats
    ) -> None:
        found = halves(rates, probabilities)
        assert (found.under[:, 0] <= found.half_time[:, 1] + 1e-12).all()
        assert (found.under[:, 0] <= found.under[:, 1]).all()
        assert found.under.max() <= 1.0 + 1e-12

    def test_are_nearly_a_grid_of_their_rates(self) -> None:
        found = halves(RATES, outcomes(score_grid(RATES[:, 0], RATES[:, 1], 0.0)))
        first = RATES * FIRST_HALF
        grid = score_grid(first[:, 0], first[:, 1], -0.08)
        assert np.allclose(found.half_time, outcomes(grid), atol=0.03)
        assert np.allclose(found.under[:, 0], grid[:, 0, 0], atol=0.03)
        assert np.allclose(found.under[:, 1], grid[:, 0, 0] + grid[:, 1, 0] + grid[:, 0, 1], atol=0.03)

    def test_are_level_at_half_time_more_often_than_at_the_end(self) -> None:
        found = halves(RATES, PROBABILITIES)
        assert (found.half_time[:, 1] > PROBABILITIES[:, 1]).all()
        assert found.half_time[0, 0] < PROBABILITIES[0, 0]
        assert found.half_time[1, 2] < PROBABILITIES[1, 2]

    def test_seldom_turn_around(self) -> None:
        table = halves(RATES, PROBABILITIES).table
        assert (table[:, 0, 2] < 0.1 * table[:, 2, 2] + 0.1 * table[:, 1, 2]).all()

    def test_of_a_match_alone_are_its_own_among_many(self) -> None:
        together = halves(RATES, PROBABILITIES)
        for k in range(len(RATES)):
            alone = halves(RATES[k : k + 1], PROBABILITIES[k : k + 1])
            assert alone.table.tobytes() == together.table[k : k + 1].tobytes()
            assert alone.under.tobytes() == together.under[k : k + 1].tobytes()


class TestSecondHalf:
    def test_has_about_what_the_first_one_leaves(self) -> None:
        left = second_half_rates(RATES, np.zeros((2, 2)))
        assert left == pytest.approx((1.0 - FIRST_HALF) * RATES, rel=0.08)

    def test_of_a_home_side_that_trails_has_more_goals_and_fewer_if_it_leads(self) -> None:
        rates = np.repeat(RATES[:1], 5, axis=0)
        score = np.array([[0.0, 2.0], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
        home = second_half_rates(rates, score)[:, 0]
        assert home[0] > home[1] > home[2] > home[3]

    def test_knows_no_lead_beyond_two(self) -> None:
        far, farther = (second_half_rates(RATES[:1], np.array([[0.0, lead]])) for lead in (2.0, 3.0))
        assert np.log(farther / far) == pytest.approx(np.array([[-0.003, -0.026]]))

    def test_grows_with_what_is_expected_of_the_match(self) -> None:
        assert (
            second_half_rates(1.2 * RATES, np.ones((2, 2))) > second_half_rates(RATES, np.ones((2, 2)))
        ).all()
