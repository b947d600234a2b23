"""What betting on the forecasts would have brought, and whether that says anything."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.domain import OUTCOMES
from sabiscore.evaluation.bootstrap import LEVEL, SEED, Interval, ratios, weeks
from sabiscore.evaluation.rivals import MARKET_SHIN, odds
from sabiscore.evaluation.scored import OURS, WITH_ODDS, Scored

LEAST_VALUE = 0.05
"""Expected profit per unit staked above which there is a bet."""

KELLY_SHARE = 0.25
LARGEST_STAKE = 0.05
"""Of a bankroll of 1 that stays the same, so that the order of the matches does not matter."""

BETTORS = (OURS, WITH_ODDS, MARKET_SHIN)
"""The market bets on its own average too: what that brings at the best odds is no merit of a model."""

PRICES = {"average": "average", "best": "maximum"}
"""The best is the highest of all bookmakers: more than one can get on every match."""

FLAT, KELLY = "flat", "quarter Kelly"

_PATHS = 2_000


class Bets(Struct, frozen=True):
    """What ``bets`` brought: ``staked`` and ``profit`` in stakes of 1 (flat) or bankrolls of 1 (Kelly).

    ``per_unit`` is the profit per unit staked, None without a bet; ``claim`` says what that carries.
    """

    forecast: str
    prices: str
    stakes: str
    bets: int
    staked: float
    profit: float
    per_unit: Interval | None
    claim: str


class Curve(Struct, frozen=True):
    """Profit of flat stakes up to and with each week (its Monday).

    ``low`` and ``high`` hold 95 % of what the same weeks, drawn again in another order, bring by then.
    """

    forecast: str
    prices: str
    weeks: list[date]
    profit: list[float]
    low: list[float]
    high: list[float]


class Slips(Struct, frozen=True):
    """One bet a match at most, on the outcome of best value: ``stake`` and ``profit`` ``[n]``, 0 without one."""

    stake: Floats
    profit: Floats


def betting(scored: Scored) -> list[Bets]:
    """Every bettor at every price with both stakes, on the matches that have the price."""
    return [
        _bets(scored.matches, slips, name, prices, stakes)
        for name, prices, stakes, slips in _ways(scored, (FLAT, KELLY))
    ]


def curves(scored: Scored) -> list[Curve]:
    """How the profit of flat stakes came about, for every bettor at every price."""
    return [_curve(scored.matches, slips, name, prices) for name, prices, _, slips in _ways(scored, (FLAT,))]


def place(probabilities: Floats, prices: Floats, outcomes: NDArray[np.intp], stakes: str) -> Slips:
    """Bet on ``[n, 3]`` probabilities at ``[n, 3]`` decimal odds; NaN in either is no bet."""
    value = np.nan_to_num(probabilities * prices - 1.0, nan=-1.0)
    best = value.argmax(axis=1)
    match = np.arange(len(value))
    edge, price = value[match, best], np.nan_to_num(prices[match, best], nan=2.0)
    stake = np.where(edge > LEAST_VALUE, _stake(edge, price, stakes), 0.0)
    return Slips(stake, stake * np.where(best == outcomes, price - 1.0, -1.0))


def _stake(edge: Floats, price: Floats, stakes: str) -> Floats:
    """Kelly, "A new interpretation of information rate", 1956, a quarter of it and capped; or 1."""
    if stakes == FLAT:
        return np.ones_like(edge)
    return np.minimum(KELLY_SHARE * edge / (price - 1.0), LARGEST_STAKE)


def _ways(scored: Scored, stakes: tuple[str, ...]) -> Iterator[tuple[str, str, str, Slips]]:
    for name in BETTORS:
        for label, book in PRICES.items():
            prices = odds(scored.matches, book, OUTCOMES)
            for kind in stakes:
                yield name, label, kind, place(scored.outcomes[name], prices, scored.truth, kind)


def _bets(matches: pl.DataFrame, slips: Slips, forecast: str, prices: str, stakes: str) -> Bets:
    staked = float(slips.stake.sum())
    per_unit = None
    if staked:
        per_unit = ratios(slips.profit[:, None], slips.stake[:, None], weeks(matches))[0]
    return Bets(
        forecast=forecast,
        prices=prices,
        stakes=stakes,
        bets=int((slips.stake > 0).sum()),
        staked=staked,
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
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(drawn.cumsum(axis=1), (tail, 1.0 - tail), axis=0)
    return Curve(
        forecast=forecast,
        prices=prices,
        weeks=weekly["week"].to_list(),
        profit=profit.cumsum().tolist(),
        low=low.tolist(),
        high=high.tolist(),
    )
