"""The arrays that rooms hand to each other, and what turns scores into probabilities."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Matrix: TypeAlias = NDArray[np.float32]


def softmax(scores: Floats) -> Floats:
    """Probabilities ``[n, k]`` of scores ``[n, k]``."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def logit(probabilities: Floats) -> Floats:
    """Logarithms of the odds of probabilities above 0 and below 1."""
    found: Floats = np.log(probabilities / (1.0 - probabilities))
    return found


def sigmoid(scores: Floats) -> Floats:
    """The probabilities whose logits these are."""
    found: Floats = 1.0 / (1.0 + np.exp(-scores))
    return found
