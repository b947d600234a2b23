import numpy as np
from scipy import special

from sabiscore.features.normal import ndtr


def test_the_integral_is_scipys_to_the_last_bit() -> None:
    chance = np.random.default_rng(1)
    edges = np.sqrt(2.0) * np.array([0.0, np.sqrt(0.5), 1.0, 8.0, 26.6, 26.7, 40.0])
    drawn = [chance.normal(0.0, spread, 50_000) for spread in (0.5, 2.0, 12.0)]
    values = np.concatenate([*drawn, edges, -edges])
    assert ndtr(values).tobytes() == special.ndtr(values).tobytes()
    assert ndtr(values[-500:]).tobytes() == special.ndtr(values[-500:]).tobytes()


def test_the_integral_keeps_the_shape() -> None:
    values = np.linspace(-3.0, 3.0, 24).reshape(2, 3, 4)
    assert ndtr(values).shape == values.shape
    np.testing.assert_allclose(ndtr(values) + ndtr(-values), 1.0)
