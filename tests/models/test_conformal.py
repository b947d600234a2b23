import numpy as np
import pytest

from sabiscore.arrays import Floats
from sabiscore.models.conformal import EVERYTHING, coverage, members, threshold
from sabiscore.scoring.scores import Outcomes


def season(n: int, seed: int, sharpness: float = 1.0) -> tuple[Floats, Outcomes]:
    """Forecasts and what happened; with another ``sharpness`` than 1 the forecasts are miscalibrated."""
    random = np.random.default_rng(seed)
    truth = random.dirichlet((4.0, 2.5, 3.0), n)
    happened = (random.uniform(size=n)[:, None] > np.cumsum(truth, axis=1)).sum(axis=1)
    said = truth**sharpness
    return said / said.sum(axis=1, keepdims=True), happened


class TestThreshold:
    def test_is_the_quantile_for_a_finite_number_of_matches(self) -> None:
        surprise = np.arange(1, 10) / 10
        probabilities = np.column_stack((1 - surprise, surprise, np.zeros(9)))
        happened = np.zeros(9, dtype=np.intp)
        assert threshold(probabilities, happened, 0.9) == pytest.approx(0.9)
        assert threshold(probabilities, happened, 0.5) == pytest.approx(0.5)

    def test_too_few_matches_leave_every_outcome_in(self) -> None:
        probabilities, happened = season(8, seed=1)
        assert threshold(probabilities, happened, 0.9) == EVERYTHING
        assert threshold(np.empty((0, 3)), np.empty(0, dtype=np.intp)) == EVERYTHING

    @pytest.mark.parametrize("wanted", [0.0, 1.0, -0.5, 90.0, float("nan")])
    def test_refuses_what_is_no_coverage(self, wanted: float) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            threshold(*season(20, seed=1), wanted)


class TestOutcomeSet:
    @pytest.mark.parametrize(
        ("bound", "inside"),
        [
            (0.0, [False, False, True]),
            (0.5, [False, False, True]),
            (0.7, [True, False, True]),
            (EVERYTHING, [True, True, True]),
        ],
    )
    def test_holds_what_is_likely_enough_and_always_the_likeliest(
        self, bound: float, inside: list[bool]
    ) -> None:
        assert members(np.array([[0.3, 0.2, 0.5]]), bound).tolist() == [inside]


class TestCoverage:
    def test_is_how_often_the_set_held_what_happened(self) -> None:
        probabilities = np.tile((0.5, 0.3, 0.2), (4, 1))
        assert coverage(probabilities, np.array([0, 0, 1, 2]), 0.5) == 0.5
        assert coverage(probabilities, np.array([0, 0, 1, 2]), 0.75) == 0.75

    @pytest.mark.parametrize("wanted", [0.8, 0.9])
    @pytest.mark.parametrize("sharpness", [1.0, 2.0])
    def test_is_kept_on_new_matches_however_wrong_the_model(self, wanted: float, sharpness: float) -> None:
        bound = threshold(*season(20_000, 3, sharpness), wanted)
        assert coverage(*season(20_000, 4, sharpness), bound) == pytest.approx(wanted, abs=0.01)
