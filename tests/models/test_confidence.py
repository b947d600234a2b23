import numpy as np
import pytest

from sabiscore.models.confidence import WANTED, choose_bounds, measure
from sabiscore.models.predictor import Floats
from sabiscore.models.scores import Outcomes

N = 20_000


@pytest.fixture(scope="module")
def calibrated() -> tuple[Floats, Outcomes]:
    """Forecasts whose likeliest outcome happens exactly as often as they say."""
    random = np.random.default_rng(7)
    likeliest = 0.34 + 0.61 * random.beta(1.5, 4.0, N)
    probabilities = np.column_stack((likeliest, (1 - likeliest) / 2, (1 - likeliest) / 2))
    outcomes = (random.uniform(size=N)[:, None] > np.cumsum(probabilities, axis=1)).sum(axis=1)
    return probabilities, outcomes


class TestChooseBounds:
    def test_each_level_hits_at_least_as_often_as_wanted(self, calibrated: tuple[Floats, Outcomes]) -> None:
        measured = measure(choose_bounds(*calibrated), *calibrated)
        for level, wanted in WANTED.items():
            assert measured[level].hit_rate >= wanted

    def test_bounds_fall_from_high_to_low(self, calibrated: tuple[Floats, Outcomes]) -> None:
        bounds = choose_bounds(*calibrated)
        assert bounds["high"] > bounds["medium"] > bounds["low"] == 0.0

    def test_a_level_that_is_never_good_enough_is_never_given(self) -> None:
        hopeless = np.tile((0.6, 0.2, 0.2), (200, 1))
        measured = measure(choose_bounds(hopeless, np.full(200, 2)), hopeless, np.full(200, 2))
        assert measured["high"].n == measured["medium"].n == 0


class TestMeasure:
    def test_shares_sum_to_one(self, calibrated: tuple[Floats, Outcomes]) -> None:
        measured = measure(choose_bounds(*calibrated), *calibrated)
        assert sum(level.share for level in measured.values()) == pytest.approx(1.0)
        assert sum(level.n for level in measured.values()) == N
