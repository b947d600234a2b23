"""What bookmakers' odds say of probabilities."""

import math
from collections.abc import Sequence
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from sabiscore.arrays import Floats, softmax

_MOST_STEPS = 64
_LAST_STEP = 1e-8
"""Convergence is quadratic: after a step this small nothing is left to correct."""

MOST_WEIGHT = 2.0
Weight = Annotated[float, Meta(ge=-MOST_WEIGHT, le=MOST_WEIGHT)]


class ClosingWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """What the closing line is made of: the logarithms of the market's probabilities and of ours, each so many times.

    As they are, the line closes where it is.
    """

    market: Weight = 1.0
    ours: Weight = 0.0


def devig(odds: Floats) -> Floats:
    """Probabilities ``[n, 3]`` of decimal odds ``[n, 3]``: the margin taken off in proportion."""
    inverse = 1.0 / odds
    probabilities: Floats = inverse / inverse.sum(axis=1, keepdims=True)
    return probabilities


def shin(odds: Floats) -> Floats:
    """Probabilities ``[n, 3]`` of decimal odds ``[n, 3]``: more margin taken off longshots than favourites.

    The bookmaker guards against a share z of bettors who know the outcome (Shin, "Prices of state contingent
    claims with insider traders, and the favourite-longshot bias", 1992; "Measuring the incidence of insider
    trading in a market for state-contingent claims", 1993), in the closed form of Jullien and Salanié
    (1994): ``p = (sqrt(z**2 + 4 (1 - z) q**2 / sum(q)) - z) / (2 (1 - z))`` for inverse odds q, with the z
    at which p sums to 1. A book without margin has no such z: it is taken in proportion. A row with a price
    that is unknown, or not above 1, is unknown.
    """
    inverse = np.divide(1.0, odds, where=odds > 1.0, out=np.full(odds.shape, np.nan))
    spread = 4.0 * inverse**2 / inverse.sum(axis=1, keepdims=True)
    insiders = np.array([_insiders(book) for book in spread.tolist()])[:, None]
    weights = np.sqrt(insiders * (insiders - spread) + spread) - insiders
    probabilities: Floats = weights / weights.sum(axis=1, keepdims=True)
    return probabilities


def _insiders(spread: Sequence[float]) -> float:
    """Shin's z, by Newton's method on ``sum(sqrt(z**2 + (1 - z) spread)) - 2 - z``.

    That is convex, not negative at 0, and falls to its first root: from 0 (the first step, in closed form)
    Newton comes to it from the left and never oversteps. Floats, because arrays of three numbers
    would take eight times as long.
    """
    start = 0.5 * sum(math.sqrt(s) for s in spread)
    z = 2.0 * (start - 1.0) / (start + 1.0)
    if not z > 0.0:
        return 0.0
    for _ in range(_MOST_STEPS):
        roots = [math.sqrt(z * (z - s) + s) for s in spread]
        slope = sum((z - 0.5 * s) / root for s, root in zip(spread, roots, strict=True)) - 1.0
        step = (2.0 + z - sum(roots)) / slope
        z += step
        if not step > _LAST_STEP:
            break
    return z


def pool(ours: Floats, market: Floats, market_weight: float) -> Floats:
    """Two forecasts ``[n, 3]`` in one: logarithms averaged, the market's with its weight.

    The logarithmic opinion pool (Genest and Zidek, "Combining probability distributions", 1986): a weight of 0 is
    ours, 1 the market's; one above 1 leans against us. Probabilities are above 0.
    """
    return softmax((1.0 - market_weight) * np.log(ours) + market_weight * np.log(market))


def expected_closing(market: Floats, ours: Floats, weights: ClosingWeights) -> Floats:
    """Where the market's probabilities ``[n, 3]`` will be at kick-off, given ours ``[n, 3]``; both are above 0."""
    return softmax(weights.market * np.log(market) + weights.ours * np.log(ours))


def learn_closing(market: Floats, ours: Floats, closing: Floats) -> ClosingWeights:
    """The weights by which `expected_closing` has the least squared error of logarithms, of matches ``[n, 3]``."""
    seen = np.column_stack([_centred(each).ravel() for each in (market, ours)])
    found = np.linalg.lstsq(seen, _centred(closing).ravel(), rcond=None)[0]
    weights = np.clip(found, -MOST_WEIGHT, MOST_WEIGHT).round(4)
    return ClosingWeights(market=float(weights[0]), ours=float(weights[1]))


def closing_errors(expected: Floats, closing: Floats) -> Floats:
    """The squared error ``[n]`` of the logarithms of ``expected`` probabilities ``[n, 3]``, each less their mean."""
    errors: Floats = ((_centred(expected) - _centred(closing)) ** 2).sum(axis=1)
    return errors


def _centred(probabilities: Floats) -> Floats:
    logs = np.log(probabilities)
    centred: Floats = logs - logs.mean(axis=1, keepdims=True)
    return centred


def moved(odds: Floats, market: Floats, closing: Floats) -> Floats:
    """The odds ``[n, 3]`` after the market's probabilities have moved from ``market`` to ``closing``, all ``[n, 3]``.

    Each inverse price goes with its probability, and the margin of all together stays.
    """
    inverse = closing / market / odds
    inverse *= ((1.0 / odds).sum(axis=1) / inverse.sum(axis=1))[:, None]
    return 1.0 / inverse
