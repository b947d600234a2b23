import numpy as np
import pytest

from sabiscore.arrays import Floats, Matrix, softmax
from sabiscore.models.linear import Linear, Term, fit_goals, fit_outcomes, untrained
from sabiscore.models.scores import Outcomes

N = 40_000
TERMS = (Term((0, 1)), Term((2,)), Term((0,), by=2))
OUTCOME_WEIGHTS = ((0.4, 0.0, 0.1), (0.9, 0.0, -0.7), (0.2, 0.0, 0.3), (-0.3, 0.0, 0.1))
GOAL_WEIGHTS = ((0.35,), (0.25,), (-0.15,), (0.1,))
NO_L2 = 1e-9


def with_weights(start: Linear, weights: tuple[tuple[float, ...], ...]) -> Linear:
    return Linear(start.terms, start.mean, start.scale, weights)


def off(one: Linear, other: Linear) -> float:
    return float(np.abs(np.array(one.weights) - np.array(other.weights)).max())


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    rows = np.random.default_rng(5).normal(size=(N, 4)) * (0.6, 0.3, 2.0, 1.0) + (0.4, 0.0, 3.0, 0.0)
    return rows.astype(np.float32)


@pytest.fixture(scope="module")
def outcome_truth(matrix: Matrix) -> Linear:
    return with_weights(untrained(TERMS, matrix, 3), OUTCOME_WEIGHTS)


@pytest.fixture(scope="module")
def outcomes(matrix: Matrix, outcome_truth: Linear) -> Outcomes:
    chances = np.cumsum(softmax(outcome_truth.scores(matrix)), axis=1)
    drawn: Outcomes = (np.random.default_rng(6).uniform(size=N)[:, None] > chances[:, :2]).sum(axis=1)
    return drawn


@pytest.fixture(scope="module")
def goal_truth(matrix: Matrix) -> Linear:
    return with_weights(untrained(TERMS, matrix, 1), GOAL_WEIGHTS)


@pytest.fixture(scope="module")
def goals(matrix: Matrix, goal_truth: Linear) -> Floats:
    rates = np.exp(goal_truth.scores(matrix)[:, 0])
    return np.random.default_rng(7).poisson(rates).astype(np.float64)


class TestTerm:
    def test_is_the_sum_of_its_columns(self) -> None:
        row = np.array([[1.0, 2.0, 4.0]])
        assert Term((0, 2)).of(row).tolist() == [5.0]

    def test_is_scaled_by_a_column(self) -> None:
        row = np.array([[1.0, 2.0, 4.0]])
        assert Term((0, 2), by=1).of(row).tolist() == [10.0]


class TestUntrained:
    def test_standardises_the_terms_of_its_rows(self, matrix: Matrix) -> None:
        design = untrained(TERMS, matrix, 3).design(matrix)
        assert design.mean(axis=0) == pytest.approx(0.0, abs=1e-6)
        assert design.std(axis=0) == pytest.approx(1.0, abs=1e-6)

    def test_scores_nothing(self, matrix: Matrix) -> None:
        assert not untrained(TERMS, matrix, 3).scores(matrix).any()

    def test_a_term_that_never_varies_is_no_division_by_zero(self) -> None:
        constant = np.ones((5, 4), dtype=np.float32)
        assert np.isfinite(untrained(TERMS, constant, 3).scores(constant)).all()


class TestScores:
    def test_of_one_row_are_as_among_many(self, matrix: Matrix, outcome_truth: Linear) -> None:
        many = outcome_truth.scores(matrix)
        for k in (0, 1, 777, N - 1):
            assert outcome_truth.scores(matrix[k : k + 1]).tobytes() == many[k : k + 1].tobytes()


class TestFitOutcomes:
    def test_finds_the_weights_that_made_the_data(
        self, matrix: Matrix, outcomes: Outcomes, outcome_truth: Linear
    ) -> None:
        found = fit_outcomes(untrained(TERMS, matrix, 3), matrix, outcomes, NO_L2)
        assert off(found, outcome_truth) < 0.05

    def test_says_each_outcome_as_often_as_it_happened(self, matrix: Matrix, outcomes: Outcomes) -> None:
        """Intercepts are free, whatever the penalty."""
        found = fit_outcomes(untrained(TERMS, matrix, 3), matrix, outcomes, 0.1)
        said = softmax(found.scores(matrix)).mean(axis=0)
        assert said == pytest.approx(np.bincount(outcomes) / N, abs=1e-6)

    def test_comes_nearer_to_its_start_the_more_it_is_shrunk(
        self, matrix: Matrix, outcomes: Outcomes, outcome_truth: Linear
    ) -> None:
        start = with_weights(outcome_truth, ((0.4, 0.0, 0.1), *((0.5, 0.0, 0.5),) * 3))
        apart = [
            np.abs(np.array(fit_outcomes(start, matrix, outcomes, l2).weights[1:]) - start.weights[1:]).max()
            for l2 in (NO_L2, 0.01, 0.1, 1.0, 1e4)
        ]
        assert apart == sorted(apart, reverse=True)
        assert apart[-1] < 1e-3

    def test_leaves_the_draw_where_its_start_had_it(self, matrix: Matrix, outcomes: Outcomes) -> None:
        found = fit_outcomes(untrained(TERMS, matrix, 3), matrix, outcomes, NO_L2)
        assert {weights[1] for weights in found.weights} == {0.0}

    def test_more_of_the_same_data_moves_it_from_its_start_no_further(
        self, matrix: Matrix, outcomes: Outcomes
    ) -> None:
        """The penalty is a match: a study on half the data needs no other."""
        start = untrained(TERMS, matrix, 3)
        once = fit_outcomes(start, matrix, outcomes, 0.01)
        twice = fit_outcomes(start, np.tile(matrix, (2, 1)), np.tile(outcomes, 2), 0.01)
        assert off(once, twice) < 1e-6


class TestFitGoals:
    def test_finds_the_weights_that_made_the_data(
        self, matrix: Matrix, goals: Floats, goal_truth: Linear
    ) -> None:
        found = fit_goals(untrained(TERMS, matrix, 1), matrix, goals, NO_L2)
        assert off(found, goal_truth) < 0.02

    def test_expects_as_many_goals_as_there_were(self, matrix: Matrix, goals: Floats) -> None:
        found = fit_goals(untrained(TERMS, matrix, 1), matrix, goals, 0.1)
        assert np.exp(found.scores(matrix)).mean() == pytest.approx(goals.mean())

    def test_comes_nearer_to_its_start_the_more_it_is_shrunk(
        self, matrix: Matrix, goals: Floats, goal_truth: Linear
    ) -> None:
        start = with_weights(goal_truth, ((0.3,), (0.0,), (0.2,), (0.3,)))
        apart = [
            np.abs(np.array(fit_goals(start, matrix, goals, l2).weights[1:]) - start.weights[1:]).max()
            for l2 in (NO_L2, 0.01, 0.1, 1.0, 1e4)
        ]
        assert apart == sorted(apart, reverse=True)
        assert apart[-1] < 1e-3
