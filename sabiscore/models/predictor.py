"""What everything else asks of a model."""

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Matrix: TypeAlias = NDArray[np.float32]


class Predictor(Protocol):
    """Rows in, probabilities out."""

    def predict(self, matrix: Matrix) -> Floats:
        """Home, draw, away ``[n, 3]``, each row summing to 1, of float32 ``[n, features]``."""
