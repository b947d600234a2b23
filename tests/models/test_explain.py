from collections.abc import Sequence
from typing import Protocol

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sabiscore.arrays import Floats, Matrix, softmax
from sabiscore.features import columns
from sabiscore.features.columns import EXPLAINED_GROUPS
from sabiscore.forecaster import Forecaster
from sabiscore.models.explain import Explained, Explainer
from sabiscore.models.heads import Head, HeadWeights
from sabiscore.models.linear import Linear, Term

WEIGHTS = np.array([[0.5, 0.0, -0.5], [0.2, 0.1, -0.3], [0.0, 0.4, 0.0], [0.3, 0.3, 0.3]])


class Predictor(Protocol):
    """Rows in, probabilities out."""

    def predict(self, matrix: Matrix) -> Floats:
        """Home, draw, away ``[n, 3]``."""


def explain(
    predictor: Predictor, groups: Sequence[Sequence[int]], neutral: Sequence[float], matrix: Matrix
) -> Explained:
    """What moved the predictions of these rows."""
    explainer = Explainer(groups, neutral)
    return explainer.explain(predictor.predict(explainer.rows(matrix)))


class Curved:
    """A predictor whose columns work together; the last column matters for all outcomes alike."""

    def predict(self, matrix: Matrix) -> Floats:
        return softmax(matrix @ WEIGHTS + (matrix[:, :1] * matrix[:, 1:2]) * np.array([0.2, 0.0, -0.1]))


GROUPS = ((0,), (1,), (2, 3))
rows = arrays(np.float32, (3, 4), elements=st.floats(-2, 2, width=32))


class TestExplain:
    @given(rows)
    def test_base_and_contributions_add_up_to_the_prediction(self, matrix: Matrix) -> None:
        explained = explain(Curved(), GROUPS, (0.0, 0.0, 0.0, 0.0), matrix)
        assert np.allclose(explained.probabilities, Curved().predict(matrix))
        assert np.allclose(explained.base + explained.contributions.sum(axis=1), explained.probabilities)

    @given(rows)
    def test_contributions_to_the_three_outcomes_cancel(self, matrix: Matrix) -> None:
        explained = explain(Curved(), GROUPS, (0.0, 0.0, 0.0, 0.0), matrix)
        assert np.allclose(explained.contributions.sum(axis=2), 0.0)

    def test_a_group_at_its_neutral_values_contributes_nothing(self) -> None:
        matrix = np.array([[1.0, 0.5, 2.0, 0.0]], dtype=np.float32)
        explained = explain(Curved(), GROUPS, (0.0, 0.5, 0.0, 0.0), matrix)
        assert np.abs(explained.contributions[0, 1]).max() == 0.0
        assert np.abs(explained.contributions[0, 0]).max() > 0.0

    def test_asks_for_the_rows_themselves_first_and_for_no_more_than_two_a_group(self) -> None:
        matrix = np.arange(400, dtype=np.float32).reshape(100, 4)
        rows = Explainer(GROUPS, (0.0,) * 4).rows(matrix)
        assert rows[:100].tobytes() == matrix.tobytes()
        assert len(rows) == 2 * len(GROUPS) * 100


class TestExplainAHead:
    """A linear head on the sum of two columns, each in a group of its own."""

    LINEAR = Linear((Term(((0, 1),)),), (0.0,), (1.0,), ((0.4, 0.0, 0.0), (0.9, -0.9, 0.0)))
    HEAD = Head(HeadWeights(LINEAR, context=(), rho=0.0), ())

    @given(rows)
    def test_columns_of_one_term_share_what_the_term_is_worth(self, matrix: Matrix) -> None:
        equal = matrix.copy()
        equal[:, 1] = equal[:, 0]
        explained = explain(self.HEAD, ((0,), (1,)), (0.0,) * 4, equal)
        first, second = explained.contributions[:, 0], explained.contributions[:, 1]
        assert np.allclose(first, second)

    def test_what_no_group_holds_is_in_the_base(self) -> None:
        matrix = np.array([[1.0, 0.5, 0.0, 0.0]], dtype=np.float32)
        explained = explain(self.HEAD, ((1,),), (0.0,) * 4, matrix)
        kept = np.array([[1.0, 0.0, 0.0, 0.0]], dtype=np.float32)
        assert np.allclose(explained.base, self.HEAD.predict(kept))

    def test_a_group_on_which_nothing_depends_contributes_nothing(self) -> None:
        matrix = np.array([[1.0, 0.5, 2.0, 3.0]], dtype=np.float32)
        explained = explain(self.HEAD, GROUPS, (0.0,) * 4, matrix)
        assert not explained.contributions[0, 2].any()


def explained_again(forecaster: Forecaster, matrix: Matrix) -> Explained:
    """What the shipped model says of rows, explained."""
    return forecaster.explainer.explain(forecaster.head.predict(forecaster.explainer.rows(matrix)))


class TestExplainTheShippedModel:
    FIXTURE = ("E0", "Arsenal", "Chelsea", 20330)

    @pytest.mark.parametrize("group", ["results", "prices"])
    def test_a_stronger_home_club_has_more_of_its_probability_from_there(
        self, forecaster: Forecaster, group: str
    ) -> None:
        before = forecaster.forecast([self.FIXTURE])
        raised = before.rows.matrix.copy()
        raised[:, columns.of_group(group)] += 0.5
        after = explained_again(forecaster, raised)
        number = EXPLAINED_GROUPS.index(group)
        gained = after.contributions[0, number] - before.explained.contributions[0, number]
        assert gained[0] > 0.02
        assert gained[2] < -0.02

    def test_points_of_a_seasons_fixtures_add_up(self, forecaster: Forecaster, matches: pl.DataFrame) -> None:
        matrix = forecaster.rows.matches(matches.filter(pl.col("season") == 2024)).matrix
        explained = explained_again(forecaster, matrix)
        assert explained.probabilities.tobytes() == forecaster.head.predict(matrix).tobytes()
        total = explained.base + explained.contributions.sum(axis=1)
        assert np.allclose(total, explained.probabilities, atol=1e-12)
