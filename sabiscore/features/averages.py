"""How one match day changes averages: plain functions over arrays."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


def towards(average: Floats, observed: Floats, rate: float) -> Floats:
    """An exponentially weighted average after one more observation; NaN leaves it as it was."""
    return np.where(np.isnan(observed), average, average + rate * (observed - average))
