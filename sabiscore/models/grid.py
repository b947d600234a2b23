"""The goal grid: how likely each score is, and what the scores together say.

A grid is ``[n, GOALS, GOALS]``: home goals by away goals, 0 to 10 each, every fixture summing to 1.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sabiscore.arrays import Floats

GOALS = 11
"""Scores of a side: 0 to 10. More than ten goals happen to one side in fewer than one match in 100,000."""

HOME, AWAY = (side.ravel() for side in np.indices((GOALS, GOALS)))
"""Goals of the home and the away side in each cell ``[GOALS * GOALS]``, in the order of a flat grid."""

OUTCOME: NDArray[np.intp] = 1 - np.sign(HOME - AWAY)
"""The outcome in each cell: 0 home, 1 draw, 2 away."""

_BY_OUTCOME = np.argsort(OUTCOME, kind="stable")
_FIRST = np.searchsorted(OUTCOME[_BY_OUTCOME], (0, 1, 2))
_LOWEST = np.array([GOALS, 0, 1])
"""Cells of 1-0, 0-0 and 0-1 in a flat grid."""

_BOTH = np.column_stack((HOME, AWAY)).astype(np.float64)
_GOALS = np.arange(float(GOALS))
_BY_FACTORIAL = 1.0 / np.array([math.factorial(goals) for goals in range(GOALS)])
_TINY = 1e-12

BOTH_SCORE = 0.1
"""How much higher the logit of both sides scoring is, within an outcome, than nearly independent goals say.

Fitted to the scores of 2019/20 to 2022/23, given the closing odds; it holds for the seasons since.
"""

_DEPENDENCE = np.where((HOME > 0) & (AWAY > 0), np.exp(BOTH_SCORE), 1.0).reshape(GOALS, GOALS)


def score_grid(home_rate: Floats, away_rate: Floats, rho: float) -> Floats:
    """The grid ``[n, GOALS, GOALS]`` of expected goals ``[n]`` of each side.

    Independent Poisson goals times the correction of the four low scores by Dixon and Coles, "Modelling
    association football scores and inefficiencies in the football betting market" (1997), equation 4.2.
    A negative ``rho`` makes 0-0 and 1-1 likelier. Where it is so far from 0 that a cell would be negative,
    that cell is 0.

    Raises:
        ValueError: a rate is negative, no number, or beyond the grid.
    """
    rates = np.array((home_rate, away_rate))
    if not (rates.min(initial=0.0) >= 0.0 and rates.max(initial=0.0) < GOALS):
        raise ValueError(f"a side's expected goals are at least 0 and below {GOALS}")
    weights = rates[..., None] ** _GOALS * _BY_FACTORIAL
    grid: Floats = weights[0, :, :, None] * weights[1, :, None, :]
    grid[:, :2, :2] *= _low_scores(rates[0], rates[1], rho)
    grid /= grid.reshape(-1, GOALS * GOALS).sum(axis=1)[:, None, None]
    return grid


def _low_scores(home_rate: Floats, away_rate: Floats, rho: float) -> Floats:
    """Dixon and Coles' tau ``[n, 2, 2]``, the factors of low scores, of expected goals ``[n]`` of each side."""
    tau = np.empty((len(home_rate), 2, 2))
    tau[:, 0, 0] = -home_rate * away_rate
    tau[:, 0, 1] = home_rate
    tau[:, 1, 0] = away_rate
    tau[:, 1, 1] = -1.0
    tau *= rho
    tau += 1.0
    return np.maximum(tau, 0.0, out=tau)


def outcomes(grid: Floats) -> Floats:
    """Home, draw, away ``[n, 3]`` of grids ``[n, GOALS, GOALS]``."""
    sums: Floats = np.add.reduceat(grid.reshape(-1, GOALS * GOALS)[:, _BY_OUTCOME], _FIRST, axis=1)
    return sums


def reconcile(grid: Floats, probabilities: Floats) -> Floats:
    """Grids ``[n, GOALS, GOALS]`` whose outcomes are ``probabilities`` ``[n, 3]``, to float rounding.

    All scores of one outcome are scaled alike, so that what the grid says of goals *given* the outcome
    stays: of all such grids the one nearest to the old in relative entropy. An outcome that the grid rules
    out and ``probabilities`` do not is put on its lowest score.
    """
    sums = outcomes(grid)
    if (sums < _TINY).any():
        grid = _possible(grid, sums < _TINY)
        sums = outcomes(grid)
    factors: Floats = (probabilities / sums)[:, OUTCOME]
    return grid * factors.reshape(grid.shape)


def agreed(grid: Floats, probabilities: Floats) -> Floats:
    """Grids ``[n, GOALS, GOALS]`` with outcomes ``probabilities`` ``[n, 3]``, in which `BOTH_SCORE` is heard.

    Within each outcome the odds of both scoring are higher by one factor, and scores of either kind keep their odds to
    each other.
    """
    return reconcile(grid * _DEPENDENCE, probabilities)


def _possible(grid: Floats, missing: NDArray[np.bool_]) -> Floats:
    """The grids, not normalised, with some weight on the lowest score of each ``missing`` ``[n, 3]``."""
    flat = grid.reshape(-1, GOALS * GOALS).copy()
    flat[:, _LOWEST] += missing
    return flat.reshape(grid.shape)


def counts(grid: Floats, counted: Floats) -> Floats:
    """The expectation ``[n, k]`` of what is ``counted`` ``[GOALS * GOALS, k]`` in each cell.

    One grid at a time, so that a fixture alone is the fixture among many to the last bit.
    """
    found: Floats = (grid.reshape(-1, 1, GOALS * GOALS) @ counted)[:, 0]
    return found


def expected_goals(grid: Floats) -> Floats:
    """Expected goals ``[n, 2]``, home and away, of grids ``[n, GOALS, GOALS]``."""
    return counts(grid, _BOTH)


def over(grid: Floats, line: float) -> Floats:
    """The probability ``[n]`` of more goals in all than ``line``, say 2.5."""
    total: Floats = grid.reshape(-1, GOALS * GOALS)[:, line < HOME + AWAY].sum(axis=1)
    return total


def both_score(grid: Floats) -> Floats:
    """The probability ``[n]`` that each side scores at least once."""
    total: Floats = grid[:, 1:, 1:].sum(axis=(1, 2))
    return total
