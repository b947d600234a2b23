"""What our model says of every market beside the outcome, as answers have it but for their rounding."""

import numpy as np
import polars as pl

from sabiscore.arrays import Floats
from sabiscore.domain import HALF_TIME
from sabiscore.evaluation.markets import (
    BOTH_SCORE,
    CORNER_LINES,
    FROM_HALF_TIME,
    HALF_GOALS,
    HALF_TIME_FULL_TIME,
    HALF_TIME_LINES,
    HALF_TIME_RESULT,
    MOST_CORNERS,
    OVER,
    SIDES_OVER,
)
from sabiscore.models.calibration import complete
from sabiscore.models.corners import corners
from sabiscore.models.grid import both_score, outcomes, over
from sabiscore.models.halves import halves
from sabiscore.models.in_play import final_grid, remaining_rates

_LINE = 2.5
_TWO = 2


def our_markets(
    rates: Floats, probabilities: Floats, grids: Floats, expected_corners: Floats, matches: pl.DataFrame
) -> dict[str, Floats]:
    """By the names of `markets.MARKETS`, of ``n`` matches ``[n]`` or ``[n, events]``; NaN where it cannot say.

    ``grids`` ``[n, 11, 11]`` agree with ``probabilities`` ``[n, 3]``, ``rates`` ``[n, 2]`` are their expected goals,
    ``expected_corners`` ``[n, 2]`` are NaN where they are not known. From half-time it also knows the score then.
    """
    return {
        OVER: over(grids, _LINE),
        BOTH_SCORE: both_score(grids),
        **{name: grids.sum(axis=2 - side)[:, _TWO:].sum(axis=1) for side, name in enumerate(SIDES_OVER)},
        **_halves(rates, probabilities),
        FROM_HALF_TIME: _from_half_time(rates, grids, matches),
        **_corners(expected_corners),
    }


def _halves(rates: Floats, probabilities: Floats) -> dict[str, Floats]:
    found = halves(rates, probabilities)
    return {
        HALF_TIME_RESULT: found.half_time,
        HALF_TIME_FULL_TIME: found.table.reshape(len(rates), -1),
        **{name: 1.0 - found.under[:, k] for k, name in enumerate(HALF_TIME_LINES)},
    }


def _corners(expected: Floats) -> dict[str, Floats]:
    found = corners(expected)
    return {
        **{name: 1.0 - found.under[:, k] for k, name in enumerate(CORNER_LINES)},
        MOST_CORNERS: found.most,
    }


def _from_half_time(rates: Floats, grids: Floats, matches: pl.DataFrame) -> Floats:
    """The outcome ``[n, 3]`` as answered at half-time."""
    said = np.full((len(matches), 3), np.nan)
    if not set(HALF_GOALS) <= set(matches.columns):
        return said
    score = matches.select(pl.col(HALF_GOALS).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    known = complete(score)
    rates, score = rates[known], score[known]
    minute = np.full(len(score), float(HALF_TIME))
    left = remaining_rates(rates, minute, score, np.zeros_like(score))
    said[known] = outcomes(final_grid(grids[known], rates, left, score))
    return said
