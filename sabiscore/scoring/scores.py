"""How good probabilities were: proper scores, accuracy, calibration, and how far they are from the closing line.

Everywhere ``probabilities`` is ``[n, 3]`` home, draw, away and ``outcomes`` ``[n]`` is 0, 1 or 2.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats

Outcomes = NDArray[np.intp]

ECE_BINS = 15
_TINY = 1e-15
_THOUSAND = 1000.0


class Scores(Struct, frozen=True):
    """Means over ``n`` matches. Lower is better but for accuracy.

    ``brier`` is the sum form, 0 to 2; ``ece`` has 15 bins of equal width and is averaged over the three
    outcomes.
    """

    rps: float
    log_loss: float
    brier: float
    accuracy: float
    ece: float
    n: int


def score(probabilities: Floats, outcomes: Outcomes) -> Scores:
    """All scores of at least one match.

    Raises:
        ValueError: there is no match.
    """
    if not len(outcomes):
        raise ValueError("no matches to score")
    return Scores(
        rps=float(rps(probabilities, outcomes).mean()),
        log_loss=float(log_loss(probabilities, outcomes).mean()),
        brier=float(brier(probabilities, outcomes).mean()),
        accuracy=float((probabilities.argmax(axis=1) == outcomes).mean()),
        ece=ece(probabilities, outcomes),
        n=len(outcomes),
    )


def happened(outcomes: Outcomes) -> Floats:
    """One-hot ``[n, 3]``."""
    return np.eye(3)[outcomes]


def rps(probabilities: Floats, outcomes: Outcomes) -> Floats:
    """Ranked probability score of each match ``[n]``, 0 to 1 (Epstein, 1969).

    Half the sum of the squared errors of the two cumulative probabilities.
    """
    error = np.cumsum(probabilities - happened(outcomes), axis=1)[:, :2]
    squared: Floats = np.sum(error**2, axis=1)
    return 0.5 * squared


def expected_rps(probabilities: Floats, truth: Floats) -> Floats:
    """What RPS each match ``[n]`` has on average, were its outcome drawn from ``truth`` ``[n, 3]``.

    Half the sum over both cumulative probabilities of the squared distance to the truth's, and of the truth's own
    variance: least where ``probabilities`` are the truth. NaN in either is NaN.
    """
    said, true = (np.cumsum(each, axis=1)[:, :2] for each in (probabilities, truth))
    squared: Floats = np.sum((said - true) ** 2 + true * (1.0 - true), axis=1)
    return 0.5 * squared


def expected_gap(probabilities: Floats, market: Floats, closing: Floats) -> Floats:
    """Expected RPS of each match ``[n]`` less that of ``market`` ``[n, 3]``, the ``closing`` line taken as the truth.

    Below zero is better than the market. It leaves out the luck of results, and so has a tenth of their noise.
    """
    return expected_rps(probabilities, closing) - expected_rps(market, closing)


def divergence(closing: Floats, probabilities: Floats) -> Floats:
    """Kullback and Leibler's divergence ``[n]`` from the ``closing`` line ``[n, 3]``, in thousandths of a nat.

    What log loss loses on average, were the line the truth: 0 where both are equal, else above.
    """
    ratio = np.log(np.maximum(closing, _TINY)) - np.log(np.maximum(probabilities, _TINY))
    lost: Floats = np.sum(closing * ratio, axis=1)
    return _THOUSAND * lost


def log_loss(probabilities: Floats, outcomes: Outcomes) -> Floats:
    """Minus the natural logarithm of the probability of what happened ``[n]``."""
    return -np.log(np.maximum(probabilities[np.arange(len(outcomes)), outcomes], _TINY))


def brier(probabilities: Floats, outcomes: Outcomes) -> Floats:
    """Sum over the three outcomes of the squared error ``[n]``, 0 to 2 (Brier, 1950)."""
    squared: Floats = np.sum((probabilities - happened(outcomes)) ** 2, axis=1)
    return squared


def ece(probabilities: Floats, outcomes: Outcomes) -> float:
    """Expected calibration error (Naeini et al., 2015), the mean of the three outcomes' own."""
    truth = happened(outcomes)
    return float(np.mean([binned_error(probabilities[:, k], truth[:, k]) for k in range(3)]))


def binned_error(probability: Floats, truth: Floats, weight: Floats | None = None) -> float:
    """Expected calibration error of one event: ``probability``, whether it happened and ``weight`` are ``[n]``.

    Without weights all are worth the same; what happened may be a mean.
    """
    weight = np.ones(len(truth)) if weight is None else weight
    gap = np.bincount(bins(probability), weights=weight * (probability - truth), minlength=ECE_BINS)
    return float(np.abs(gap).sum() / weight.sum())


def bins(probability: Floats) -> NDArray[np.intp]:
    """Which of the ECE_BINS of equal width each probability ``[n]`` is in."""
    return np.minimum((probability * ECE_BINS).astype(np.intp), ECE_BINS - 1)
