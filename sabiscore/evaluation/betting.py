"""What betting on the forecasts by the product's own rule would have brought, and whether that says anything."""

from datetime import date
from itertools import product

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.advice.case import Triple
from sabiscore.advice.rules import LEAST_VALUE, best_bet, thousandths
from sabiscore.advice.value import value
from sabiscore.arrays import Floats
from sabiscore.domain import OUTCOMES, Recommendation
from sabiscore.evaluation.rivals import MARKET_SHIN
from sabiscore.evaluation.scored import OURS, WITH_ODDS, Scored
from sabiscore.implied import shin
from sabiscore.models.calibration import complete
from sabiscore.scoring.bootstrap import LEVEL, SEED, TAILS, Bootstrap, Interval
from sabiscore.scoring.outcomes import odds

BETTORS = (OURS, WITH_ODDS, MARKET_SHIN)
"""The market bets on its own average too: what that brings at the best odds is no merit of a model."""

PRICES = {"average": "average", "best": "maximum"}
"""The best is the highest of all bookmakers: more than one can get on every match."""

LICENSED, EVERY = "licensed leagues", "every league"
"""The product's own bets, and those of the same rule were every league licensed."""

_PATHS = 2_000
_ROUNDING = 0.001
"""What rounding to thousandths adds to a probability or a value at most."""


class Bets(Struct, frozen=True):
    """What ``bets`` on ``leagues`` brought: ``staked`` and ``profit`` in bankrolls.

    The bankroll stays the same, so that the order of the matches does not matter. ``per_unit`` is the profit per unit
    staked, None without a bet; ``claim`` says what that carries.
    """

    forecast: str
    prices: str
    leagues: str
    bets: int
    staked: float
    profit: float
    per_unit: Interval | None
    claim: str


class Curve(Struct, frozen=True):
    """Profit up to and with each week (its Monday), in bankrolls, were every league licensed.

    ``low`` and ``high`` hold 95 % of what the same weeks, drawn again in another order, bring by then.
    """

    forecast: str
    prices: str
    weeks: list[date]
    profit: list[float]
    low: list[float]
    high: list[float]


class Slips(Struct, frozen=True):
    """One bet a match at most: what is done, and ``stake`` and ``profit`` ``[n]``, 0 where there is none."""

    bets: NDArray[np.str_]
    stake: Floats
    profit: Floats


class Betting(Struct, frozen=True):
    """The product's bets at every price, then every bettor's by its rule were every league licensed.

    ``profit`` is how the latter came about.
    """

    bets: list[Bets]
    profit: list[Curve]


def betting(scored: Scored, draws: Bootstrap) -> Betting:
    """What was bet on these matches, and what ``draws`` of them say of it."""
    asked = [
        (name, prices, leagues)
        for leagues, names in ((LICENSED, (WITH_ODDS,)), (EVERY, BETTORS))
        for name, prices in product(names, PRICES)
    ]
    slips = [_slips(scored, *each) for each in asked]
    per_unit = draws.ratios(
        np.column_stack([each.profit for each in slips]), np.column_stack([each.stake for each in slips])
    )
    bets = [_bets(*each) for each in zip(asked, slips, per_unit, strict=True)]
    profit = [
        _curve(scored.matches, each, forecast, prices)
        for (forecast, prices, leagues), each in zip(asked, slips, strict=True)
        if leagues == EVERY
    ]
    return Betting(bets, profit)


def _slips(scored: Scored, name: str, prices: str, leagues: str) -> Slips:
    licensed = scored.licensed if leagues == LICENSED else np.ones_like(scored.licensed)
    return place(scored.outcomes[name], odds(scored.matches, PRICES[prices]), scored.truth, licensed)


def place(
    probabilities: Floats, prices: Floats, outcomes: NDArray[np.intp], licensed: NDArray[np.bool_]
) -> Slips:
    """Bet on ``[n, 3]`` probabilities at ``[n, 3]`` decimal odds; NaN in either is no bet."""
    known = complete(np.hstack((probabilities, prices))) & _may_be_worth(probabilities, prices)
    bets, stake = np.full(len(known), "no_bet"), np.zeros(len(known))
    columns = (probabilities[known], prices[known], shin(prices[known]), licensed[known])
    figures = zip(*(column.tolist() for column in columns), strict=True)
    for match, (ours, offered, market, allowed) in zip(np.flatnonzero(known), figures, strict=True):
        bets[match], stake[match] = slip(ours, offered, market, licensed=allowed)
    won = bets == np.array(OUTCOMES)[outcomes]
    gain = stake * (prices[np.arange(len(known)), outcomes] - 1.0)
    return Slips(bets, stake, np.where(won, gain, 0.0 - stake))


def _may_be_worth(probabilities: Floats, prices: Floats) -> NDArray[np.bool_]:
    """Where the rule is worth asking ``[n]``: it cannot find the value elsewhere, rounded as it may be."""
    highest = (probabilities + _ROUNDING) * prices
    return np.asarray(highest.max(axis=1) >= 1.0 + LEAST_VALUE - _ROUNDING)


def slip(ours: Triple, prices: Triple, market: Triple, *, licensed: bool) -> tuple[Recommendation, float]:
    """The product's bet, and its share of the bankroll."""
    worth = value(thousandths(ours), prices, market, licensed=licensed)
    bet = best_bet(worth)
    return bet, sum((one.kelly_stake for one in worth.outcomes if one.outcome == bet), 0.0)


def _bets(asked: tuple[str, str, str], slips: Slips, per_unit: Interval | None) -> Bets:
    forecast, prices, leagues = asked
    return Bets(
        forecast=forecast,
        prices=prices,
        leagues=leagues,
        bets=int((slips.stake > 0).sum()),
        staked=float(slips.stake.sum()),
        profit=float(slips.profit.sum()),
        per_unit=per_unit,
        claim=claim(per_unit),
    )


def claim(per_unit: Interval | None) -> str:
    """What a profit per unit staked says, in a sentence."""
    if per_unit is None:
        return "There was nothing to bet on."
    interval = f"{LEVEL:.0%} interval {per_unit.low:+.1%} to {per_unit.high:+.1%} of what was staked"
    if per_unit.low > 0:
        return f"A profit that the {interval} carries, on these matches and at these prices."
    if per_unit.high < 0:
        return f"A loss: {interval}."
    return f"No claim of profit: the {interval} holds zero."


def _curve(matches: pl.DataFrame, slips: Slips, forecast: str, prices: str) -> Curve:
    monday = matches["date"].dt.truncate("1w")
    weekly = (
        pl.DataFrame({"week": monday, "profit": slips.profit})
        .group_by("week")
        .agg(pl.col("profit").sum())
        .sort("week")
    )
    profit = weekly["profit"].to_numpy()
    drawn = np.random.default_rng(SEED).choice(profit, size=(_PATHS, len(profit)))
    low, high = np.quantile(drawn.cumsum(axis=1), TAILS, axis=0)
    return Curve(
        forecast=forecast,
        prices=prices,
        weeks=weekly["week"].to_list(),
        profit=profit.cumsum().tolist(),
        low=low.tolist(),
        high=high.tolist(),
    )
