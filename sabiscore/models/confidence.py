"""What low, medium and high confidence mean: bounds on the likeliest outcome's probability."""

from collections.abc import Mapping

import numpy as np

from sabiscore.domain import Confidence
from sabiscore.models.bundle import ConfidenceLevel
from sabiscore.models.predictor import Floats
from sabiscore.models.scores import Outcomes

WANTED: dict[Confidence, float] = {"high": 0.75, "medium": 0.55}
"""How often the likeliest outcome of a level has to happen."""

_GRID = np.arange(0.34, 0.96, 0.01)
_FEWEST = 50
"""Matches below which a hit rate says little."""


def choose_bounds(probabilities: Floats, outcomes: Outcomes) -> dict[Confidence, float]:
    """The lowest bounds at which each level hits as often as wanted on these matches.

    A level that never does begins where the grid ends.
    """
    bounds: dict[Confidence, float] = {}
    ceiling = 1.01
    for level, wanted in WANTED.items():
        bounds[level] = ceiling = _lowest(probabilities, outcomes, wanted, ceiling)
    return {**bounds, "low": 0.0}


def _lowest(probabilities: Floats, outcomes: Outcomes, wanted: float, ceiling: float) -> float:
    likeliest = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == outcomes
    for bound in _GRID:
        inside = (likeliest >= bound) & (likeliest < ceiling)
        if inside.sum() >= _FEWEST and hit[inside].mean() >= wanted:
            return round(float(bound), 2)
    return min(round(float(_GRID[-1]), 2), ceiling)


def measure(
    bounds: Mapping[Confidence, float], probabilities: Floats, outcomes: Outcomes
) -> dict[str, ConfidenceLevel]:
    """What each level was worth on these matches."""
    likeliest = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == outcomes
    measured: dict[str, ConfidenceLevel] = {}
    ceiling = 1.01
    for level, bound in bounds.items():
        inside = (likeliest >= bound) & (likeliest < ceiling)
        rate = float(hit[inside].mean()) if inside.any() else 0.0
        measured[level] = ConfidenceLevel(bound, rate, float(inside.mean()), int(inside.sum()))
        ceiling = bound
    return measured
