"""What odds are worth: the market without its margin, the edge over it, and how much to stake."""

from sabiscore.advice.case import Triple
from sabiscore.advice.rules import margin, thousandths
from sabiscore.domain import OUTCOMES, Outcome, OutcomeValue, Value

KELLY_FRACTION = 0.25
"""How much of the Kelly stake to take: a quarter has 7/16 of its growth at a sixteenth of its variance."""

LARGEST_STAKE = 0.02
"""The share of the bankroll that no bet exceeds, whatever the edge."""


def value(probabilities: Triple, odds: Triple, market: Triple, *, licensed: bool) -> Value:
    """What ``odds`` are worth if ``probabilities``, rounded as the answer gives them, are right.

    ``market`` is what the odds themselves say. Stakes are 0 unless ``licensed``: then `stake`, each as if it were
    the only bet on the match.
    """
    return Value(
        margin=round(margin(odds), 4),
        outcomes=[
            _outcome(*figures, licensed=licensed)
            for figures in zip(OUTCOMES, probabilities, thousandths(market), odds, strict=True)
        ],
        licensed=licensed,
    )


def _outcome(outcome: Outcome, ours: float, market: float, odds: float, *, licensed: bool) -> OutcomeValue:
    return OutcomeValue(
        outcome=outcome,
        market_prob=market,
        fair_odds=round(1.0 / ours, 2) if ours > 0.0 else None,
        edge=round(ours - market, 4),
        expected_value=round(ours * odds - 1.0, 4) + 0.0,  # never -0.0
        kelly_stake=round(stake(ours, odds), 4) if licensed else 0.0,
    )


def stake(probability: float, odds: float) -> float:
    """The share of the bankroll to put on odds above 1: `KELLY_FRACTION` of Kelly's, at most `LARGEST_STAKE`.

    Kelly's is ``(probability * odds - 1) / (odds - 1)``, which grows the bankroll fastest in the long run
    (Kelly, "A new interpretation of information rate", 1956); a part of it forgives a probability that is
    too high. Never negative: odds below fair are no bet.
    """
    kelly = (probability * odds - 1.0) / (odds - 1.0)
    return min(max(KELLY_FRACTION * kelly, 0.0), LARGEST_STAKE)
