"""What bookmakers' odds imply: probabilities without margin, and the goals that go with probabilities.

Goals are Poisson with Dixon and Coles' dependence of low scores. Goals of both sides together follow from the chance of
more than 2.5 alone, for that dependence moves chances only between scores of up to two goals; how they are shared
follows from how much likelier a home win is than an away win.
"""

import math
from functools import cache
from math import sqrt

import numpy as np

from sabiscore.arrays import Floats

MANY = 64
"""Books from which on arrays are quicker than floats one by one."""

_MOST_STEPS = 64
_LAST_STEP = 1e-8
"""Convergence is quadratic: after a step this small nothing is left to correct."""

FEWEST_GOALS, MOST_GOALS = 0.8, 9.0
"""Goals of both sides together, beyond which no match is expected to be."""

LARGEST_LOG_ODDS = 5.0
"""Of a home win to an away win or the other way round, beyond which none is either: 150 to 1."""

_SCORES = np.arange(15.0)
_BY_FACTORIAL = 1.0 / np.array([math.factorial(score) for score in range(15)])
_TOTALS = np.geomspace(0.05, 12.0, 4001)

_LOG_ODDS_POWERS, _TOTAL_POWERS = np.arange(6.0), np.arange(8.0)


def devig(odds: Floats) -> Floats:
    """Probabilities ``[n, k]`` of decimal odds ``[n, k]``: the margin taken off in proportion."""
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
    solve = _many_insiders if len(odds) > MANY else _few_insiders
    insiders = solve(spread)[:, None]
    weights = np.sqrt(insiders * (insiders - spread) + spread) - insiders
    probabilities: Floats = weights / weights.sum(axis=1, keepdims=True)
    return probabilities


def _few_insiders(spread: Floats) -> Floats:
    """Shin's z of each spread ``[n, 3]``."""
    return np.array([_insiders(*book) for book in spread.tolist()])


def _many_insiders(spread: Floats) -> Floats:
    """The same numbers, to the last bit, of many at once."""
    with np.errstate(all="ignore"):
        root = np.sqrt(spread)
        start = 0.5 * (root[:, 0] + root[:, 1] + root[:, 2])
        found = 2.0 * (start - 1.0) / (start + 1.0)
        found[~(found > 0.0)] = 0.0
        left = np.flatnonzero(found)
        for _ in range(_MOST_STEPS):
            z, each = found[left], spread[left].T
            first, second, third = np.sqrt(z * (z - each) + each)
            home, draw, away = each
            slope = (z - 0.5 * home) / first + (z - 0.5 * draw) / second + (z - 0.5 * away) / third - 1.0
            step = (2.0 + z - (first + second + third)) / slope
            found[left] += step
            left = left[step > _LAST_STEP]
            if not left.size:
                break
    return found


def _insiders(home: float, draw: float, away: float) -> float:
    """Shin's z of a spread, by Newton's method on ``sum(sqrt(z**2 + (1 - z) spread)) - 2 - z``.

    That is convex, not negative at 0, and falls to its first root: from 0 (the first step, in closed form)
    Newton comes to it from the left and never oversteps. Floats one by one, because arrays or loops of three numbers
    would take four times as long.
    """
    start = 0.5 * (sqrt(home) + sqrt(draw) + sqrt(away))
    z = 2.0 * (start - 1.0) / (start + 1.0)
    if not z > 0.0:
        return 0.0
    for _ in range(_MOST_STEPS):
        first, second, third = (
            sqrt(z * (z - home) + home),
            sqrt(z * (z - draw) + draw),
            sqrt(z * (z - away) + away),
        )
        slope = (z - 0.5 * home) / first + (z - 0.5 * draw) / second + (z - 0.5 * away) / third - 1.0
        step = (2.0 + z - (first + second + third)) / slope
        z += step
        if not step > _LAST_STEP:
            break
    return z


def goals(log_odds: Floats, log_over: Floats, rho: float) -> Floats:
    """Expected goals ``[n, 2]``, home and away, that go with two log-odds ``[n]``; NaN where one is.

    ``log_odds`` is the logarithm of how much likelier a home win is than an away win, ``log_over`` the logit of more
    than 2.5 goals.
    """
    total = np.clip(_total(log_over), FEWEST_GOALS, MOST_GOALS)
    log_odds = np.clip(log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
    supremacy, slope = _start(log_odds, total, rho)
    supremacy += slope * (log_odds - _log_odds(supremacy, total, rho))
    return _sides(supremacy, total).T


def _sides(supremacy: Floats, total: Floats) -> Floats:
    """Goals ``[2, n]`` of the home and the away side, of which the home side has ``exp(supremacy)`` times as many."""
    away = total / (1.0 + np.exp(supremacy))
    return np.array((total - away, away))


def _total(log_over: Floats) -> Floats:
    """Goals of both sides together at which more than 2.5 of them have these log-odds."""
    found: Floats = np.interp(log_over, _log_over_of_totals(), _TOTALS)
    return found


@cache
def _log_over_of_totals() -> Floats:
    under = np.exp(-_TOTALS) * (1.0 + _TOTALS + 0.5 * _TOTALS**2)
    found: Floats = np.log1p(-under) - np.log(under)
    return found


def _log_odds(supremacy: Floats, total: Floats, rho: float) -> Floats:
    """How much likelier a home win is than an away win ``[n]``."""
    sides = _sides(supremacy, total)
    chances = sides[..., None] ** _SCORES * _BY_FACTORIAL
    won = (chances[..., 1:] * np.cumsum(chances[::-1, :, :-1], axis=-1)).sum(axis=-1)
    wins, losses = won + rho * sides[0] * sides[1]
    found: Floats = np.log(wins / losses)
    return found


def _start(log_odds: Floats, total: Floats, rho: float) -> tuple[Floats, Floats]:
    """The supremacy that has these log-odds, to some hundred-thousandths, and how fast it changes with them."""
    by_total = (_of_total(total)[:, None] @ _polynomial(rho))[:, 0]
    terms = _of_log_odds(log_odds) * by_total
    return log_odds * terms.sum(axis=-1), (terms * (2.0 * _LOG_ODDS_POWERS + 1.0)).sum(axis=-1)


def _of_log_odds(log_odds: Floats) -> Floats:
    found: Floats = (0.04 * log_odds**2)[:, None] ** _LOG_ODDS_POWERS
    return found


def _of_total(total: Floats) -> Floats:
    found: Floats = (total / (2.0 + total))[:, None] ** _TOTAL_POWERS
    return found


@cache
def _polynomial(rho: float) -> Floats:
    """The polynomial ``[powers of total, powers of log-odds]`` of `_start`, fitted to its inverse."""
    supremacy, total = (
        each.ravel()
        for each in np.meshgrid(np.linspace(0.02, 6.0, 60), np.geomspace(FEWEST_GOALS, MOST_GOALS, 20))
    )
    log_odds = _log_odds(supremacy, total, rho)
    likely = np.exp(-0.5 * log_odds) * (log_odds < 1.1 * LARGEST_LOG_ODDS)
    terms = _of_total(total)[:, :, None] * _of_log_odds(log_odds)[:, None]
    design = terms.reshape(len(total), -1) * (likely * log_odds)[:, None]
    weights, *_ = np.linalg.lstsq(design, supremacy * likely, rcond=None)
    found: Floats = weights.reshape(len(_TOTAL_POWERS), len(_LOG_ODDS_POWERS))
    return found
