from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from sabiscore.arrays import Matrix, softmax
from sabiscore.models.ensemble import EnsembleParameters, train_member
from sabiscore.models.heads import HIGHEST_RATE, GoalHead, Heads, HeadsFile, HeadWeights, OutcomeHead
from sabiscore.models.linear import Linear, Term

SMALL = EnsembleParameters(iterations=15, depth=3, learning_rate=0.2)
N = 500
TERMS = (Term((0, 1)),)
OUTCOME = HeadWeights(Linear(TERMS, (0.0,), (1.0,), ((0.3, 0.0, 0.0), (0.8, 0.0, -0.8))), context=(2,))
GOALS = HeadWeights(Linear(TERMS, (0.0,), (1.0,), ((0.3,), (0.2,))), context=(2,))
FILE = HeadsFile(outcome=OUTCOME, home_goals=GOALS, away_goals=GOALS, rho=-0.1)


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return np.random.default_rng(4).normal(size=(N, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def outcome_member(matrix: Matrix) -> bytes:
    """It has learnt that matches with a high last column are drawn."""
    outcomes = np.where(matrix[:, 2] > 0.5, 1, np.arange(N) % 2 * 2)
    return train_member(
        OUTCOME.tree_columns(matrix),
        outcomes,
        OUTCOME.linear.scores(matrix),
        loss="MultiClass",
        parameters=SMALL,
        seed=1,
    )


@pytest.fixture(scope="module")
def goal_member(matrix: Matrix) -> bytes:
    """It has learnt that matches with a high last column have many goals."""
    goals = np.where(matrix[:, 2] > 0.5, 4.0, 1.0)
    return train_member(
        GOALS.tree_columns(matrix),
        goals,
        GOALS.linear.scores(matrix),
        loss="Poisson",
        parameters=SMALL,
        seed=1,
    )


class TestHeadWeights:
    def test_trees_see_the_terms_then_the_context(self, matrix: Matrix) -> None:
        found = OUTCOME.tree_columns(matrix)
        assert found.dtype == np.float32
        assert np.allclose(found, np.column_stack((matrix[:, 0] + matrix[:, 1], matrix[:, 2])))


class TestOutcomeHead:
    def test_without_trees_is_linear(self, matrix: Matrix) -> None:
        expected = softmax(OUTCOME.linear.scores(matrix))
        assert OutcomeHead(OUTCOME, ()).predict(matrix).tobytes() == expected.tobytes()

    def test_with_trees_has_learnt_what_its_linear_part_cannot_say(
        self, matrix: Matrix, outcome_member: bytes
    ) -> None:
        linear, whole = OutcomeHead(OUTCOME, ()), OutcomeHead(OUTCOME, [outcome_member])
        drawn = matrix[:, 2] > 0.5
        more = (whole.predict(matrix) - linear.predict(matrix))[:, 1]
        assert more[drawn].mean() > 0.1
        assert more[~drawn].mean() < 0.0

    def test_rows_sum_to_one(self, matrix: Matrix, outcome_member: bytes) -> None:
        predicted = OutcomeHead(OUTCOME, [outcome_member]).predict(matrix)
        assert predicted.sum(axis=1) == pytest.approx(1.0)
        assert (predicted > 0).all()

    def test_one_row_is_predicted_as_it_is_among_many(self, matrix: Matrix, outcome_member: bytes) -> None:
        head = OutcomeHead(OUTCOME, [outcome_member])
        many = head.predict(matrix)
        for k in (0, 7, N - 1):
            assert head.predict(matrix[k : k + 1]).tobytes() == many[k : k + 1].tobytes()

    def test_refuses_members_of_a_goal_head(self, goal_member: bytes) -> None:
        with pytest.raises(ValueError, match="1 scores"):
            OutcomeHead(OUTCOME, [goal_member])


class TestGoalHead:
    def test_without_trees_is_linear_on_a_logarithm(self, matrix: Matrix) -> None:
        expected = np.exp(0.3 + 0.2 * (matrix[:, 0] + matrix[:, 1]).astype(np.float64))
        assert GoalHead(GOALS, ()).rate(matrix) == pytest.approx(expected, rel=1e-6)

    def test_with_trees_has_learnt_what_its_linear_part_cannot_say(
        self, matrix: Matrix, goal_member: bytes
    ) -> None:
        more = GoalHead(GOALS, [goal_member]).rate(matrix) / GoalHead(GOALS, ()).rate(matrix)
        assert more[matrix[:, 2] > 0.5].mean() > 1.2
        assert more[matrix[:, 2] <= 0.5].mean() < 1.0

    def test_expects_no_side_to_score_without_end(self) -> None:
        absurd = np.array([[1e4, 0.0, 0.0]], dtype=np.float32)
        with np.errstate(over="ignore"):
            assert GoalHead(GOALS, ()).rate(absurd).tolist() == [HIGHEST_RATE]

    def test_refuses_members_of_an_outcome_head(self, outcome_member: bytes) -> None:
        with pytest.raises(ValueError, match="3 scores"):
            GoalHead(GOALS, [outcome_member])


class TestHeads:
    def test_each_has_its_own_members(
        self, matrix: Matrix, outcome_member: bytes, goal_member: bytes
    ) -> None:
        heads = Heads(FILE, {"outcome": [outcome_member], "home_goals": [goal_member]})
        home, away = heads.goals(matrix).T
        assert home.tolist() == GoalHead(GOALS, [goal_member]).rate(matrix).tolist()
        assert away.tolist() == GoalHead(GOALS, ()).rate(matrix).tolist()

    def test_predict_what_each_says_alone(
        self, matrix: Matrix, outcome_member: bytes, goal_member: bytes
    ) -> None:
        heads = Heads(FILE, {"outcome": [outcome_member], "home_goals": [goal_member]})
        probabilities, goals = heads.predict(matrix)
        assert probabilities.tobytes() == heads.outcome.predict(matrix).tobytes()
        assert goals[:, 0].tobytes() == heads.home_goals.rate(matrix).tobytes()
        assert goals[:, 1].tobytes() == heads.away_goals.rate(matrix).tobytes()

    @pytest.mark.parametrize("changed", [{"context": ()}, {"linear": replace(GOALS.linear, mean=(0.5,))}])
    def test_refuse_to_see_different_things(self, changed: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="other terms or columns"):
            Heads(replace(FILE, away_goals=replace(GOALS, **changed)), {})

    def test_refuse_members_that_were_swapped(self, outcome_member: bytes, goal_member: bytes) -> None:
        with pytest.raises(ValueError, match="another number"):
            Heads(FILE, {"outcome": [goal_member], "home_goals": [outcome_member]})

    def test_grids_are_scores_of_goals_that_sum_to_one(self, matrix: Matrix) -> None:
        heads = Heads(FILE, {})
        grids = heads.grids(matrix)
        assert grids.shape == (N, 11, 11)
        assert grids.sum(axis=(1, 2)) == pytest.approx(1.0)
        expected = (grids.sum(axis=2) * np.arange(11)).sum(axis=1)
        assert expected == pytest.approx(heads.goals(matrix)[:, 0], rel=0.01)
