"""Whether what is said happens as often as said: bins of probability."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.scoring.bootstrap import SEED, TAILS, Interval
from sabiscore.scoring.scores import ECE_BINS, binned_error, bins

_WORLDS = 300

RELIABILITY = "reliability"
"""What a bundle's scores have the bins under, by outcome."""


class Bin(Struct, frozen=True):
    """``n`` forecasts near each other: their mean, and how often it happened."""

    said: float
    happened: float
    n: int


def reliability(probability: Floats, happened: Floats) -> list[Bin]:
    """The bins, of equal width and not empty, of forecasts ``[n]`` of what happened (1) or not (0) ``[n]``."""
    place = bins(probability)
    count = np.bincount(place, minlength=ECE_BINS)
    said = np.bincount(place, weights=probability, minlength=ECE_BINS)
    true = np.bincount(place, weights=happened, minlength=ECE_BINS)
    return [Bin(float(said[k] / n), float(true[k] / n), int(n)) for k, n in enumerate(count) if n]


def chance_error(probabilities: Floats) -> Interval:
    """The expected calibration error of forecasts ``[n, 3]`` in worlds where they are perfectly calibrated.

    Outcomes drawn from the forecasts themselves (Bröcker and Smith, "Increasing the reliability of
    reliability diagrams", 2007), those alike together: the mean, and what chance alone holds it between. Few matches
    in many bins make it large: an error within this interval is no sign of bad calibration.
    """
    place = bins(probabilities)
    cells, cell = np.unique(place, axis=0, return_inverse=True)
    count = np.bincount(cell.ravel())
    said = np.column_stack([np.bincount(cell.ravel(), weights=column) for column in probabilities.T])
    chances = said / said.sum(axis=1, keepdims=True)
    drawn = np.random.default_rng(SEED).multinomial(count, chances, size=(_WORLDS, len(count)))
    off = drawn - count[:, None] * chances
    errors = [np.abs(off[..., k] @ np.eye(ECE_BINS)[cells[:, k]]).sum(axis=1) for k in range(len(off.T))]
    found = np.mean(errors, axis=0) / len(probabilities)
    low, high = np.quantile(found, TAILS)
    return Interval(float(found.mean()), float(low), float(high))


def calibration_error(found: Sequence[Bin]) -> float:
    """The expected calibration error of the event that bins are of."""
    said, true, n = np.array([(each.said, each.happened, each.n) for each in found]).T
    return binned_error(said, true, n)
