"""Both sides scoring is likelier than grids of nearly independent goals say: grids that agree with how likely it is."""

import numpy as np

from sabiscore.arrays import Floats, logit, sigmoid
from sabiscore.models.grid import AWAY, GOALS, HOME, OUTCOME, reconcile

LINE = 2.5

_INTERCEPT, _BY_GRID, _BY_OVER = 0.061, 1.062, 0.031
"""The logit of both scoring, by what the grid says of that and of more goals than `LINE`."""

_BOTH = (HOME > 0) & (AWAY > 0)
_SETS = np.column_stack([*(_BOTH & (outcome == OUTCOME) for outcome in range(3)), HOME + AWAY > LINE])
_COUNTED = _SETS.astype(np.float64)
_PLACES = 2 * OUTCOME + _BOTH
"""The factor of each cell: of those in which not both score and in which both do, for each outcome."""

_LEAST = 1e-6
_FURTHEST = 0.5
"""The most that logits are moved, whatever grid it is."""


def agreed(grid: Floats, probabilities: Floats) -> Floats:
    """Grids ``[n, GOALS, GOALS]`` with outcomes ``probabilities`` ``[n, 3]``, in which both score as often as they do.

    Within each outcome the scores of either kind are scaled alike, their odds by one factor: of all grids with
    these outcomes in which both score as often, the one nearest to the old in relative entropy. The factor is
    that of a single step of Newton's method, which is within a few thousandths of it.
    """
    grid = reconcile(grid, probabilities)
    counted = (grid.reshape(-1, 1, GOALS * GOALS) @ _COUNTED)[:, 0]
    both = counted[:, :3]
    share = both / np.maximum(probabilities, _LEAST)
    now, over = _inside(both.sum(axis=1)), _inside(counted[:, 3])
    wanted = sigmoid(_INTERCEPT + _BY_GRID * logit(now) + _BY_OVER * logit(over))
    slope = np.maximum((both * (1.0 - share)).sum(axis=1), _LEAST)
    odds = np.exp(np.clip((wanted - now) / slope, -_FURTHEST, _FURTHEST))[:, None]
    neither = 1.0 / (1.0 + (odds - 1.0) * share)
    factors = np.stack((neither, odds * neither), axis=2).reshape(-1, 6)
    found: Floats = grid * factors[:, _PLACES].reshape(grid.shape)
    return found


def _inside(probability: Floats) -> Floats:
    return np.clip(probability, _LEAST, 1.0 - _LEAST)
