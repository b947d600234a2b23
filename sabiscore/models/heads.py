"""The head of the model: rows in; three log-odds, probabilities, expected goals and score grids out.

The log-odds are of a home win against a draw, of an away win against a draw, and of more than 2.5 goals against
fewer. A linear model on a few terms carries them and a CatBoost ensemble corrects it. Both learn from closing odds,
which have a tenth of the noise of results.
"""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from sabiscore.arrays import Floats, Matrix
from sabiscore.implied import goals
from sabiscore.models.ensemble import Ensemble
from sabiscore.models.grid import score_grid
from sabiscore.models.linear import Column, Linear, weighted

OUTPUTS = 3
HOME, AWAY, OVER = range(OUTPUTS)
MIRRORED = [AWAY, HOME, OVER]
"""Where the log-odds stand when the sides are changed."""

HIGHEST_RATE = 8.0
"""Goals a match beyond which no side is expected to score."""

_LARGEST = 12.0
"""Log-odds beyond which nothing is said."""


class HeadWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """The linear part, the columns that the trees see beside its terms, and the dependence of low scores."""

    linear: Linear
    context: tuple[Column, ...]
    rho: Annotated[float, Meta(ge=-1.0, le=1.0)]

    def tree_columns(self, design: Floats, matrix: Matrix) -> Matrix:
        """What the trees see ``[n, terms + context]`` of rows ``[n, features]`` and their design ``[n, terms]``."""
        context = matrix.T.take(self.context, axis=0)
        return np.concatenate((design.T, context), dtype=np.float32, casting="same_kind").T


class Head:
    """Linear log-odds plus what the trees add."""

    def __init__(self, weights: HeadWeights, members: Sequence[bytes]) -> None:
        """``members`` are the contents of ``.cbm`` files; with none the head is linear.

        Raises:
            ValueError: linear part and trees do not go together.
        """
        self.weights = weights
        self._linear = np.array(weights.linear.weights)
        self._trees = Ensemble(members) if members else None
        if self._linear.shape[1] != OUTPUTS:
            raise ValueError(f"the linear part has {self._linear.shape[1]} scores, not {OUTPUTS}")
        seen = len(weights.linear.terms) + len(weights.context)
        if self._trees is not None and (self._trees.columns, self._trees.outputs) != (seen, OUTPUTS):
            raise ValueError(f"the trees have {self._trees.outputs} scores of {self._trees.columns} columns")

    def log_odds(self, matrix: Matrix) -> Floats:
        """The three log-odds ``[n, 3]`` of float32 ``[n, features]``."""
        design = self.weights.linear.design(matrix)
        found = weighted(design, self._linear)
        if self._trees is not None:
            found += self._trees.scores(self.weights.tree_columns(design, matrix))
        return np.clip(found, -_LARGEST, _LARGEST)

    def predict(self, matrix: Matrix) -> Floats:
        """Home, draw, away ``[n, 3]`` of float32 ``[n, features]``."""
        return probabilities(self.log_odds(matrix))

    def rates(self, log_odds: Floats) -> Floats:
        """Expected goals ``[n, 2]``, home and away, that go with log-odds ``[n, 3]``."""
        found = goals(log_odds[:, HOME] - log_odds[:, AWAY], log_odds[:, OVER], self.weights.rho)
        return np.minimum(found, HIGHEST_RATE)

    def grids(self, rates: Floats) -> Floats:
        """Score grids ``[n, 11, 11]`` of expected goals ``[n, 2]``, not yet reconciled with probabilities."""
        return score_grid(rates[:, 0], rates[:, 1], self.weights.rho)


def probabilities(log_odds: Floats) -> Floats:
    """Home, draw, away ``[n, 3]`` of log-odds ``[n, 3]``."""
    likely = np.ones((3, len(log_odds)))
    np.exp(log_odds[:, :OVER].T, out=likely[::2])
    likely /= likely.sum(axis=0)
    return likely.T


def log_odds_of(chances: Floats, over: Floats) -> Floats:
    """The log-odds ``[n, 3]`` of home, draw, away ``[n, 3]`` and of more than 2.5 goals ``[n]``: what a head learns."""
    home, away = np.log(chances[:, 0] / chances[:, 1]), np.log(chances[:, 2] / chances[:, 1])
    return np.column_stack((home, away, np.log(over / (1.0 - over))))
