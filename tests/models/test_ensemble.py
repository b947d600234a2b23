import numpy as np
import pytest
from catboost import CatBoostError

from sabiscore.arrays import Floats, Matrix
from sabiscore.models.bundles import SHIPPED
from sabiscore.models.ensemble import Ensemble, EnsembleParameters, check_structure, train_member

SMALL = EnsembleParameters(iterations=15, depth=3, learning_rate=0.2)
N = 600


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return np.random.default_rng(3).normal(size=(N, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def target(matrix: Matrix) -> Floats:
    """What the first column adds to both scores, and the second to one of them, with noise."""
    first, second = np.sign(matrix[:, 0]), np.sign(matrix[:, 1])
    noise = 0.05 * np.random.default_rng(4).normal(size=(N, 2))
    return 0.2 * np.column_stack((first, first + second)) + noise


@pytest.fixture(scope="module")
def members(matrix: Matrix, target: Floats) -> list[bytes]:
    return [train_member(matrix, target, SMALL, seed) for seed in range(3)]


class TestTrainMember:
    def test_the_same_seed_gives_the_same_bytes(
        self, matrix: Matrix, target: Floats, members: list[bytes]
    ) -> None:
        assert train_member(matrix, target, SMALL, 1) == members[1]

    def test_another_seed_gives_another_member(self, members: list[bytes]) -> None:
        assert len(set(members)) == len(members)

    def test_learns_all_scores_of_a_row(self, matrix: Matrix, target: Floats, members: list[bytes]) -> None:
        left = target - Ensemble(members[:1]).scores(matrix)
        assert (np.square(left).mean(axis=0) < 0.3 * np.square(target).mean(axis=0)).all()

    def test_adds_next_to_nothing_where_nothing_is_left(self, matrix: Matrix) -> None:
        found = Ensemble([train_member(matrix, 1e-6 * matrix.astype(np.float64), SMALL, 1)]).scores(matrix)
        assert np.abs(found).max() < 1e-5


class TestEnsemble:
    def test_knows_how_many_columns_it_sees_and_scores_it_gives(self, members: list[bytes]) -> None:
        ensemble = Ensemble(members)
        assert (ensemble.columns, ensemble.outputs) == (3, 2)

    def test_of_members_scores_their_mean(self, matrix: Matrix, members: list[bytes]) -> None:
        apart = np.mean([Ensemble([one]).scores(matrix) for one in members], axis=0)
        assert np.allclose(Ensemble(members).scores(matrix), apart, atol=1e-9)

    def test_scores_one_row_as_it_does_among_many(self, matrix: Matrix, members: list[bytes]) -> None:
        ensemble = Ensemble(members)
        many = ensemble.scores(matrix)
        for k in (0, 7, N - 1):
            assert ensemble.scores(matrix[k : k + 1]).tobytes() == many[k : k + 1].tobytes()

    def test_refuses_to_be_empty(self) -> None:
        with pytest.raises(ValueError, match="at least one"):
            Ensemble([])

    def test_refuses_scores_that_no_linear_part_needs(self, matrix: Matrix) -> None:
        huge = 1e4 * matrix.astype(np.float64)
        with pytest.raises(ValueError, match="cannot be right"):
            Ensemble([train_member(matrix, huge, SMALL, 1)])


class TestCheckStructure:
    def test_trained_trees_point_at_their_own_borders(self, members: list[bytes]) -> None:
        check_structure(members[0])

    def test_so_do_those_that_ship(self) -> None:
        files = sorted(SHIPPED.glob("*.cbm"))
        assert files
        for file in files:
            check_structure(file.read_bytes())

    def test_what_is_no_model_is_refused(self) -> None:
        with pytest.raises(CatBoostError):
            check_structure(b"CBM1")
