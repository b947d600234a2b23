import numpy as np
import pytest
from catboost import CatBoost, CatBoostError

from sabiscore.arrays import Floats, Matrix, softmax
from sabiscore.models.bundles import SHIPPED
from sabiscore.models.ensemble import Ensemble, EnsembleParameters, check_structure, train_member
from sabiscore.models.scores import Outcomes, log_loss

SMALL = EnsembleParameters(iterations=15, depth=3, learning_rate=0.2)
N = 600
NO_BASELINE = np.zeros((N, 3))


@pytest.fixture(scope="module")
def table() -> tuple[Matrix, Outcomes]:
    """The first column decides between home and away, the second makes draws."""
    random = np.random.default_rng(3)
    matrix = random.normal(size=(N, 3)).astype(np.float32)
    decided = (matrix[:, 0] + random.normal(size=N) < 0).astype(np.intp) * 2
    return matrix, np.where(np.abs(matrix[:, 1]) < 0.4, 1, decided)


def member(table: tuple[Matrix, Outcomes], seed: int, baseline: Floats = NO_BASELINE) -> bytes:
    return train_member(*table, baseline, loss="MultiClass", parameters=SMALL, seed=seed)


class TestTrainMember:
    def test_the_same_seed_gives_the_same_bytes(self, table: tuple[Matrix, Outcomes]) -> None:
        assert member(table, seed=1) == member(table, seed=1)

    def test_another_seed_gives_another_member(self, table: tuple[Matrix, Outcomes]) -> None:
        assert member(table, seed=1) != member(table, seed=2)

    def test_learns_only_what_its_baseline_did_not_know(self, table: tuple[Matrix, Outcomes]) -> None:
        """A baseline that knows the outcomes leaves next to nothing to correct."""
        matrix, outcomes = table
        knows_all = 8.0 * np.eye(3)[outcomes]
        ignorant, informed = (
            Ensemble([member(table, seed=1, baseline=baseline)]).scores(matrix)
            for baseline in (NO_BASELINE, knows_all)
        )
        assert np.abs(informed).max() < 0.05 * np.abs(ignorant).max()

    def test_corrects_a_baseline(self, table: tuple[Matrix, Outcomes]) -> None:
        matrix, outcomes = table
        baseline = np.outer(matrix[:, 0], (0.8, 0.0, -0.8)).astype(np.float64)
        corrected = baseline + Ensemble([member(table, seed=1, baseline=baseline)]).scores(matrix)
        assert (
            log_loss(softmax(corrected), outcomes).mean() < log_loss(softmax(baseline), outcomes).mean() - 0.1
        )

    def test_of_goals_has_one_score_a_row(self, table: tuple[Matrix, Outcomes]) -> None:
        goals = np.random.default_rng(1).poisson(1.4, N).astype(np.float64)
        content = train_member(table[0], goals, np.zeros((N, 1)), loss="Poisson", parameters=SMALL, seed=1)
        assert Ensemble([content]).outputs == 1
        assert Ensemble([content]).scores(table[0]).shape == (N, 1)


class TestEnsemble:
    def test_rows_are_scores_that_follow_the_truth(self, table: tuple[Matrix, Outcomes]) -> None:
        matrix, outcomes = table
        ensemble = Ensemble([member(table, seed=k) for k in range(3)])
        assert ensemble.outputs == 3
        assert (ensemble.scores(matrix).argmax(axis=1) == outcomes).mean() > 0.6

    def test_the_sum_of_members_is_their_mean_score(self, table: tuple[Matrix, Outcomes]) -> None:
        members = [member(table, seed=k) for k in range(3)]
        apart = np.mean([Ensemble([one]).scores(table[0]) for one in members], axis=0)
        assert np.allclose(Ensemble(members).scores(table[0]), apart, atol=1e-9)

    def test_one_row_is_scored_as_it_is_among_many(self, table: tuple[Matrix, Outcomes]) -> None:
        ensemble = Ensemble([member(table, seed=1)])
        many = ensemble.scores(table[0])
        assert ensemble.scores(table[0][7:8]).tobytes() == many[7:8].tobytes()

    def test_refuses_to_be_empty(self) -> None:
        with pytest.raises(ValueError, match="at least one"):
            Ensemble([])

    def test_the_class_labels_of_catboost_are_what_we_take_them_for(
        self, table: tuple[Matrix, Outcomes]
    ) -> None:
        model = CatBoost()
        model.load_model(blob=member(table, seed=1))
        expected = model.predict(table[0], prediction_type="Probability", thread_count=1)
        assert model.classes_.tolist() == [0, 1, 2]
        assert np.allclose(softmax(Ensemble([member(table, seed=1)]).scores(table[0])), expected)


class TestCheckStructure:
    def test_trained_trees_point_at_their_own_borders(self, table: tuple[Matrix, Outcomes]) -> None:
        check_structure(member(table, seed=1))

    def test_so_do_those_that_ship(self) -> None:
        files = sorted(SHIPPED.glob("*.cbm"))
        assert len(files) == 9
        for file in files:
            check_structure(file.read_bytes())

    def test_what_is_no_model_is_refused(self) -> None:
        with pytest.raises(CatBoostError):
            check_structure(b"CBM1")
