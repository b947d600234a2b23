"""A match that is being played: the goals that are left to expect, and the grid of final scores.

At half-time the goals of the second half are those of `second_half_rates`. Any other minute is interpolated: goals are
spread evenly over each half and its `STOPPAGE`, a lead counts in the first half as it does in the second, and before
half-time the second half is expected over all scores at half-time.
Everything here is ``[n]`` or ``[n, 2]``, home and away.
"""

import math

import numpy as np

from sabiscore.arrays import Floats
from sabiscore.domain import FULL_TIME, HALF_TIME
from sabiscore.models.grid import GOALS, score_grid
from sabiscore.models.halves import (
    BY_FACTORIAL,
    FIRST_HALF,
    HALF_GOALS,
    LOWEST_RATE,
    by_lead,
    second_half_rates,
)
from sabiscore.models.halves import GOALS as GOALS_OF_A_HALF

STOPPAGE = (2.0, 5.0)
"""Minutes that are usually added to each half: because of them more goals are left than the clock alone would say."""

OWN_RED_CARD = np.array((0.83, 0.58))
OTHERS_RED_CARD = np.array((1.69, 1.60))
"""What each red card of its own, and of the other side, times the goals of the home and the away side by.

Titman, Costain, Ridall and Gregory, "Joint modelling of goals and bookings in association football" (Journal of the
Royal Statistical Society A, 2015), on matches of the Premier League and the Championship.
"""

_MORE = np.column_stack([side.ravel() for side in np.indices((HALF_GOALS, HALF_GOALS))]).astype(np.float64)
"""Goals of each side until half-time ``[cells, 2]``."""

_CHOOSE = np.array(
    [[math.comb(last, now) for last in range(GOALS)] for now in range(GOALS)], dtype=np.float64
)
_FINAL = np.arange(GOALS)
_LEAST = 1e-4
"""The share of what independent goals say of a score below which no grid is believed, whatever odds it heard."""


def remaining_rates(rates: Floats, minute: Floats, score: Floats, red_cards: Floats) -> Floats:
    """Goals ``[n, 2]`` that are left to expect of each side, of matches with expected goals ``rates``.

    The minute is that of the clock, 45 being half-time and 90 the end. Before half-time a factor that fades until
    then sees to it that at kick-off all expected goals are left.
    """
    rates = np.maximum(rates, LOWEST_RATE)
    sent_off = OWN_RED_CARD**red_cards * OTHERS_RED_CARD ** red_cards[:, ::-1]
    first, second = (
        _share_left(minute, end, added)[:, None]
        for end, added in zip((HALF_TIME, FULL_TIME), STOPPAGE, strict=True)
    )
    until_half_time = FIRST_HALF * rates * first * by_lead(score)
    expected = _second_half(rates, until_half_time * sent_off, score)
    at_kick_off = _second_half(rates, FIRST_HALF * rates, np.zeros_like(score))
    expected *= ((1.0 - FIRST_HALF) * rates / at_kick_off) ** first
    left: Floats = (until_half_time + second * expected) * sent_off
    return left


def _share_left(minute: Floats, end: int, added: float) -> Floats:
    """How much ``[n]`` of the half that ends in that minute of the clock is left: none then."""
    share = np.minimum((end + added - minute) / (HALF_TIME + added), 1.0)
    return np.where(minute < end, share, 0.0)


def _second_half(rates: Floats, until_half_time: Floats, score: Floats) -> Floats:
    """Goals ``[n, 2]`` of the second half, expected over the scores at half-time."""
    weights = until_half_time[..., None] ** GOALS_OF_A_HALF * BY_FACTORIAL
    chances = (weights[:, 0, :, None] * weights[:, 1, None, :]).reshape(len(rates), -1, 1)
    then = second_half_rates(rates[:, None], score[:, None] + _MORE)
    expected: Floats = (chances * then).sum(axis=1) / chances.sum(axis=1)
    return expected


def final_grid(grid: Floats, rates: Floats, remaining: Floats, score: Floats) -> Floats:
    """Grids ``[n, GOALS, GOALS]`` of final scores, from those before kick-off and the ``score`` now.

    If each goal of a match falls into what is left of it with probability ``q``, independently, a final
    score of f goals where k are scored has the weight that it had before kick-off times ``comb(f, k) q**(f - k)``.
    With ``q = remaining / rates`` independent Poisson goals have exactly the ``remaining`` rates, and what a grid
    says beyond them is kept. With all goals left and none scored it is the grid itself. More goals of a side than
    a grid has are left out.
    """
    rates = np.maximum(rates, LOWEST_RATE)
    left = remaining / rates
    scored = score.astype(np.intp)
    more = np.maximum(_FINAL - scored[..., None], 0)
    weights = _CHOOSE[scored] * left[..., None] ** more
    believed = np.maximum(grid, _LEAST * score_grid(rates[:, 0], rates[:, 1], 0.0))
    final: Floats = believed * weights[:, 0, :, None] * weights[:, 1, None, :]
    final /= final.sum(axis=(1, 2), keepdims=True)
    return final
