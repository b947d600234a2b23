"""How many points of probability each group of columns is worth, for one fixture at a time."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from sabiscore.arrays import Floats, Matrix


class Explained(Struct, frozen=True):
    """``base + contributions.sum(axis=1) == probabilities``, to rounding.

    ``probabilities`` and ``base`` are ``[n, 3]``; ``contributions`` ``[n, groups, 3]``.
    """

    probabilities: Floats
    base: Floats
    contributions: Floats


class Explainer:
    """Tells what moved predictions away from two average clubs.

    Groups of columns are swapped from neutral to actual one after another, in order and in reverse, and
    each group gets the mean of its two steps: antithetic sampling of Shapley values (Mitchell et al.,
    "Sampling permutations for Shapley value estimation", 2022). The swapped rows are more rows of the same
    model call.
    """

    def __init__(self, groups: Sequence[Sequence[int]], neutral: Sequence[float]) -> None:
        """``groups`` are columns each; a column in none of them always keeps its value."""
        self._neutral = np.array(neutral, dtype=np.float32)[:, None, None]
        member = np.zeros((len(groups), len(neutral)), dtype=bool)
        for number, columns in enumerate(groups):
            member[number, list(columns)] = True
        self._averaged = _averaged(member).T[:, :, None]

    def rows(self, matrix: Matrix) -> Matrix:
        """The rows to predict ``[steps * n, features]``: those of ``matrix`` ``[n, features]``, then swapped ones.

        They are in memory by column, as a head reads them.
        """
        by_column: Matrix = np.where(self._averaged, self._neutral, matrix.T[:, None])
        return by_column.reshape(len(by_column), -1).T

    def explain(self, predicted: Floats) -> Explained:
        """What moved the predictions ``[steps * n, 3]`` of `rows`."""
        steps = self._averaged.shape[1]
        groups = steps // 2
        each = predicted.reshape(steps, -1, 3)
        forward = np.concatenate((each[groups:], each[:1]))
        moved = 0.5 * ((forward[1:] - forward[:-1]) + (each[:groups] - each[1 : groups + 1]))
        return Explained(each[0], each[groups], moved.transpose(1, 0, 2))


def _averaged(member: np.ndarray) -> np.ndarray:
    """Which columns ``[2 * groups, features]`` are neutral in each step.

    Steps 0 to ``groups`` make groups neutral in order (0: none, the prediction; ``groups``: all, the base); the
    others make them actual again in order.
    """
    groups = len(member)
    backward = [member[:done].any(axis=0) for done in range(groups + 1)]
    forward = [member[done:].any(axis=0) for done in range(1, groups)]
    return np.array(backward + forward)
