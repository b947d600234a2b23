"""What everything else asks of a model."""

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Matrix: TypeAlias = NDArray[np.float32]


def softmax(scores: Floats) -> Floats:
    """Probabilities ``[n, k]`` of scores ``[n, k]``."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


class Predictor(Protocol):
    """Rows in, probabilities out."""

    def predict(self, matrix: Matrix) -> Floats:
        """Home, draw, away ``[n, 3]``, each row summing to 1, of float32 ``[n, features]``."""
