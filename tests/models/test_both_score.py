import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sabiscore.arrays import Floats, logit
from sabiscore.models.both_score import agreed
from sabiscore.models.grid import both_score, outcomes, over, reconcile, score_grid

rates = st.floats(0.2, 3.0)
grids = st.builds(lambda home, away: score_grid(np.array([home]), np.array([away]), -0.02), rates, rates)
probabilities = arrays(np.float64, (1, 3), elements=st.floats(0.02, 1.0)).map(
    lambda drawn: drawn / drawn.sum(axis=1, keepdims=True)
)


class TestAgreed:
    @given(grids, probabilities)
    def test_has_the_outcomes(self, grid: Floats, wanted: Floats) -> None:
        found = agreed(grid, wanted)
        assert np.allclose(outcomes(found), wanted, rtol=0.0, atol=1e-12)
        assert found.min() >= 0.0

    @given(rates, rates)
    def test_has_both_scoring_as_often_as_they_do(self, home: float, away: float) -> None:
        grid = score_grid(np.array([home]), np.array([away]), -0.02)
        wanted = 0.061 + 1.062 * logit(both_score(grid)) + 0.031 * logit(over(grid, 2.5))
        found = both_score(agreed(grid, outcomes(grid)))
        assert found == pytest.approx(1.0 / (1.0 + np.exp(-wanted)), abs=3e-3)

    @given(grids, probabilities)
    def test_keeps_the_odds_of_scores_of_a_kind_to_each_other(self, grid: Floats, wanted: Floats) -> None:
        ratio = (agreed(grid, wanted) / reconcile(grid, wanted))[0]
        for kind in (
            (ratio[2, 1], ratio[3, 1], ratio[5, 2]),
            (ratio[1, 0], ratio[4, 0]),
            (ratio[1, 1], ratio[3, 3]),
        ):
            assert np.allclose(kind, kind[0])

    def test_survives_an_outcome_that_is_ruled_out(self) -> None:
        certain = np.array([[1.0, 0.0, 0.0]])
        assert outcomes(agreed(score_grid(np.array([1.0]), np.array([0.0]), 0.0), certain)) == pytest.approx(
            certain
        )
