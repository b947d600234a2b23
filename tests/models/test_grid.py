import math

import numpy as np
import pytest

from sabiscore.arrays import Floats
from sabiscore.models.grid import (
    BOTH_SCORE,
    GOALS,
    agreed,
    both_score,
    expected_goals,
    outcomes,
    over,
    reconcile,
    score_grid,
)

RHO = -0.13
HOME_RATE, AWAY_RATE = np.array([1.7, 0.9, 3.1]), np.array([1.1, 1.4, 0.4])


@pytest.fixture
def grid() -> Floats:
    return score_grid(HOME_RATE, AWAY_RATE, RHO)


def at_zero(rho: float) -> Floats:
    return score_grid(HOME_RATE, AWAY_RATE, rho)


class TestScoreGrid:
    def test_without_correction_goals_are_independent_and_poisson(self) -> None:
        poisson = [math.exp(-1.1) * 1.1**goals / math.factorial(goals) for goals in range(GOALS)]
        assert np.allclose(at_zero(0.0)[0].sum(axis=0), poisson, atol=1e-6)
        assert np.allclose(at_zero(0.0)[0], np.outer(at_zero(0.0)[0].sum(axis=1), poisson), atol=1e-6)

    def test_the_correction_leaves_the_goals_of_each_side_as_they_were(self, grid: Floats) -> None:
        for axis in (1, 2):
            assert np.allclose(grid.sum(axis=axis), at_zero(0.0).sum(axis=axis), atol=1e-6)

    def test_the_correction_is_the_one_of_the_paper(self, grid: Floats) -> None:
        factors = grid[0, :2, :2] / at_zero(0.0)[0, :2, :2]
        tau = [[1 - 1.7 * 1.1 * RHO, 1 + 1.7 * RHO], [1 + 1.1 * RHO, 1 - RHO]]
        assert np.allclose(factors, tau, atol=1e-6)

    def test_a_negative_rho_makes_low_draws_likelier(self, grid: Floats) -> None:
        assert (grid[:, [0, 1], [0, 1]] > at_zero(0.0)[:, [0, 1], [0, 1]]).all()
        assert (grid[:, [0, 1], [1, 0]] < at_zero(0.0)[:, [0, 1], [1, 0]]).all()

    def test_no_cell_is_negative_however_far_rho_goes(self) -> None:
        for rho in (-2.0, 2.0):
            assert at_zero(rho).min() == 0.0
            assert np.allclose(at_zero(rho).sum(axis=(1, 2)), 1.0)

    def test_a_side_that_never_scores_has_no_goals(self) -> None:
        assert score_grid(np.array([0.0]), np.array([1.0]), RHO)[0, 1:].max() == 0.0

    @pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf"), 11.0])
    def test_refuses_what_is_no_rate(self, rate: float) -> None:
        with pytest.raises(ValueError, match="expected goals"):
            score_grid(np.array([1.0, rate]), np.array([1.0, 1.0]), RHO)

    def test_a_fixture_has_the_grid_it_has_among_many(self, grid: Floats) -> None:
        alone = score_grid(HOME_RATE[1:2], AWAY_RATE[1:2], RHO)
        assert alone.tobytes() == grid[1:2].tobytes()

    def test_no_fixtures_have_no_grids(self) -> None:
        assert score_grid(np.empty(0), np.empty(0), RHO).shape == (0, GOALS, GOALS)


class TestReconcile:
    WANTED = np.array([[0.5, 0.27, 0.23], [0.1, 0.2, 0.7], [1.0, 0.0, 0.0]])

    def test_outcomes_become_the_ones_given(self, grid: Floats) -> None:
        assert np.allclose(outcomes(reconcile(grid, self.WANTED)), self.WANTED, rtol=0.0, atol=1e-15)

    def test_what_is_said_of_goals_given_the_outcome_stays(self, grid: Floats) -> None:
        changed = reconcile(grid, self.WANTED)
        assert changed[0, 2, 1] / changed[0, 1, 0] == pytest.approx(grid[0, 2, 1] / grid[0, 1, 0])

    def test_what_agrees_already_stays(self, grid: Floats) -> None:
        assert np.allclose(reconcile(grid, outcomes(grid)), grid)

    def test_an_outcome_the_rates_rule_out_is_its_lowest_score(self) -> None:
        goalless = score_grid(np.array([0.0]), np.array([0.0]), RHO)
        before = goalless.copy()
        changed = reconcile(goalless, self.WANTED[:1])
        assert [changed[0, 1, 0], changed[0, 0, 0], changed[0, 0, 1]] == pytest.approx([0.5, 0.27, 0.23])
        assert np.array_equal(goalless, before)

    def test_a_fixture_has_the_grid_it_has_among_many(self, grid: Floats) -> None:
        alone = reconcile(grid[1:2], self.WANTED[1:2])
        assert alone.tobytes() == reconcile(grid, self.WANTED)[1:2].tobytes()


class TestSums:
    def test_expected_goals_are_the_rates(self) -> None:
        assert np.allclose(expected_goals(at_zero(0.0)), np.column_stack((HOME_RATE, AWAY_RATE)), atol=5e-3)

    def test_a_fixture_has_the_goals_it_has_among_many(self, grid: Floats) -> None:
        assert expected_goals(grid[1:2]).tobytes() == expected_goals(grid)[1:2].tobytes()

    def test_over_counts_the_goals_of_both(self, grid: Floats) -> None:
        by_hand = sum(
            grid[0, home, away] for home in range(GOALS) for away in range(GOALS) if home + away > 2
        )
        assert over(grid, 2.5)[0] == pytest.approx(by_hand)

    def test_both_score_is_all_but_the_clean_sheets(self, grid: Floats) -> None:
        clean = grid[:, 0, :].sum(axis=1) + grid[:, :, 0].sum(axis=1) - grid[:, 0, 0]
        assert np.allclose(both_score(grid), 1.0 - clean)


class TestAgreed:
    WANTED = np.array([[0.5, 0.27, 0.23], [0.2, 0.3, 0.5], [0.85, 0.1, 0.05]])

    def test_has_the_outcomes(self, grid: Floats) -> None:
        assert np.allclose(outcomes(agreed(grid, self.WANTED)), self.WANTED, rtol=0.0, atol=1e-14)

    def test_has_higher_odds_of_both_scoring_within_each_outcome(self, grid: Floats) -> None:
        ratio = agreed(grid, self.WANTED) / reconcile(grid, self.WANTED)
        for both, one in (((2, 1), (1, 0)), ((1, 1), (0, 0)), ((1, 3), (0, 2))):
            assert np.allclose(np.log(ratio[:, *both] / ratio[:, *one]), BOTH_SCORE)

    def test_keeps_the_odds_of_scores_of_a_kind_to_each_other(self, grid: Floats) -> None:
        ratio = agreed(grid, self.WANTED) / reconcile(grid, self.WANTED)
        for one, other in (((2, 1), (5, 2)), ((1, 0), (4, 0)), ((1, 1), (3, 3)), ((0, 1), (0, 5))):
            assert np.allclose(ratio[:, *one], ratio[:, *other])

    def test_survives_an_outcome_that_is_ruled_out(self) -> None:
        certain = np.array([[1.0, 0.0, 0.0]])
        found = agreed(score_grid(np.array([1.0]), np.array([0.0]), 0.0), certain)
        assert outcomes(found) == pytest.approx(certain)
