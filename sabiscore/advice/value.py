"""What odds are worth: the market without its margin, the edge over it, how much to stake, and what odds would do."""

import math

from sabiscore.advice.case import Triple
from sabiscore.advice.rules import LEAST_VALUE, margin, thousandths
from sabiscore.domain import OUTCOMES, Outcome, OutcomeValue, Value

KELLY_FRACTION = 0.25
"""How much of the Kelly stake to take: a quarter has 7/16 of its growth at a sixteenth of its variance."""

LARGEST_STAKE = 0.02
"""The share of the bankroll that no bet exceeds, whatever the edge."""

_ROUNDING = 1e-6
"""Of hundredths, by which floats are above what they are meant to be."""


def value(
    probabilities: Triple, odds: Triple, market: Triple, closing: Triple | None = None, *, licensed: bool
) -> Value:
    """What ``odds`` are worth if ``probabilities``, rounded as the answer gives them, are right.

    ``market`` is what the odds themselves say, ``closing`` where they are expected at kick-off, if elsewhere. Stakes
    are 0 unless ``licensed``: then `stake`, each as if it were the only bet on the match.
    """
    return Value(
        margin=round(margin(odds), 4),
        outcomes=[
            _outcome(*figures, licensed=licensed)
            for figures in zip(
                OUTCOMES, probabilities, thousandths(market), odds, closing or odds, strict=True
            )
        ],
        licensed=licensed,
    )


def _outcome(
    outcome: Outcome, ours: float, market: float, odds: float, closing: float, *, licensed: bool
) -> OutcomeValue:
    return OutcomeValue(
        outcome=outcome,
        market_prob=market,
        fair_odds=fair_odds(ours),
        minimum_odds=minimum_odds(ours),
        edge=round(ours - market, 4),
        expected_value=round(ours * odds - 1.0, 4) + 0.0,  # never -0.0
        kelly_stake=round(stake(ours, odds), 4) if licensed else 0.0,
        expected_closing_odds=round(closing, 2),
    )


def fair_odds(probability: float) -> float | None:
    """The decimal odds at which a bet breaks even; none where it cannot win."""
    return round(1.0 / probability, 2) if probability > 0.0 else None


def minimum_odds(probability: float, push: float = 0.0) -> float | None:
    """The least decimal odds that are worth `LEAST_VALUE`; none where a bet cannot win, or always returns the stake.

    Where the share ``push`` of the stake comes back, the rest has to be worth so much more.
    """
    if not (probability > 0.0 and push < 1.0):
        return None
    return math.ceil(100.0 * (1.0 + LEAST_VALUE / (1.0 - push)) / probability - _ROUNDING) / 100.0


def stake(probability: float, odds: float) -> float:
    """The share of the bankroll to put on odds above 1: `KELLY_FRACTION` of Kelly's, at most `LARGEST_STAKE`.

    Kelly's is ``(probability * odds - 1) / (odds - 1)``, which grows the bankroll fastest in the long run
    (Kelly, "A new interpretation of information rate", 1956); a part of it forgives a probability that is
    too high. Never negative: odds below fair are no bet.
    """
    kelly = (probability * odds - 1.0) / (odds - 1.0)
    return min(max(KELLY_FRACTION * kelly, 0.0), LARGEST_STAKE)
