"""Rules and arithmetic: rounding, confidence, recommendation."""

import math
from collections.abc import Mapping

from sabiscore.advice.case import Case, Triple
from sabiscore.domain import (
    MOST_ADJUSTED,
    OUTCOMES,
    Confidence,
    GoalAdjustment,
    Odds,
    Outcome,
    Recommendation,
    Value,
)
from sabiscore.errors import InvalidFixtureError, InvalidOddsError
from sabiscore.languages.wording import gettext_noop
from sabiscore.models.confidence import Bounds, level_of

LEAST_VALUE = 0.05
"""Expected profit per unit staked below which odds are not worth a bet."""

LARGEST_ODDS = 1000.0
LARGEST_MARGIN = 0.30
"""What no bookmaker takes."""

NO_ODDS: Mapping[Outcome, str] = {
    "home": gettext_noop("The odds on a home win are {odds}: decimal odds are above 1 and at most {most}."),
    "draw": gettext_noop("The odds on a draw are {odds}: decimal odds are above 1 and at most {most}."),
    "away": gettext_noop("The odds on an away win are {odds}: decimal odds are above 1 and at most {most}."),
}
TOO_MUCH_AT_HOME = gettext_noop(
    "The goals of the home side are adjusted by {goals}: at most {most}, up or down, are possible."
)
TOO_MUCH_AWAY = gettext_noop(
    "The goals of the away side are adjusted by {goals}: at most {most}, up or down, are possible."
)


def thousandths(probabilities: Triple) -> Triple:
    """Round to three decimals that sum to exactly 1 (largest remainder)."""
    scaled = [1000.0 * p for p in probabilities]
    whole = [math.floor(s) for s in scaled]
    lost = [w - s for w, s in zip(whole, scaled, strict=True)]
    for k in sorted(range(3), key=lost.__getitem__)[: 1000 - sum(whole)]:
        whole[k] += 1
    return (whole[0] / 1000, whole[1] / 1000, whole[2] / 1000)


def confidence(case: Case, bounds: Bounds) -> Confidence:
    """The highest level whose bound at the data's age the likeliest outcome reaches.

    It is low for a club that comes from outside and has not played this season, or may have gone down.
    """
    return level_of(max(case.probabilities), case.age, bounds, unsure=case.unsure)


def fresh_confidence(case: Case, bounds: Bounds) -> Confidence:
    """What confidence would be, were the last match known of the day before."""
    return level_of(max(case.probabilities), 0, bounds, unsure=case.unsure)


def recommendation(case: Case, level: Confidence, worth: Value | None) -> Recommendation:
    """With odds the bet of best value, if licensed and worth it; without, the likeliest if sure enough."""
    if worth is not None:
        return best_bet(worth)
    return "no_bet" if level == "low" else OUTCOMES[case.likeliest]


def best_bet(value: Value) -> Recommendation:
    """The outcome of highest expected value, if licensed and worth at least `LEAST_VALUE`."""
    best = max(value.outcomes, key=lambda one: one.expected_value)
    return best.outcome if value.licensed and best.expected_value >= LEAST_VALUE else "no_bet"


def check_odds(odds: Odds) -> None:
    """Refuse what cannot be a bookmaker's odds.

    Raises:
        InvalidOddsError: one is not above 1, or together they have no margin or an absurd one.
    """
    for outcome in OUTCOMES:
        value = getattr(odds, outcome)
        if not 1.0 < value <= LARGEST_ODDS:
            raise InvalidOddsError(NO_ODDS[outcome], odds=float(value), most=LARGEST_ODDS)
    taken = margin((odds.home, odds.draw, odds.away))
    if not 0.0 < taken <= LARGEST_MARGIN:
        raise InvalidOddsError(
            "These odds leave the bookmaker a margin of {margin}%; a real book's is above 0% and at most {most}%. "
            "Give odds of one bookmaker, or an average of several.",
            margin=round(100.0 * taken, 1),
            most=100.0 * LARGEST_MARGIN,
        )


def check_adjustment(adjust: GoalAdjustment) -> None:
    """Refuse what nobody's absence is worth.

    Raises:
        InvalidFixtureError: it is no number, or more than `MOST_ADJUSTED` goals.
    """
    for goals, refused in ((adjust.home, TOO_MUCH_AT_HOME), (adjust.away, TOO_MUCH_AWAY)):
        if not abs(goals) <= MOST_ADJUSTED:
            raise InvalidFixtureError(refused, goals=float(goals), most=MOST_ADJUSTED)


def margin(odds: Triple) -> float:
    """The bookmaker's margin: how far the inverse odds sum above 1."""
    return sum(1.0 / price for price in odds) - 1.0
