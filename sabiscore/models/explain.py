"""How many points of probability each group of columns is worth, for one fixture at a time."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from sabiscore.models.predictor import Floats, Matrix, Predictor


class Explained(Struct, frozen=True):
    """``base + contributions.sum(axis=1) == probabilities``, to rounding.

    ``probabilities`` and ``base`` are ``[n, 3]``; ``contributions`` ``[n, groups, 3]``.
    """

    probabilities: Floats
    base: Floats
    contributions: Floats


class Explainer:
    """Predicts rows and tells what moved them away from two average clubs.

    Groups of columns are swapped from neutral to actual one after another, in order and in reverse, and
    each group gets the mean of its two steps: antithetic sampling of Shapley values (Mitchell et al.,
    "Sampling permutations for Shapley value estimation", 2022). The swapped rows are more rows of the same
    model call.
    """

    def __init__(
        self, predictor: Predictor, groups: Sequence[Sequence[int]], neutral: Sequence[float]
    ) -> None:
        """``groups`` are columns each; a column in none of them always keeps its value."""
        self._predictor = predictor
        self._neutral = np.array(neutral, dtype=np.float32)
        member = np.zeros((len(groups), len(neutral)), dtype=bool)
        for number, columns in enumerate(groups):
            member[number, list(columns)] = True
        self._averaged = _averaged(member)

    def explain(self, matrix: Matrix) -> Explained:
        """Predict float32 ``[n, features]`` with one model call."""
        steps = len(self._averaged)
        rows = np.where(self._averaged, self._neutral, matrix[:, None, :])
        predicted = self._predictor.predict(rows.reshape(-1, matrix.shape[1])).reshape(len(matrix), steps, 3)
        groups = steps // 2
        full, base = predicted[:, groups], predicted[:, 0]
        forward = np.diff(predicted[:, : groups + 1], axis=1)
        chain = np.concatenate((base[:, None], predicted[:, groups + 1 :], full[:, None]), axis=1)
        backward = np.diff(chain, axis=1)[:, ::-1]
        return Explained(full, base, 0.5 * (forward + backward))


def _averaged(member: np.ndarray) -> np.ndarray:
    """Which columns ``[2 * groups, features]`` are neutral in each step.

    Steps 0 to ``groups`` add groups in order (0: none, the base; ``groups``: all, the prediction); the others
    add them in reverse.
    """
    groups = len(member)
    forward = [member[done:].any(axis=0) for done in range(groups + 1)]
    backward = [member[: groups - done].any(axis=0) for done in range(1, groups)]
    return np.array(forward + backward)
