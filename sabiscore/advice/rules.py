"""Rules and arithmetic: rounding, confidence, recommendation."""

import math
from collections.abc import Mapping

from sabiscore.advice.case import Case, Triple
from sabiscore.domain import OUTCOMES, Confidence, Odds, Recommendation
from sabiscore.errors import InvalidOddsError

LEAST_VALUE = 0.05
"""Expected profit per unit staked below which odds are not worth a bet."""

LARGEST_ODDS = 1000.0
LARGEST_MARGIN = 0.30
"""What no bookmaker takes."""


def thousandths(probabilities: Triple) -> Triple:
    """Round to three decimals that sum to exactly 1 (largest remainder)."""
    scaled = [1000.0 * p for p in probabilities]
    whole = [math.floor(s) for s in scaled]
    by_remainder = sorted(range(3), key=lambda k: whole[k] - scaled[k])
    for k in by_remainder[: 1000 - sum(whole)]:
        whole[k] += 1
    return (whole[0] / 1000, whole[1] / 1000, whole[2] / 1000)


def confidence(case: Case, bounds: Mapping[Confidence, float]) -> Confidence:
    """The highest level whose bound the likeliest outcome reaches; low for a club that has just come up."""
    if case.home.joins or case.away.joins:
        return "low"
    likeliest = max(case.probabilities)
    if likeliest >= bounds["high"]:
        return "high"
    return "medium" if likeliest >= bounds["medium"] else "low"


def recommendation(case: Case, level: Confidence) -> Recommendation:
    """With odds the outcome of best value, if worth a bet; without, the likeliest, if sure enough."""
    values = expected_values(case)
    if values is not None:
        best = max(range(3), key=values.__getitem__)
        return OUTCOMES[best] if values[best] >= LEAST_VALUE else "no_bet"
    return "no_bet" if level == "low" else OUTCOMES[case.likeliest]


def expected_values(case: Case) -> Triple | None:
    """Expected profit per unit staked on each outcome at the odds given."""
    odds = case.odds()
    if odds is None:
        return None
    home, draw, away = (p * o - 1.0 for p, o in zip(case.probabilities, odds, strict=True))
    return (home, draw, away)


def check_odds(odds: Odds) -> None:
    """Refuse what cannot be a bookmaker's odds.

    Raises:
        InvalidOddsError: one is not above 1, or together they have no margin or an absurd one.
    """
    for outcome in OUTCOMES:
        value = getattr(odds, outcome)
        if not 1.0 < value <= LARGEST_ODDS:
            raise InvalidOddsError(
                f"odds.{outcome} is {value:g}: decimal odds are above 1 and at most {LARGEST_ODDS:g}."
            )
    margin = 1 / odds.home + 1 / odds.draw + 1 / odds.away - 1
    if not 0.0 <= margin <= LARGEST_MARGIN:
        raise InvalidOddsError(
            f"These odds leave the bookmaker a margin of {margin:.1%}; a real book's is between 0 % and "
            f"{LARGEST_MARGIN:.0%}. Give odds of one bookmaker, or an average of several."
        )
