"""Corners: how many each side can expect, and how likely more or fewer of them are.

Counts are negative binomial: their variance is ``mean + dispersion * mean ** 2``. All corners together vary less than
two independent sides would, because one side's are the other's lost.
"""

import math

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats

LINES = (8.5, 9.5, 10.5, 11.5)
"""Corners of both sides."""

MOST = 36
"""Corners that are counted: 0 to 35."""

_DISPERSION = np.array((0.015, 0.065, 0.081))
"""Of all corners, the home side's, the away side's."""

_INTERCEPT = np.array((0.228, 0.377))
_BY_LOG_MEAN = np.array((0.83, 0.751))
_BY_LOG_INDEX = np.array((0.413, 0.455))
_BY_DIFFERENCE = np.array((0.166, -0.135))
_BY_SQUARE = np.array((-0.015, -0.004))
_BY_SUM = np.array((0.038, 0.067))

_OTHER_WAY = [2, 3, 0, 1]
_NOWHERE = np.zeros(0, np.intp)
_SIZE = 1.0 / _DISPERSION
_COUNT = np.arange(float(MOST))
_COEFFICIENTS = np.array(
    [[math.exp(math.lgamma(k + r) - math.lgamma(r) - math.lgamma(k + 1)) for k in range(MOST)] for r in _SIZE]
)
_COUNTS = np.array(((1.0, 1.0, 0.0), (1.0, 0.0, 1.0)))
_BELOW = np.column_stack([*(line > _COUNT for line in LINES), _COUNT >= 0.0]).astype(np.float64)
_EVEN = np.eye(MOST)
_FEWER = np.triu(np.ones((MOST, MOST)), 1)
_AGAINST = np.hstack((_FEWER, _EVEN, _FEWER.T))
"""Of the other side's count and one's own ``[other, 3 * own]``: whether it is lower, the same, higher."""


class Corners(Struct, frozen=True):
    """How likely fewer corners than each line are: ``under`` ``[n, lines]``; and who has ``most`` ``[n, 3]``."""

    under: Floats
    most: Floats


def expected_corners(
    rates: Floats, index: Floats, means: Floats, neutral: NDArray[np.intp] = _NOWHERE
) -> Floats:
    """Corners ``[n, 2]`` to expect of each side; NaN where one of the figures is.

    ``rates`` ``[n, 2]`` are expected goals; ``index`` ``[n, 4]`` is how many corners a club has and allows, 1 on
    average: home for, home against, away for, away against; ``means`` ``[n, 2]`` are the league's. Those at the places
    ``neutral`` are the means of both ways round.
    """
    found = _expected(rates, index, means)
    if neutral.size:
        mirrored = _expected(rates[neutral, ::-1], index[neutral][:, _OTHER_WAY], means[neutral])
        found[neutral] = 0.5 * (found[neutral] + mirrored[:, ::-1])
    return found


def _expected(rates: Floats, index: Floats, means: Floats) -> Floats:
    logs = np.log(rates)
    difference, total = logs[:, :1] - logs[:, 1:], logs.sum(axis=1, keepdims=True)
    known = np.log(index)
    own = known[:, ::2] + known[:, [3, 1]]
    expected: Floats = np.exp(
        _INTERCEPT
        + _BY_LOG_MEAN * np.log(means)
        + _BY_LOG_INDEX * own
        + _BY_DIFFERENCE * difference
        + _BY_SQUARE * difference**2
        + _BY_SUM * total
    )
    return expected


def corners(expected: Floats) -> Corners:
    """What expected corners ``[n, 2]``, home and away, say of totals and of who has more."""
    mean = (expected[:, None] @ _COUNTS)[:, 0]
    counts = (mean / (_SIZE + mean))[..., None] ** _COUNT * _COEFFICIENTS
    below = (counts[:, :1] @ _BELOW)[:, 0]
    most = ((counts[:, 2:] @ _AGAINST).reshape(-1, 3, MOST) * counts[:, 1:2]).sum(axis=2)
    return Corners(below[:, :-1] / below[:, -1:], most / most.sum(axis=1, keepdims=True))
