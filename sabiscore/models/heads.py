"""The heads of the model: outcomes, goals of the home side, goals of the away side.

Each is a linear model on a few terms and a small CatBoost ensemble that corrects it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from sabiscore.models.ensemble import Ensemble
from sabiscore.models.grid import score_grid
from sabiscore.models.linear import Linear
from sabiscore.models.predictor import Floats, Matrix, softmax

HIGHEST_RATE = 8.0
"""Goals a match beyond which no side is expected to score."""


class HeadWeights(Struct, frozen=True):
    """The linear part of a head, and the columns that its trees see beside the linear part's terms."""

    linear: Linear
    context: tuple[int, ...]

    def tree_columns(self, matrix: Matrix) -> Matrix:
        """What the trees see ``[n, terms + context]``."""
        return self.tree_columns_of(self.linear.design(matrix), matrix)

    def tree_columns_of(self, design: Floats, matrix: Matrix) -> Matrix:
        """The same, from a design ``[n, terms]`` that is there already."""
        width = design.shape[1]
        columns = np.empty((len(matrix), width + len(self.context)), dtype=np.float32, order="F")
        columns[:, :width] = design
        columns[:, width:] = matrix[:, list(self.context)]
        return columns


class Head:
    """Linear scores plus what the trees add."""

    def __init__(self, weights: HeadWeights, members: Sequence[bytes]) -> None:
        """``members`` are the contents of ``.cbm`` files; with none the head is linear."""
        self.weights = weights
        self._trees = Ensemble(members) if members else None
        if self._trees is not None and self._trees.outputs != len(weights.linear.weights[0]):
            raise ValueError(f"the trees have {self._trees.outputs} scores, their head another number")

    def scores(self, matrix: Matrix) -> Floats:
        """Scores ``[n, k]`` of float32 ``[n, features]``."""
        design = self.weights.linear.design(matrix)
        linear = self.weights.linear.scores_of(design)
        if self._trees is None:
            return linear
        return linear + self._trees.scores(self.weights.tree_columns_of(design, matrix))


class OutcomeHead(Head):
    """A `Predictor`."""

    def predict(self, matrix: Matrix) -> Floats:
        """Home, draw, away ``[n, 3]`` of float32 ``[n, features]``."""
        return softmax(self.scores(matrix))


class GoalHead(Head):
    """Goals of one side."""

    def rate(self, matrix: Matrix) -> Floats:
        """Expected goals ``[n]`` of float32 ``[n, features]``."""
        found: Floats = np.minimum(np.exp(self.scores(matrix)[:, 0]), HIGHEST_RATE)
        return found


class HeadsFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The linear parts of all heads, and Dixon and Coles's dependence of low scores."""

    outcome: HeadWeights
    home_goals: HeadWeights
    away_goals: HeadWeights
    rho: float


class Heads:
    """Rows in, everything that is predicted of them out."""

    def __init__(self, weights: HeadsFile, members: Mapping[str, Sequence[bytes]]) -> None:
        """``members`` are the contents of the ``.cbm`` files of each head, by its name in `HeadsFile`.

        Raises:
            ValueError: an ensemble is not one of its head's kind.
        """
        self.weights = weights
        self.outcome = OutcomeHead(weights.outcome, members.get("outcome", ()))
        self.home_goals = GoalHead(weights.home_goals, members.get("home_goals", ()))
        self.away_goals = GoalHead(weights.away_goals, members.get("away_goals", ()))

    def goals(self, matrix: Matrix) -> Floats:
        """Expected goals ``[n, 2]``, home and away."""
        return np.column_stack((self.home_goals.rate(matrix), self.away_goals.rate(matrix)))

    def grids(self, matrix: Matrix) -> Floats:
        """Score grids ``[n, 11, 11]``, not yet reconciled with the outcome head."""
        goals = self.goals(matrix)
        return score_grid(goals[:, 0], goals[:, 1], self.weights.rho)
