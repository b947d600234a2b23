import numpy as np
import pytest

from sabiscore.scoring import scores
from sabiscore.scoring.reliability import calibration_error, chance_error, reliability


class TestReliability:
    def test_a_bin_says_what_was_said_and_what_happened(self) -> None:
        (one,) = reliability(np.array([0.41, 0.43, 0.45]), np.array([1.0, 0.0, 0.0]))
        assert one.said == pytest.approx(0.43)
        assert one.happened == pytest.approx(1 / 3)
        assert one.n == 3

    def test_every_forecast_is_in_one_of_the_bins(self) -> None:
        said = np.linspace(0.0, 1.0, 500)
        bins = reliability(said, np.zeros(500))
        assert len(bins) == scores.ECE_BINS
        assert sum(each.n for each in bins) == 500

    def test_its_error_is_the_one_that_the_scores_tell(self) -> None:
        random = np.random.default_rng(1)
        said, truth = random.dirichlet((2, 1, 1), 300), random.integers(0, 3, 300)
        errors = [calibration_error(reliability(said[:, k], scores.happened(truth)[:, k])) for k in range(3)]
        assert np.mean(errors) == pytest.approx(scores.ece(said, truth))


class TestChanceError:
    def test_is_where_a_calibrated_forecast_lands(self) -> None:
        random = np.random.default_rng(2)
        said = random.dirichlet((4, 3, 3), 600)
        truth = (random.random((600, 1)) > said.cumsum(axis=1)[:, :2]).sum(axis=1)
        chance = chance_error(said)
        assert chance.low < scores.ece(said, truth) < chance.high
        assert scores.ece(said, 2 - truth) > chance.high

    def test_is_smaller_with_more_matches(self) -> None:
        said = np.random.default_rng(3).dirichlet((4, 3, 3), 4000)
        assert chance_error(said).value < chance_error(said[:400]).low
