"""What low, medium and high confidence mean: bounds on the likeliest outcome's probability."""

from collections.abc import Mapping
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from sabiscore.domain import Confidence
from sabiscore.models.predictor import Floats
from sabiscore.models.scores import Outcomes

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Count = Annotated[int, Meta(ge=0)]


class ConfidenceLevel(Struct, frozen=True, forbid_unknown_fields=True):
    """A level of confidence: the least probability of the likeliest outcome, and what it was worth.

    ``hit_rate`` is how often that outcome happened and ``share`` how often the level was reached, over
    ``n`` matches of seasons on which ``at_least`` was not chosen.
    """

    at_least: Share
    hit_rate: Share
    share: Share
    n: Count


HIGH_SHARE = 0.20
"""The share of matches, the surest, that have high confidence."""

MEDIUM_HIT_RATE = 0.55
"""How often the likeliest outcome of a match of medium confidence has to happen."""

_GRID = np.arange(0.34, 0.96, 0.01)


def choose_bounds(probabilities: Floats, outcomes: Outcomes) -> dict[Confidence, float]:
    """The bounds that give these matches' surest HIGH_SHARE high confidence, and enough hits to medium."""
    likeliest = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == outcomes
    high = round(float(np.quantile(likeliest, 1.0 - HIGH_SHARE)), 3)
    for bound in _GRID[high > _GRID]:
        inside = (likeliest >= bound) & (likeliest < high)
        if inside.any() and hit[inside].mean() >= MEDIUM_HIT_RATE:
            return {"high": high, "medium": round(float(bound), 2), "low": 0.0}
    return {"high": high, "medium": high, "low": 0.0}


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
