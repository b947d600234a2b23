"""What if a side were to score more or fewer goals than expected: probabilities moved as the goals move them."""

import numpy as np

from sabiscore.arrays import Floats, softmax
from sabiscore.models.grid import outcomes, score_grid
from sabiscore.models.heads import HIGHEST_RATE

LOWEST_RATE = 0.1
"""Goals a match below which no adjustment takes a side."""


def adjusted(probabilities: Floats, rates: Floats, goals: Floats, rho: float) -> tuple[Floats, Floats]:
    """The probabilities ``[n, 3]`` and expected goals ``[n, 2]`` after ``goals`` ``[n, 2]`` were added to ``rates``.

    The logarithm of each probability moves by as much as the score grid's does. Where no goals are added, all stays.
    """
    after = np.where(goals != 0.0, np.clip(rates + goals, LOWEST_RATE, HIGHEST_RATE), rates)
    before, then = (np.log(outcomes(score_grid(each[:, 0], each[:, 1], rho))) for each in (rates, after))
    moved = (goals != 0.0).any(axis=1)
    found = probabilities.copy()
    found[moved] = softmax(np.log(probabilities[moved]) + then[moved] - before[moved])
    return found, after
