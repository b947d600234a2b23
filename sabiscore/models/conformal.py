"""Sets of outcomes that hold what happens as often as they say, whatever the model is worth.

Split conformal prediction (Vovk, Gammerman and Shafer, "Algorithmic learning in a random world", 2005) with
the least ambiguous sets of Sadinle, Lei and Wasserman, "Least ambiguous set-valued classifiers with bounded
error levels" (2019): an outcome is in the set when its probability is at least ``1 - threshold``.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.scoring.scores import Outcomes

EVERYTHING = 1.0
"""The threshold at which every outcome is in the set."""


def threshold(probabilities: Floats, outcomes: Outcomes, coverage: float = 0.9) -> float:
    """The threshold at which sets hold what happens in at least ``coverage`` of exchangeable matches.

    It is the ``ceil((n + 1) coverage)``-th smallest of one minus the probability ``[n, 3]`` given to what
    happened ``[n]``: the quantile that holds for a finite ``n``. Where ``n`` is too small for that, every
    outcome is in the set. These must be matches the model did not learn from.

    Raises:
        ValueError: ``coverage`` is not between 0 and 1.
    """
    if not 0.0 < coverage < 1.0:
        raise ValueError(f"a coverage of {coverage:g} is not between 0 and 1")
    surprise = 1.0 - probabilities[np.arange(len(outcomes)), outcomes]
    rank = math.ceil(round((len(surprise) + 1) * coverage, 9))
    if rank > len(surprise):
        return EVERYTHING
    return float(np.partition(surprise, rank - 1)[rank - 1])


def members(probabilities: Floats, threshold: float) -> NDArray[np.bool_]:
    """Which outcomes are in the set of each match ``[n, 3]``; the likeliest is always among them."""
    likeliest = probabilities == probabilities.max(axis=1, keepdims=True)
    inside: NDArray[np.bool_] = (1.0 - probabilities <= threshold) | likeliest
    return inside


def coverage(probabilities: Floats, outcomes: Outcomes, threshold: float) -> float:
    """How often what happened ``[n]`` was in the set, 0 to 1."""
    return float(members(probabilities, threshold)[np.arange(len(outcomes)), outcomes].mean())
