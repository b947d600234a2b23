"""The heads of the model: outcomes, goals of the home side, goals of the away side.

Each is a linear model on a few terms and a small CatBoost ensemble that corrects it.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
from catboost import Pool
from msgspec import Meta, Struct

from sabiscore.arrays import Floats, Matrix, softmax
from sabiscore.models.ensemble import Ensemble, pooled
from sabiscore.models.grid import score_grid
from sabiscore.models.linear import Column, Linear, weighted

HIGHEST_RATE = 8.0
"""Goals a match beyond which no side is expected to score."""


class Seen(Struct, frozen=True):
    """Rows as heads see them: the design ``[n, terms]`` of their linear parts, the pool of their trees."""

    design: Floats
    pool: Pool


class HeadWeights(Struct, frozen=True):
    """The linear part of a head, and the columns that its trees see beside the linear part's terms."""

    linear: Linear
    context: tuple[Column, ...]

    def see(self, matrix: Matrix) -> Seen:
        """Rows ``[n, features]`` as this head sees them."""
        design = self.linear.design(matrix)
        return Seen(design, pooled(self._columns(design, matrix)))

    def tree_columns(self, matrix: Matrix) -> Matrix:
        """What the trees see ``[n, terms + context]``."""
        return self._columns(self.linear.design(matrix), matrix)

    def _columns(self, design: Floats, matrix: Matrix) -> Matrix:
        width = design.shape[1]
        columns = np.empty((len(matrix), width + len(self.context)), dtype=np.float32, order="F")
        columns[:, :width] = design
        columns[:, width:] = matrix[:, list(self.context)]
        return columns

    def sees_like(self, other: "HeadWeights") -> bool:
        """Whether both see the same of every row."""
        here, there = ((head.linear.terms, head.linear.mean, head.linear.scale) for head in (self, other))
        return (here, self.context) == (there, other.context)


class Head:
    """Linear scores plus what the trees add."""

    def __init__(self, weights: HeadWeights, members: Sequence[bytes]) -> None:
        """``members`` are the contents of ``.cbm`` files; with none the head is linear."""
        self.weights = weights
        self.linear = np.array(weights.linear.weights)
        self._trees = Ensemble(members) if members else None
        if self._trees is not None and self._trees.outputs != self.linear.shape[1]:
            raise ValueError(f"the trees have {self._trees.outputs} scores, their head another number")
        seen = len(weights.linear.terms) + len(weights.context)
        if self._trees is not None and self._trees.columns != seen:
            raise ValueError(f"the trees see {self._trees.columns} columns, their head another number")

    def scores(self, matrix: Matrix) -> Floats:
        """Scores ``[n, k]`` of float32 ``[n, features]``."""
        seen = self.weights.see(matrix)
        return self.corrected(weighted(seen.design, self.linear), seen.pool)

    def corrected(self, linear: Floats, pool: Pool) -> Floats:
        """The scores ``[n, k]`` of rows whose linear scores are there already."""
        return linear if self._trees is None else linear + self._trees.scores(pool)


class OutcomeHead(Head):
    """Home, draw, away."""

    def predict(self, matrix: Matrix) -> Floats:
        """Home, draw, away ``[n, 3]`` of float32 ``[n, features]``."""
        return softmax(self.scores(matrix))


class GoalHead(Head):
    """Goals of one side."""

    def rate(self, matrix: Matrix) -> Floats:
        """Expected goals ``[n]`` of float32 ``[n, features]``."""
        return _rates(self.scores(matrix)[:, 0])


def _rates(scores: Floats) -> Floats:
    found: Floats = np.minimum(np.exp(scores), HIGHEST_RATE)
    return found


class HeadsFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The linear parts of all heads, and Dixon and Coles's dependence of low scores."""

    outcome: HeadWeights
    home_goals: HeadWeights
    away_goals: HeadWeights
    rho: Annotated[float, Meta(ge=-1.0, le=1.0)]


class Heads:
    """Rows in, everything that is predicted of them out."""

    def __init__(self, weights: HeadsFile, members: Mapping[str, Sequence[bytes]]) -> None:
        """``members`` are the contents of the ``.cbm`` files of each head, by its name in `HeadsFile`.

        Raises:
            ValueError: an ensemble is not one of its head's kind, or the heads do not see the same.
        """
        outputs = [
            len(head.linear.weights[0]) for head in (weights.outcome, weights.home_goals, weights.away_goals)
        ]
        if outputs != [3, 1, 1]:
            raise ValueError(f"the heads have {outputs} scores, not 3, 1 and 1")
        if not all(weights.outcome.sees_like(goals) for goals in (weights.home_goals, weights.away_goals)):
            raise ValueError("the heads have other terms or columns than each other")
        self.weights = weights
        self.outcome = OutcomeHead(weights.outcome, members.get("outcome", ()))
        self.home_goals = GoalHead(weights.home_goals, members.get("home_goals", ()))
        self.away_goals = GoalHead(weights.away_goals, members.get("away_goals", ()))
        self._linear = np.hstack([head.linear for head in (self.outcome, self.home_goals, self.away_goals)])

    def predict(self, matrix: Matrix) -> tuple[Floats, Floats]:
        """Home, draw, away ``[n, 3]`` and expected goals ``[n, 2]`` of float32 ``[n, features]``.

        All heads see the same of the rows, which are looked at once.
        """
        seen = self.weights.outcome.see(matrix)
        linear = weighted(seen.design, self._linear)
        outcome = self.outcome.corrected(linear[:, :3], seen.pool)
        home = self.home_goals.corrected(linear[:, 3:4], seen.pool)
        away = self.away_goals.corrected(linear[:, 4:], seen.pool)
        return softmax(outcome), _rates(np.concatenate((home, away), axis=1))

    def goals(self, matrix: Matrix) -> Floats:
        """Expected goals ``[n, 2]``, home and away."""
        return self.predict(matrix)[1]

    def grids(self, matrix: Matrix) -> Floats:
        """Score grids ``[n, 11, 11]``, not yet reconciled with the outcome head."""
        return self.grids_of(self.goals(matrix))

    def grids_of(self, goals: Floats) -> Floats:
        """The same, of expected goals ``[n, 2]``."""
        return score_grid(goals[:, 0], goals[:, 1], self.weights.rho)
