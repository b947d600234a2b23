"""Fitting the heads of the model on rows and what happened."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features import columns
from sabiscore.models import grid
from sabiscore.models.ensemble import EnsembleParameters, train_member
from sabiscore.models.heads import Heads, HeadsFile, HeadWeights
from sabiscore.models.linear import Linear, Term, fit_goals, fit_outcomes, untrained
from sabiscore.training.dataset import Table

Progress = Callable[[], None]
"""Called whenever a member has been trained."""

OUTCOME, GOALS = "outcome", ("home_goals", "away_goals")
RHO_MATCHES = 9000
UNLIKELY = 1e-9
FEWEST_PRICED = 1000
"""Matches with priced clubs below which there is no fitting to them."""


STRENGTH = Term(columns.index("home_advantage", "results", "prices"))
TOTAL = Term(columns.index("league_total", "total"))
STRENGTH_BY_VARIANCE = Term(STRENGTH.columns, by=columns.VARIANCE)
TERMS = (STRENGTH, TOTAL, STRENGTH_BY_VARIANCE)
CONTEXT = columns.of_group("certainty", "schedule", "promotion")
"""What the trees see beside the terms."""


class FitParameters(Struct, frozen=True):
    """Chosen on the seasons 2020/21 to 2022/23. ``l2`` are a match, of standardised terms."""

    l2: float = 1e-3
    l2_priced: float = 1e-2
    trees: EnsembleParameters = EnsembleParameters()

    @property
    def steps(self) -> int:
        """How many CatBoost members one fit trains."""
        return (1 + len(GOALS)) * self.trees.members


class Fitted(Struct, frozen=True):
    """What a bundle keeps of the heads."""

    weights: HeadsFile
    members: dict[str, list[bytes]]

    def heads(self) -> Heads:
        """The heads at work."""
        return Heads(self.weights, self.members)


class _Part(Struct, frozen=True):
    """A head on its way: its target ``[n]``, linear scores of the rows ``[n, k]``, and linear part."""

    name: str
    target: NDArray[np.generic]
    baseline: Floats
    weights: HeadWeights


def fit(table: Table, parameters: FitParameters, seed: int, progress: Progress) -> Fitted:
    """Fit all heads: the same rows, parameters and seed give the same bytes.

    Each member is trained on one thread; as many at a time as there are cores.
    """
    parts = [_part(name, table, parameters) for name in (OUTCOME, *GOALS)]

    def member(job: tuple[_Part, int]) -> bytes:
        part, number = job
        content = train_member(
            part.weights.tree_columns(table.matrix),
            part.target,
            part.baseline,
            loss="MultiClass" if part.name == OUTCOME else "Poisson",
            parameters=parameters.trees,
            seed=seed + number,
        )
        progress()
        return content

    jobs = [(part, number) for part in parts for number in range(parameters.trees.members)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        contents = list(pool.map(member, jobs))
    members: dict[str, list[bytes]] = {}
    for (part, _), content in zip(jobs, contents, strict=True):
        members.setdefault(part.name, []).append(content)
    heads = HeadsFile(**{part.name: part.weights for part in parts}, rho=0.0)
    return Fitted(msgspec.structs.replace(heads, rho=_fit_rho(Heads(heads, members), table)), members)


def _part(name: str, table: Table, parameters: FitParameters) -> _Part:
    linear, baseline = fit_linear(name, table, parameters)
    return _Part(name, _target(name, table), baseline, HeadWeights(linear, CONTEXT))


def _target(name: str, table: Table) -> NDArray[Any]:
    target: NDArray[Any] = table.outcomes if name == OUTCOME else getattr(table, name)
    return target


def fit_linear(name: str, table: Table, parameters: FitParameters) -> tuple[Linear, Floats]:
    """The linear part of a head, and its scores of the rows ``[n, k]``.

    A regression on all rows; where ratings had seen odds, one fitted to those and shrunk towards it.
    """
    target = _target(name, table)
    outputs, regress = (3, fit_outcomes) if name == OUTCOME else (1, fit_goals)
    linear = regress(untrained(TERMS, table.matrix, outputs), table.matrix, target, parameters.l2)
    baseline = linear.scores(table.matrix)
    if (priced := table.priced).sum() >= FEWEST_PRICED:
        linear = regress(linear, table.matrix[priced], target[priced], parameters.l2_priced)
        baseline[priced] = linear.scores(table.matrix[priced])
    return linear, baseline


def _fit_rho(heads: Heads, table: Table) -> float:
    """The dependence of low scores that makes the last matches likeliest, to two decimals."""
    last = slice(-RHO_MATCHES, None)
    rates = [head.rate(table.matrix[last]) for head in (heads.home_goals, heads.away_goals)]
    scores = [
        np.minimum(goals[last], grid.GOALS - 1).astype(np.intp)
        for goals in (table.home_goals, table.away_goals)
    ]

    def likelihood(rho: float) -> float:
        grids = grid.score_grid(rates[0], rates[1], rho)
        likely = grids[np.arange(len(grids)), scores[0], scores[1]]
        return float(np.log(np.maximum(likely, UNLIKELY)).sum())

    return max((round(float(rho), 2) for rho in np.arange(-0.25, 0.06, 0.01)), key=likelihood)
