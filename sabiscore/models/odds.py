"""Our forecast and what bookmakers' odds say, in one: pooled, and where odds will close."""

from collections.abc import Iterable, Mapping
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from sabiscore.arrays import Floats, softmax

MOST_WEIGHT = 2.0
Weight = Annotated[float, Meta(ge=-MOST_WEIGHT, le=MOST_WEIGHT)]


class ClosingWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """What a league's closing line is made of: logarithms of the market's probabilities and ours, each so many times.

    As they are, the line closes where it is.
    """

    market: Weight = 1.0
    ours: Weight = 0.0


STILL = ClosingWeights()


def weights_of(leagues: Iterable[str], by_league: Mapping[str, ClosingWeights]) -> Floats:
    """The market's weight and ours ``[n, 2]`` in each of ``leagues``; where none were learnt, the line stays."""
    found = (by_league.get(league, STILL) for league in leagues)
    return np.array([(one.market, one.ours) for one in found]).reshape(-1, 2)


def pool(ours: Floats, market: Floats, market_weight: float) -> Floats:
    """Two forecasts ``[n, 3]`` in one: logarithms averaged, the market's with its weight.

    The logarithmic opinion pool (Genest and Zidek, "Combining probability distributions", 1986): a weight of 0 is
    ours, 1 the market's; one above 1 leans against us. Probabilities are above 0.
    """
    return softmax((1.0 - market_weight) * np.log(ours) + market_weight * np.log(market))


def expected_closing(market: Floats, ours: Floats, weights: Floats) -> Floats:
    """Where the market's probabilities ``[n, 3]`` will be at kick-off, given ours ``[n, 3]``; both are above 0.

    ``weights`` ``[n, 2]`` are as `weights_of` has them.
    """
    return softmax(weights[:, :1] * np.log(market) + weights[:, 1:] * np.log(ours))


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
