"""What happened in played matches, and what the market had said of them."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.domain import OUTCOMES
from sabiscore.implied import devig, shin
from sabiscore.scoring.scores import Outcomes, happened

_OUTCOME_PRIOR = np.array((0.45, 0.27, 0.28))
_PRIOR_MATCHES = 50


def outcomes(frame: pl.DataFrame) -> Outcomes:
    """0 home, 1 draw, 2 away of each match ``[n]``."""
    difference = (frame["home_goals"] - frame["away_goals"]).to_numpy()
    away_points: Outcomes = 1 - np.sign(difference).astype(np.intp)
    return away_points


def odds(frame: pl.DataFrame, book: str, sides: Sequence[str] = OUTCOMES) -> Floats:
    """Decimal odds ``[n, sides]`` of ``book`` (average, closing, maximum); NaN where it had none."""
    return frame.select(pl.col(f"{book}_{side}").fill_null(float("nan")) for side in sides).to_numpy()


def market(frame: pl.DataFrame, book: str) -> Floats:
    """Probabilities ``[n, 3]`` of a book's odds, its margin taken off in proportion; NaN without odds."""
    return devig(odds(frame, book))


def closing_line(frame: pl.DataFrame) -> Floats:
    """Probabilities ``[n, 3]`` of the closing price by Shin's method, the nearest thing to the truth; NaN without."""
    return np.where(_closed(frame)[:, None], shin(odds(frame, "price")), np.nan)


def closing_over(frame: pl.DataFrame) -> Floats:
    """Of more than 2.5 goals by the closing price ``[n]``; NaN where that of the outcome is not known."""
    over = devig(odds(frame, "price", ("over", "under")))[:, 0]
    return np.where(_closed(frame), over, np.nan)


def _closed(frame: pl.DataFrame) -> NDArray[np.bool_]:
    return frame["price_is_closing"].fill_null(value=False).to_numpy()


def base_rates(frame: pl.DataFrame) -> Floats:
    """How often each outcome happened in the league before each match's day ``[n, 3]``."""
    return rates_before(frame, happened(outcomes(frame)), _OUTCOME_PRIOR)


def rates_before(frame: pl.DataFrame, happened: Floats, prior: Floats) -> Floats:
    """How often each of ``[n, k]`` happened in the league before each match's day; ``prior`` ``[k]`` at first.

    The prior is worth 50 matches.
    """
    rates = np.empty_like(happened)
    day = frame["date"].cast(pl.Int32).to_numpy()
    league = frame["league"].to_numpy()
    for code in np.unique(league):
        of_league = np.flatnonzero(league == code)
        totals = np.vstack((np.zeros_like(prior), np.cumsum(happened[of_league], axis=0)))
        before = np.searchsorted(day[of_league], day[of_league], side="left")
        rates[of_league] = (totals[before] + prior * _PRIOR_MATCHES) / (before[:, None] + _PRIOR_MATCHES)
    return rates
