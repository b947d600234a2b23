import numpy as np
import pytest

from sabiscore.models.confidence import HIGH_SHARE, MEDIUM_HIT_RATE, choose_bounds, measure
from sabiscore.models.predictor import Floats
from sabiscore.models.scores import Outcomes

N = 20_000


@pytest.fixture(scope="module")
def calibrated() -> tuple[Floats, Outcomes]:
    """Forecasts whose likeliest outcome happens exactly as often as they say."""
    random = np.random.default_rng(7)
    likeliest = 0.34 + 0.61 * random.beta(1.5, 4.0, N)
    probabilities = np.column_stack((likeliest, (1 - likeliest) / 2, (1 - likeliest) / 2))
    outcomes = (random.uniform(size=N)[:, None] > np.cumsum(probabilities, axis=1)[:, :2]).sum(axis=1)
    return probabilities, outcomes


class TestChooseBounds:
    def test_the_surest_matches_have_high_confidence(self, calibrated: tuple[Floats, Outcomes]) -> None:
        measured = measure(choose_bounds(*calibrated), *calibrated)
        assert measured["high"].share == pytest.approx(HIGH_SHARE, abs=0.005)

    def test_medium_hits_as_often_as_wanted(self, calibrated: tuple[Floats, Outcomes]) -> None:
        measured = measure(choose_bounds(*calibrated), *calibrated)
        assert measured["high"].hit_rate > measured["medium"].hit_rate >= MEDIUM_HIT_RATE
        assert measured["medium"].hit_rate > measured["low"].hit_rate

    def test_medium_is_as_wide_as_that_allows(self, calibrated: tuple[Floats, Outcomes]) -> None:
        bounds = choose_bounds(*calibrated)
        wider = {**bounds, "medium": bounds["medium"] - 0.01}
        assert measure(wider, *calibrated)["medium"].hit_rate < MEDIUM_HIT_RATE

    def test_bounds_fall_from_high_to_low(self, calibrated: tuple[Floats, Outcomes]) -> None:
        bounds = choose_bounds(*calibrated)
        assert bounds["high"] > bounds["medium"] > bounds["low"] == 0.0

    def test_medium_is_never_given_where_it_is_never_good_enough(
        self, calibrated: tuple[Floats, Outcomes]
    ) -> None:
        always_wrong = np.full(N, 2)
        measured = measure(choose_bounds(calibrated[0], always_wrong), calibrated[0], always_wrong)
        assert measured["medium"].n == 0
        assert measured["high"].hit_rate == measured["medium"].hit_rate == 0.0


class TestMeasure:
    def test_shares_sum_to_one(self, calibrated: tuple[Floats, Outcomes]) -> None:
        measured = measure(choose_bounds(*calibrated), *calibrated)
        assert sum(level.share for level in measured.values()) == pytest.approx(1.0)
        assert sum(level.n for level in measured.values()) == N

    def test_a_forecast_on_the_bound_belongs_to_the_level_above(self) -> None:
        on_it = np.array([[0.6, 0.2, 0.2]])
        measured = measure({"high": 0.6, "medium": 0.4, "low": 0.0}, on_it, np.array([0]))
        assert [measured[level].n for level in ("high", "medium", "low")] == [1, 0, 0]
