import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from msgspec.structs import replace

from sabiscore.arrays import Matrix
from sabiscore.models.ensemble import EnsembleParameters, train_member
from sabiscore.models.grid import expected_goals, outcomes
from sabiscore.models.heads import (
    AWAY,
    HIGHEST_RATE,
    HOME,
    OUTPUTS,
    OVER,
    Head,
    HeadWeights,
    log_odds_of,
    probabilities,
)
from sabiscore.models.linear import Linear, Term

SMALL = EnsembleParameters(iterations=15, depth=3, learning_rate=0.2)
N = 500
LINEAR = Linear((Term(((0, 1),)),), (0.0,), (1.0,), ((0.4, -0.2, 0.1), (0.8, -0.8, 0.0)))
WEIGHTS = HeadWeights(LINEAR, context=(2,), rho=-0.06)
LINEAR_HEAD = Head(WEIGHTS, ())

log_odds = arrays(np.float64, st.tuples(st.integers(1, 9), st.just(OUTPUTS)), elements=st.floats(-4.0, 4.0))


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return np.random.default_rng(4).normal(size=(N, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def member(matrix: Matrix) -> bytes:
    """It has learnt that matches with a high last column have many goals and few draws."""
    left = np.where(matrix[:, 2:] > 0.5, 0.6, -0.2) * np.ones(OUTPUTS)
    return train_member(WEIGHTS.tree_columns(LINEAR.design(matrix), matrix), left, SMALL, seed=1)


@pytest.fixture(scope="module")
def head(member: bytes) -> Head:
    return Head(WEIGHTS, [member])


class TestHeadWeights:
    def test_trees_see_the_terms_then_the_context(self, matrix: Matrix) -> None:
        found = WEIGHTS.tree_columns(LINEAR.design(matrix), matrix)
        assert found.dtype == np.float32
        assert np.allclose(found, np.column_stack((matrix[:, 0] + matrix[:, 1], matrix[:, 2])))


class TestLogOdds:
    def test_without_trees_are_linear(self, matrix: Matrix) -> None:
        assert LINEAR_HEAD.log_odds(matrix).tobytes() == LINEAR.scores(matrix).tobytes()

    def test_with_trees_are_the_linear_ones_and_what_the_trees_add(self, matrix: Matrix, head: Head) -> None:
        added = head.log_odds(matrix) - LINEAR_HEAD.log_odds(matrix)
        many = matrix[:, 2] > 0.5
        assert added[many].mean() > 0.3
        assert added[~many].mean() < -0.1

    def test_of_one_row_are_as_among_many(self, matrix: Matrix, head: Head) -> None:
        many = head.log_odds(matrix)
        for k in (0, 7, N - 1):
            assert head.log_odds(matrix[k : k + 1]).tobytes() == many[k : k + 1].tobytes()

    def test_of_an_absurd_row_are_finite(self, head: Head) -> None:
        absurd = np.array([[1e30, 1e30, 0.0], [-1e30, -1e30, 1e30]], dtype=np.float32)
        found = head.log_odds(absurd)
        assert np.isfinite(found).all()
        assert probabilities(found).min() > 0.0


class TestHead:
    def test_predicts_the_probabilities_of_its_log_odds(self, matrix: Matrix, head: Head) -> None:
        assert head.predict(matrix).tobytes() == probabilities(head.log_odds(matrix)).tobytes()

    def test_refuses_trees_of_other_columns(self, matrix: Matrix) -> None:
        other = train_member(matrix, np.zeros((N, OUTPUTS)) + matrix[:, :1], SMALL, seed=1)
        with pytest.raises(ValueError, match="3 scores of 3 columns"):
            Head(WEIGHTS, [other])

    def test_refuses_trees_of_other_scores(self, matrix: Matrix) -> None:
        two = matrix[:, :2].astype(np.float64)
        with pytest.raises(ValueError, match="2 scores of 2 columns"):
            Head(WEIGHTS, [train_member(matrix[:, :2], two, SMALL, seed=1)])

    def test_refuses_a_linear_part_of_other_scores(self) -> None:
        two = replace(LINEAR, weights=((0.4, -0.2), (0.8, -0.8)))
        with pytest.raises(ValueError, match="2 scores, not 3"):
            Head(replace(WEIGHTS, linear=two), ())


class TestProbabilities:
    @given(log_odds)
    def test_sum_to_one_and_are_all_possible(self, said: np.ndarray) -> None:
        found = probabilities(said)
        assert found.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
        assert found.min() > 0.0

    @given(log_odds)
    def test_are_those_that_the_log_odds_are_of(self, said: np.ndarray) -> None:
        over = 1.0 / (1.0 + np.exp(-said[:, OVER]))
        assert np.allclose(log_odds_of(probabilities(said), over), said, rtol=0.0, atol=1e-9)

    def test_of_an_unknown_line_are_unknown(self) -> None:
        unknown = log_odds_of(np.array([[0.5, 0.3, 0.2]] * 2), np.array([0.5, np.nan]))
        assert np.isfinite(unknown).all(axis=1).tolist() == [True, False]


class TestRates:
    @given(log_odds)
    def test_are_goals_of_football(self, said: np.ndarray) -> None:
        found = LINEAR_HEAD.rates(said)
        assert found.shape == (len(said), 2)
        assert ((found > 0.0) & (found <= HIGHEST_RATE)).all()

    @given(log_odds)
    def test_give_the_side_that_likelier_wins_more_goals(self, said: np.ndarray) -> None:
        home, away = LINEAR_HEAD.rates(said).T
        ahead = said[:, HOME] - said[:, AWAY]
        clear = np.abs(ahead) > 0.01
        assert (np.sign(home - away) == np.sign(ahead))[clear].all()

    def test_rise_with_the_chance_of_many_goals(self) -> None:
        over = np.linspace(-2.0, 2.0, 21)
        said = np.column_stack((np.full(21, 0.8), np.full(21, 0.1), over))
        assert (np.diff(LINEAR_HEAD.rates(said).sum(axis=1)) > 0.0).all()

    def test_move_from_the_away_side_to_the_home_side_as_it_gets_stronger(self) -> None:
        ahead = np.linspace(-2.5, 2.5, 21)
        home, away = LINEAR_HEAD.rates(np.column_stack((ahead, -ahead, np.zeros(21)))).T
        assert (np.diff(home) > 0.0).all()
        assert (np.diff(away) < 0.0).all()
        assert home + away == pytest.approx(np.full(21, (home + away)[0]))

    def test_expect_no_side_to_score_without_end(self) -> None:
        most = np.full((1, OUTPUTS), 12.0) * (1.0, -1.0, 1.0)
        assert 5.0 < LINEAR_HEAD.rates(most).max() <= HIGHEST_RATE


class TestGrids:
    SAID = np.array([[0.9, -0.3, 0.2], [-0.4, 0.5, -0.6], [0.3, 0.2, 0.5]])

    def test_sum_to_one_and_have_the_rates(self) -> None:
        rates = LINEAR_HEAD.rates(self.SAID)
        grids = LINEAR_HEAD.grids(rates)
        assert grids.shape == (3, 11, 11)
        assert grids.sum(axis=(1, 2)) == pytest.approx(1.0)
        assert np.abs(expected_goals(grids) - rates).max() < 0.01

    def test_say_who_is_likelier_to_win_as_the_log_odds_do(self) -> None:
        home, _, away = outcomes(LINEAR_HEAD.grids(LINEAR_HEAD.rates(self.SAID))).T
        assert np.log(home / away) == pytest.approx(self.SAID[:, HOME] - self.SAID[:, AWAY], abs=0.002)

    def test_say_how_likely_three_goals_are_as_the_log_odds_do(self) -> None:
        grids = LINEAR_HEAD.grids(LINEAR_HEAD.rates(self.SAID))
        over = grids[:, many_goals()].sum(axis=1)
        assert np.log(over / (1.0 - over)) == pytest.approx(self.SAID[:, OVER], abs=0.002)


def many_goals() -> np.ndarray:
    """Where a grid has more than 2.5 goals."""
    goals = np.arange(11)
    return goals[:, None] + goals > 2.5
