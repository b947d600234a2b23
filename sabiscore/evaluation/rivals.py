"""What others say of the matches that we predict."""

import numpy as np
import polars as pl
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.domain import OUTCOMES
from sabiscore.evaluation.dixon_coles import SEASONS, Progress, dixon_coles
from sabiscore.evaluation.elo import elo
from sabiscore.models import grid as grids
from sabiscore.models.market import devig, shin
from sabiscore.training.outcomes import base_rates, market

BASE_RATES, ELO, DIXON_COLES = "base rates", "Elo", "Dixon-Coles"
MARKET, MARKET_SHIN, MARKET_CLOSING = "market", "market Shin", "market closing"
RIVALS = (BASE_RATES, ELO, DIXON_COLES, MARKET, MARKET_SHIN, MARKET_CLOSING)

_PRIOR_MATCHES = 50
_GOAL_LINE = 2.5


class Rivals(Struct, frozen=True):
    """Probabilities by rival of ``n`` matches, NaN where one cannot say.

    ``outcomes`` are ``[n, 3]``; ``over`` (more than 2.5 goals) and ``both_score`` are ``[n]``.
    """

    outcomes: dict[str, Floats]
    over: dict[str, Floats]
    both_score: dict[str, Floats]


def rivals(frame: pl.DataFrame, season: int, progress: Progress, workers: int | None = None) -> Rivals:
    """All rivals on the matches of ``season``, in the frame's order; none knows a match of its day or later.

    Base rates are of the league since three seasons before, as much as Dixon-Coles sees. The market is the
    average of bookmakers before the match, its margin taken off in proportion or by Shin's method, and (in
    proportion) at kick-off.

    Raises:
        SabiScoreError: penaltyblog is not installed.
    """
    recent = frame.filter(pl.col("season").is_between(season - SEASONS, season))
    now = recent["season"].to_numpy() == season
    matches = recent.filter(now)
    scores = dixon_coles(frame, season, progress, workers)
    return Rivals(
        outcomes={
            BASE_RATES: base_rates(recent)[now],
            ELO: elo(frame, season),
            DIXON_COLES: grids.outcomes(scores),
            MARKET: market(matches, "average"),
            MARKET_SHIN: shin(odds(matches, "average", OUTCOMES)),
            MARKET_CLOSING: market(matches, "closing"),
        },
        over={
            BASE_RATES: rates_before(recent, was_over(recent))[now],
            DIXON_COLES: grids.over(scores, _GOAL_LINE),
            MARKET: devig(odds(matches, "average", ("over", "under")))[:, 0],
            MARKET_CLOSING: devig(odds(matches, "closing", ("over", "under")))[:, 0],
        },
        both_score={
            BASE_RATES: rates_before(recent, did_both_score(recent))[now],
            DIXON_COLES: grids.both_score(scores),
        },
    )


def odds(frame: pl.DataFrame, book: str, sides: tuple[str, ...]) -> Floats:
    """Decimal odds ``[n, sides]`` of ``book`` (average, closing, maximum); NaN where there are none."""
    return frame.select(pl.col(f"{book}_{side}").fill_null(float("nan")) for side in sides).to_numpy()


def was_over(frame: pl.DataFrame) -> Floats:
    """1 for each match ``[n]`` with three goals or more, else 0."""
    return frame.select((pl.col("home_goals") + pl.col("away_goals") > _GOAL_LINE).cast(float))[
        "home_goals"
    ].to_numpy()


def did_both_score(frame: pl.DataFrame) -> Floats:
    """1 for each match ``[n]`` in which each side scored, else 0."""
    least = pl.min_horizontal("home_goals", "away_goals")
    return frame.select((least > 0).cast(float)).to_series().to_numpy()


def rates_before(frame: pl.DataFrame, happened: Floats) -> Floats:
    """How often it happened ``[n]`` in the league before each match's day; a half, 50 matches strong, at first."""
    rates = np.empty(len(frame))
    day = frame["date"].cast(pl.Int32).to_numpy()
    league = frame["league"].to_numpy()
    for code in np.unique(league):
        of_league = np.flatnonzero(league == code)
        totals = np.concatenate(([0.0], np.cumsum(happened[of_league])))
        before = np.searchsorted(day[of_league], day[of_league], side="left")
        rates[of_league] = (totals[before] + 0.5 * _PRIOR_MATCHES) / (before + _PRIOR_MATCHES)
    return rates
