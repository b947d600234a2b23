"""Fitting the head of the model on rows and closing odds."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.errors import DataError
from sabiscore.features import columns
from sabiscore.models import grid
from sabiscore.models.calibration import complete
from sabiscore.models.ensemble import EnsembleParameters, train_member
from sabiscore.models.heads import Head, HeadWeights
from sabiscore.models.linear import Linear, Term, least_squares, weighted
from sabiscore.training.dataset import Table

Step = Callable[[], None]
"""Called whenever a member has been trained."""

RHO_MATCHES = 9000
UNLIKELY = 1e-9
FEWEST = 100
"""Matches with closing odds below which there is nothing to learn."""

DIFFERENCE = columns.index("home_advantage", "results", "prices", "recent", "own_home", "stake")
SUM = columns.index("goal_level", "goals", "recent_goals", "goals_at_stake")
VARIANCE = (columns.VARIANCE,)
LEVELS = (columns.index("home_advantage"), columns.index("goal_level"))
TERMS = tuple(
    Term(factors)
    for factors in (
        (DIFFERENCE,),
        (SUM,),
        (DIFFERENCE, DIFFERENCE),
        (DIFFERENCE, SUM),
        (SUM, SUM),
        (DIFFERENCE, DIFFERENCE, DIFFERENCE),
        (VARIANCE,),
        (DIFFERENCE, VARIANCE),
        *((level,) for level in LEVELS),
    )
)
CONTEXT = tuple(range(len(columns.NAMES)))
"""What the trees see beside the terms: every column."""


class FitParameters(Struct, frozen=True):
    """Chosen on the seasons up to 2022/23. ``l2`` is a row, of standardised terms."""

    l2: float = 1e-6
    trees: EnsembleParameters = EnsembleParameters()

    @property
    def steps(self) -> int:
        """How many CatBoost members one fit trains."""
        return self.trees.members


class Fitted(Struct, frozen=True):
    """What a bundle keeps of the head."""

    weights: HeadWeights
    members: list[bytes]

    def head(self) -> Head:
        """The head at work."""
        return Head(self.weights, self.members)


def fit(table: Table, parameters: FitParameters, seed: int, step: Step) -> Fitted:
    """Fit the head: the same rows, parameters and seed give the same bytes.

    Each member is trained on one thread; as many at a time as there are cores.

    Raises:
        DataError: there are too few matches with closing odds.
    """
    linear = fit_linear(table, parameters)
    known = _known(table)
    matrix, design = table.matrix[known], linear.design(table.matrix[known])
    left = table.targets[known] - weighted(design, np.array(linear.weights))
    weights = HeadWeights(linear, CONTEXT, rho=0.0)
    seen = weights.tree_columns(design, matrix)

    def member(number: int) -> bytes:
        content = train_member(seen, left, parameters.trees, seed + number)
        step()
        return content

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        members = list(pool.map(member, range(parameters.trees.members)))
    rho = _fit_rho(Head(weights, members), table)
    return Fitted(HeadWeights(linear, CONTEXT, rho), members)


def fit_linear(table: Table, parameters: FitParameters) -> Linear:
    """The linear part of the head, on all matches with closing odds.

    Raises:
        DataError: there are too few of them.
    """
    known = _known(table)
    if known.sum() < FEWEST:
        raise DataError(
            "matches", 0, f"{known.sum()} have closing odds, which training needs: pull later seasons"
        )
    return least_squares(TERMS, table.matrix[known], table.targets[known], parameters.l2)


def _known(table: Table) -> NDArray[np.bool_]:
    return complete(table.targets)


def _fit_rho(head: Head, table: Table) -> float:
    """The dependence of low scores that makes the last matches likeliest, to two decimals."""
    last = slice(-RHO_MATCHES, None)
    rates = head.rates(head.log_odds(table.matrix[last]))
    scores = [
        np.minimum(goals[last], grid.GOALS - 1).astype(np.intp)
        for goals in (table.home_goals, table.away_goals)
    ]

    def likelihood(rho: float) -> float:
        grids = grid.score_grid(rates[:, 0], rates[:, 1], rho)
        likely = grids[np.arange(len(grids)), scores[0], scores[1]]
        return float(np.log(np.maximum(likely, UNLIKELY)).sum())

    return max((round(float(rho), 2) for rho in np.arange(-0.25, 0.06, 0.01)), key=likelihood)
