"""What happened in played matches, and what the market had said of them."""

import numpy as np
import polars as pl

from sabiscore.arrays import Floats
from sabiscore.domain import OUTCOMES
from sabiscore.models.market import devig
from sabiscore.models.scores import Outcomes, happened

_BASE_RATE_PRIOR = np.array((0.45, 0.27, 0.28))
_BASE_RATE_PRIOR_MATCHES = 50


def outcomes(frame: pl.DataFrame) -> Outcomes:
    """0 home, 1 draw, 2 away of each match ``[n]``."""
    difference = (frame["home_goals"] - frame["away_goals"]).to_numpy()
    away_points: Outcomes = 1 - np.sign(difference).astype(np.intp)
    return away_points


def odds(frame: pl.DataFrame, book: str) -> Floats:
    """Decimal odds ``[n, 3]`` of ``book`` (average, closing, maximum); NaN where it had none."""
    columns = [pl.col(f"{book}_{outcome}").fill_null(float("nan")) for outcome in OUTCOMES]
    return frame.select(columns).to_numpy()


def market(frame: pl.DataFrame, book: str) -> Floats:
    """Probabilities ``[n, 3]`` of a book's odds, its margin taken off in proportion; NaN without odds."""
    return devig(odds(frame, book))


def base_rates(frame: pl.DataFrame) -> Floats:
    """How often each outcome happened in the league before each match's day ``[n, 3]``."""
    rates = np.empty((len(frame), 3))
    truth = happened(outcomes(frame))
    day = frame["date"].cast(pl.Int32).to_numpy()
    league = frame["league"].to_numpy()
    for code in np.unique(league):
        of_league = np.flatnonzero(league == code)
        totals = np.vstack((np.zeros(3), np.cumsum(truth[of_league], axis=0)))
        before = np.searchsorted(day[of_league], day[of_league], side="left")
        seen = totals[before] + _BASE_RATE_PRIOR * _BASE_RATE_PRIOR_MATCHES
        rates[of_league] = seen / (before[:, None] + _BASE_RATE_PRIOR_MATCHES)
    return rates
