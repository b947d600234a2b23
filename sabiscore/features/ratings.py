"""How one match day changes ratings and averages: plain functions over arrays, one entry a match."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sabiscore.features.parameters import EloParameters

Floats: TypeAlias = NDArray[np.float64]


def elo_lesson(rating_difference: Floats, difference: Floats, parameters: EloParameters) -> Floats:
    """How far a result moves the home club's Elo (and, negated, the away club's).

    ``rating_difference`` is home minus away in units of 400 points, without home advantage. The factor
    for the goal margin is that of Hvattum and Arntzen, 2010, on a logarithm.
    """
    expected = 1.0 / (1.0 + 10.0 ** -(rating_difference + parameters.home_advantage))
    actual = 0.5 + 0.5 * np.sign(difference)
    margin = 1.0 + parameters.margin * np.log(np.maximum(np.abs(difference), 1.0))
    return parameters.k * margin * (actual - expected)


def towards(average: Floats, observed: Floats, rate: float) -> Floats:
    """An exponentially weighted average after one more observation; NaN leaves it as it was."""
    return np.where(np.isnan(observed), average, average + rate * (observed - average))
