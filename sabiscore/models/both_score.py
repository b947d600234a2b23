"""Both sides scoring is likelier than grids of nearly independent goals say: grids that agree with how likely it is."""

import numpy as np

from sabiscore.arrays import Floats
from sabiscore.models.grid import AWAY, GOALS, HOME, OUTCOME, reconcile

LINE = 2.5

_INTERCEPT = 0.061
_BY_LOGITS = np.array((1.062 - 1.0, 0.031))
"""How much further the logit of both scoring is, by what the grid says of that and of more goals than `LINE`."""

_BOTH = (HOME > 0) & (AWAY > 0)
_SETS = [
    kind & (outcome == OUTCOME) for kind in (OUTCOME >= 0, _BOTH, HOME + AWAY > LINE) for outcome in range(3)
]
_COUNTED = np.column_stack(_SETS).astype(np.float64)
_PLACES = 2 * OUTCOME + _BOTH
"""The factor of each cell: of those in which not both score and in which both do, for each outcome."""

_TINY, _LEAST = 1e-12, 1e-6
_FURTHEST = 0.5
"""The most that logits within an outcome are moved, whatever grid it is."""


def agreed(grid: Floats, probabilities: Floats) -> Floats:
    """Grids ``[n, GOALS, GOALS]`` with outcomes ``probabilities`` ``[n, 3]``, in which both score as often as they do.

    Within each outcome the scores of either kind are scaled alike, their odds by one factor: of all grids with
    these outcomes in which both score as often, the one nearest to the old in relative entropy. The factor is
    that of a single step of Newton's method, which comes within a few thousandths.
    """
    sums = _sums(grid)
    if (sums[:, 0] < _TINY).any():
        grid = reconcile(grid, probabilities)
        sums = _sums(grid)
    possible = np.maximum(sums[:, 0], _TINY)
    scale, share = probabilities / possible, sums[:, 1] / possible
    said = np.minimum(np.maximum((sums[:, 1:] * scale[:, None]).sum(axis=2), _LEAST), 1.0 - _LEAST)
    further = _INTERCEPT + (np.log(said / (1.0 - said)) * _BY_LOGITS).sum(axis=1)
    slope = (probabilities * share * (1.0 - share)).sum(axis=1)
    within = further * said[:, 0] * (1.0 - said[:, 0]) / np.maximum(slope, _LEAST)
    odds = np.exp(np.minimum(np.maximum(within, -_FURTHEST), _FURTHEST))[:, None]
    factors = np.empty((len(grid), 6))
    factors[:, ::2] = scale / (1.0 + (odds - 1.0) * share)
    factors[:, 1::2] = odds * factors[:, ::2]
    found: Floats = grid * factors[:, _PLACES].reshape(grid.shape)
    return found


def _sums(grid: Floats) -> Floats:
    """How likely all scores, those of both and those over the line are in each outcome ``[n, 3, 3]``."""
    sums: Floats = (grid.reshape(-1, 1, GOALS * GOALS) @ _COUNTED).reshape(-1, 3, 3)
    return sums
