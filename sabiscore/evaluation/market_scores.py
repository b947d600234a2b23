"""What bets other than the outcome are worth: the Brier score of each market, and answers at half-time.

Frames are canonical ones that also have ``home_half_goals`` and ``away_half_goals``, null where unknown.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.domain import HALF_TIME
from sabiscore.models import corners as corner_counts
from sabiscore.models.calibration import complete
from sabiscore.models.grid import both_score, outcomes, over
from sabiscore.models.halves import halves
from sabiscore.models.in_play import final_grid, remaining_rates
from sabiscore.models.scores import binned_error, rps

GOALS, HALF_GOALS, CORNERS = (
    (f"home_{counted}", f"away_{counted}") for counted in ("goals", "half_goals", "corners")
)

Claim: TypeAlias = tuple[str, Floats, Floats]
"""A market, what was said ``[n, k]`` and what happened ``[n, k]``, NaN where it is not known; of yes or no the yes."""


class MarketScore(Struct, frozen=True):
    """The Brier score of a market over ``n`` matches: the sum over its outcomes, of yes or no that of the yes.

    ``base`` is that of saying each time how often it happened in these matches; ``ece`` is the mean of all outcomes.
    """

    brier: float
    base: float
    ece: float
    n: int


def market_scores(
    rates: Floats, grids: Floats, probabilities: Floats, matches: pl.DataFrame, corners: Floats
) -> dict[str, MarketScore]:
    """The scores by market, on those of ``n`` matches of which it is known; a market without any is left out.

    ``grids`` ``[n, 11, 11]`` agree with ``probabilities`` ``[n, 3]``, ``rates`` ``[n, 2]`` are their expected goals;
    ``corners`` ``[n, 2]`` are those to expect, NaN where that is not known.
    """
    claims = (
        *_of_goals(grids, _counts(matches, GOALS)),
        *_of_halves(rates, probabilities, _counts(matches, HALF_GOALS), _counts(matches, GOALS)),
        *_of_corners(corners, _counts(matches, CORNERS)),
    )
    scores = {name: _score(said, happened) for name, said, happened in claims}
    return {name: score for name, score in scores.items() if score is not None}


def half_time_rps(rates: Floats, grids: Floats, matches: pl.DataFrame) -> float:
    """The mean RPS of answers at half-time, on the matches whose half-time score is known; NaN where none is.

    ``rates`` and ``grids`` are those of before kick-off, as above.
    """
    then, last = _counts(matches, HALF_GOALS), _counts(matches, GOALS)
    known = complete(np.hstack((then, last)))
    rates, then, last = rates[known], then[known], last[known]
    if not len(then):
        return float("nan")
    minute = np.full(len(then), float(HALF_TIME))
    left = remaining_rates(rates, minute, then, np.zeros_like(then))
    said = outcomes(final_grid(grids[known], rates, left, then))
    return float(rps(said, _outcome(last).argmax(axis=1)).mean())


def _of_goals(grids: Floats, goals: Floats) -> Iterator[Claim]:
    yield "over 2.5", *_yes(over(grids, 2.5), goals.sum(axis=1) > 2.5, goals)  # noqa: PLR2004
    yield "both score", *_yes(both_score(grids), goals.min(axis=1) > 0.0, goals)
    for side, name in enumerate(("home", "away")):
        said = grids.sum(axis=2 - side)[:, 2:].sum(axis=1)
        yield f"{name} over 1.5", *_yes(said, goals[:, side] > 1.5, goals)  # noqa: PLR2004


def _of_halves(rates: Floats, probabilities: Floats, then: Floats, last: Floats) -> Iterator[Claim]:
    found = halves(rates, probabilities)
    first, end = _outcome(then), _outcome(last)
    yield "half-time result", found.half_time, first
    yield (
        "half-time/full-time",
        found.table.reshape(-1, 9),
        np.einsum("ni,nj->nij", first, end).reshape(-1, 9),
    )
    for k, line in enumerate((0.5, 1.5)):
        yield f"half-time over {line}", *_yes(1.0 - found.under[:, k], then.sum(axis=1) > line, then)


def _of_corners(expected: Floats, corners: Floats) -> Iterator[Claim]:
    found = corner_counts.corners(expected)
    for k, line in enumerate(corner_counts.LINES):
        yield f"corners over {line}", *_yes(1.0 - found.under[:, k], corners.sum(axis=1) > line, corners)
    yield "most corners", found.most, _outcome(corners)


def _counts(matches: pl.DataFrame, columns: Sequence[str]) -> Floats:
    """Counts ``[n, 2]`` of each side, NaN where they are not known."""
    if not set(columns) <= set(matches.columns):
        return np.full((len(matches), 2), np.nan)
    return matches.select(pl.col(columns).cast(pl.Float64).fill_null(float("nan"))).to_numpy()


def _outcome(counts: Floats) -> Floats:
    """Who has more of them: home, as many, away ``[n, 3]``."""
    ahead = np.sign(counts[:, :1] - counts[:, 1:])
    return np.where(np.isnan(ahead), np.nan, ahead == (1.0, 0.0, -1.0))


def _yes(
    said: Floats, happened: np.ndarray[tuple[int], np.dtype[np.bool_]], known: Floats
) -> tuple[Floats, Floats]:
    """Yes or no as a claim ``[n, 1]``, where all of ``known`` ``[n, k]`` is."""
    return said[:, None], np.where(complete(known), happened, np.nan)[:, None]


def _score(said: Floats, happened: Floats) -> MarketScore | None:
    known = complete(np.hstack((said, happened)))
    if not known.any():
        return None
    happened = happened[known]
    errors = (said[known] - happened, happened.mean(axis=0) - happened)
    brier, base = (float((error**2).sum(axis=1).mean()) for error in errors)
    ece = np.mean([binned_error(said[known, k], happened[:, k]) for k in range(said.shape[1])])
    return MarketScore(brier, base, float(ece), int(known.sum()))
