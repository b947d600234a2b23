import numpy as np
import pytest
from catboost import CatBoostClassifier

from sabiscore.models.ensemble import Ensemble, EnsembleParameters, softmax, train_member
from sabiscore.models.predictor import Matrix
from sabiscore.models.scores import Outcomes

SMALL = EnsembleParameters(iterations=15, depth=3)


@pytest.fixture(scope="module")
def table() -> tuple[Matrix, Outcomes]:
    random = np.random.default_rng(3)
    matrix = random.normal(size=(600, 3)).astype(np.float32)
    return matrix, (matrix[:, 0] + random.normal(size=600) < 0).astype(np.intp) * 2


@pytest.fixture(scope="module")
def with_draws(table: tuple[Matrix, Outcomes]) -> tuple[Matrix, Outcomes]:
    matrix, outcomes = table
    return matrix, np.where(np.abs(matrix[:, 1]) < 0.4, 1, outcomes)


class TestTrainMember:
    def test_the_same_seed_gives_the_same_bytes(self, with_draws: tuple[Matrix, Outcomes]) -> None:
        assert train_member(*with_draws, SMALL, seed=1) == train_member(*with_draws, SMALL, seed=1)

    def test_another_seed_gives_another_member(self, with_draws: tuple[Matrix, Outcomes]) -> None:
        assert train_member(*with_draws, SMALL, seed=1) != train_member(*with_draws, SMALL, seed=2)


class TestEnsemble:
    def test_rows_are_probabilities_that_follow_the_truth(self, with_draws: tuple[Matrix, Outcomes]) -> None:
        matrix, outcomes = with_draws
        predicted = Ensemble([train_member(matrix, outcomes, SMALL, seed=k) for k in range(3)]).predict(
            matrix
        )
        assert np.allclose(predicted.sum(axis=1), 1.0)
        assert (predicted.argmax(axis=1) == outcomes).mean() > 0.6

    def test_the_sum_of_members_is_their_mean_score(self, with_draws: tuple[Matrix, Outcomes]) -> None:
        members = [train_member(*with_draws, SMALL, seed=k) for k in range(2)]
        logs = [np.log(Ensemble([member]).predict(with_draws[0])) for member in members]
        together = softmax(np.mean([one - one.mean(axis=1, keepdims=True) for one in logs], axis=0))
        assert np.allclose(Ensemble(members).predict(with_draws[0]), together, atol=1e-9)

    def test_one_row_is_predicted_as_it_is_among_many(self, with_draws: tuple[Matrix, Outcomes]) -> None:
        ensemble = Ensemble([train_member(*with_draws, SMALL, seed=1)])
        many = ensemble.predict(with_draws[0])
        assert ensemble.predict(with_draws[0][7:8]).tobytes() == many[7:8].tobytes()

    def test_refuses_a_model_of_other_classes(self, table: tuple[Matrix, Outcomes]) -> None:
        with pytest.raises(ValueError, match="home, draw, away"):
            Ensemble([train_member(*table, SMALL, seed=1)])

    def test_refuses_to_be_empty(self) -> None:
        with pytest.raises(ValueError, match="at least one"):
            Ensemble([])

    def test_the_class_labels_of_catboost_are_what_we_take_them_for(
        self, with_draws: tuple[Matrix, Outcomes]
    ) -> None:
        model = CatBoostClassifier()
        model.load_model(blob=train_member(*with_draws, SMALL, seed=1))
        expected = model.predict_proba(with_draws[0], thread_count=1)
        found = Ensemble([train_member(*with_draws, SMALL, seed=1)]).predict(with_draws[0])
        assert np.allclose(found, expected)
