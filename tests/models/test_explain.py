import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sabiscore.features import spec
from sabiscore.forecaster import EXPLAINED_GROUPS, Forecaster
from sabiscore.models.ensemble import softmax
from sabiscore.models.explain import Explainer
from sabiscore.models.predictor import Floats, Matrix

WEIGHTS = np.array([[0.5, 0.0, -0.5], [0.2, 0.1, -0.3], [0.0, 0.4, 0.0], [0.3, 0.3, 0.3]])


class Curved:
    """A predictor whose columns work together; the last column matters for all outcomes alike."""

    calls = 0

    def predict(self, matrix: Matrix) -> Floats:
        self.calls += 1
        return softmax(matrix @ WEIGHTS + (matrix[:, :1] * matrix[:, 1:2]) * np.array([0.2, 0.0, -0.1]))


GROUPS = ((0,), (1,), (2, 3))
rows = arrays(np.float32, (3, 4), elements=st.floats(-2, 2, width=32))


class TestExplain:
    @given(rows)
    def test_base_and_contributions_add_up_to_the_prediction(self, matrix: Matrix) -> None:
        explained = Explainer(Curved(), GROUPS, (0.0, 0.0, 0.0, 0.0)).explain(matrix)
        assert np.allclose(explained.probabilities, Curved().predict(matrix))
        assert np.allclose(explained.base + explained.contributions.sum(axis=1), explained.probabilities)

    @given(rows)
    def test_contributions_to_the_three_outcomes_cancel(self, matrix: Matrix) -> None:
        explained = Explainer(Curved(), GROUPS, (0.0, 0.0, 0.0, 0.0)).explain(matrix)
        assert np.allclose(explained.contributions.sum(axis=2), 0.0)

    def test_a_group_at_its_neutral_values_contributes_nothing(self) -> None:
        matrix = np.array([[1.0, 0.5, 2.0, 0.0]], dtype=np.float32)
        explained = Explainer(Curved(), GROUPS, (0.0, 0.5, 0.0, 0.0)).explain(matrix)
        assert np.abs(explained.contributions[0, 1]).max() == 0.0
        assert np.abs(explained.contributions[0, 0]).max() > 0.0

    def test_takes_one_model_call_for_all_rows(self) -> None:
        predictor = Curved()
        Explainer(predictor, GROUPS, (0.0,) * 4).explain(np.zeros((100, 4), dtype=np.float32))
        assert predictor.calls == 1


class TestExplainTheShippedModel:
    def test_raising_a_clubs_rating_raises_what_ratings_contribute(self, forecaster: Forecaster) -> None:
        fixture = ("E0", "Arsenal", "Chelsea", 20330)
        before = forecaster.forecast([fixture])
        raised = before.rows.matrix.copy()
        for name in spec.GROUPS["ratings"]:
            raised[:, spec.NAMES.index(name)] += 0.5
        after = forecaster.explainer.explain(raised)
        group = EXPLAINED_GROUPS.index("ratings")
        assert after.contributions[0, group, 0] > before.explained.contributions[0, group, 0]
