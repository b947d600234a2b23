import math

import numpy as np
import pytest

from sabiscore.models.grid import GOALS
from sabiscore.season.chance import CHANCES, HIGHEST, LOWEST, STEPS, Goals, normal, poisson, uniform

ALL = np.arange(CHANCES, dtype=np.uint16)


def goals(rate: float) -> Goals:
    """Those of every chance."""
    return poisson(np.full(CHANCES, math.log(rate), np.float32), ALL)


class TestUniform:
    def test_is_every_chance_as_often(self) -> None:
        drawn = uniform(np.random.default_rng(1), (3, 100, 1000))
        assert drawn.shape == (3, 100, 1000)
        counts = np.bincount(drawn.ravel(), minlength=CHANCES)
        assert len(counts) == CHANCES
        expected = drawn.size / CHANCES
        assert ((counts - expected) ** 2 / expected).mean() == pytest.approx(1.0, abs=0.1)


class TestNormal:
    def test_has_the_quantiles_of_the_normal_distribution(self) -> None:
        found = normal(ALL)
        assert found.mean() == pytest.approx(0.0, abs=1e-4)
        assert found.std() == pytest.approx(1.0, abs=1e-4)
        for chance, quantile in ((0.5, 0.0), (0.8413, 1.0), (0.9772, 2.0), (0.0013, -3.0)):
            assert found[int(chance * CHANCES)] == pytest.approx(quantile, abs=0.04)


class TestPoisson:
    @pytest.mark.parametrize("rate", [0.05, 0.7, 1.4, 2.6, 5.0])
    def test_gives_each_number_of_goals_as_many_chances_as_it_has(self, rate: float) -> None:
        near = math.exp((math.floor((math.log(rate) - LOWEST) * STEPS) + 0.5) / STEPS + LOWEST)
        assert near == pytest.approx(rate, rel=0.5 / STEPS)
        shares = np.bincount(goals(rate), minlength=GOALS) / CHANCES
        for number in range(GOALS - 1):
            exactly = math.exp(-near) * near**number / math.factorial(number)
            assert shares[number] == pytest.approx(exactly, abs=1.0 / CHANCES)

    def test_is_more_the_greater_the_chance_and_the_rate(self) -> None:
        few, many = goals(0.9), goals(1.8)
        assert (np.diff(few) >= 0).all()
        assert (many >= few).all()

    def test_of_a_rate_beyond_the_table_is_that_of_its_end(self) -> None:
        assert np.array_equal(goals(1e-6), goals(math.exp(LOWEST)))
        assert np.array_equal(goals(1e6), goals(math.exp(HIGHEST)))
        assert goals(1e6).max() == GOALS - 1
