"""What others say of the matches that we predict."""

import numpy as np
import polars as pl
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.evaluation.dixon_coles import SEASONS, Steps, dixon_coles
from sabiscore.evaluation.elo import elo
from sabiscore.models import grid as grids
from sabiscore.models.odds import devig, shin
from sabiscore.training.outcomes import base_rates, market, odds, rates_before

BASE_RATES, ELO, DIXON_COLES = "base rates", "Elo", "Dixon-Coles"
MARKET, MARKET_SHIN, MARKET_CLOSING = "market", "market Shin", "market closing"
RIVALS = (BASE_RATES, ELO, DIXON_COLES, MARKET, MARKET_SHIN, MARKET_CLOSING)

_GOAL_LINE = 2.5


class Rivals(Struct, frozen=True):
    """Probabilities by rival of ``n`` matches, NaN where one cannot say.

    ``outcomes`` are ``[n, 3]``; ``over`` (more than 2.5 goals) and ``both_score`` are ``[n]``.
    """

    outcomes: dict[str, Floats]
    over: dict[str, Floats]
    both_score: dict[str, Floats]


def rivals(frame: pl.DataFrame, season: int, progress: Steps, workers: int | None = None) -> Rivals:
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
            MARKET_SHIN: shin(odds(matches, "average")),
            MARKET_CLOSING: market(matches, "closing"),
        },
        over={
            BASE_RATES: yes_rates(recent, was_over(recent))[now],
            DIXON_COLES: grids.over(scores, _GOAL_LINE),
            MARKET: devig(odds(matches, "average", ("over", "under")))[:, 0],
            MARKET_CLOSING: devig(odds(matches, "closing", ("over", "under")))[:, 0],
        },
        both_score={
            BASE_RATES: yes_rates(recent, did_both_score(recent))[now],
            DIXON_COLES: grids.both_score(scores),
        },
    )


def was_over(frame: pl.DataFrame) -> Floats:
    """1 for each match ``[n]`` with three goals or more, else 0."""
    return frame.select((pl.col("home_goals") + pl.col("away_goals") > _GOAL_LINE).cast(float))[
        "home_goals"
    ].to_numpy()


def did_both_score(frame: pl.DataFrame) -> Floats:
    """1 for each match ``[n]`` in which each side scored, else 0."""
    least = pl.min_horizontal("home_goals", "away_goals")
    return frame.select((least > 0).cast(float)).to_series().to_numpy()


def yes_rates(frame: pl.DataFrame, happened: Floats) -> Floats:
    """How often it happened ``[n]`` in the league before each match's day; a half at first."""
    return rates_before(frame, happened[:, None], np.array((0.5,)))[:, 0]
