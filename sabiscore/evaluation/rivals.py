"""What others say of the matches that we predict."""

from collections.abc import Collection

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.data.sources import FORECAST
from sabiscore.evaluation.dixon_coles import SEASONS, Steps, dixon_coles
from sabiscore.evaluation.elo import elo
from sabiscore.evaluation.markets import BOTH_SCORE, OVER, happened
from sabiscore.implied import devig, shin
from sabiscore.models import grid
from sabiscore.models.grid import GOALS
from sabiscore.scoring.outcomes import base_rates, market, odds, rates_before

BASE_RATES, ELO, DIXON_COLES = "base rates", "Elo", "Dixon-Coles"
MARKET, MARKET_SHIN, MARKET_CLOSING = "market", "market Shin", "market closing"
FIVE_THIRTY_EIGHT = "FiveThirtyEight"
RIVALS = (BASE_RATES, ELO, DIXON_COLES, FIVE_THIRTY_EIGHT, MARKET, MARKET_SHIN, MARKET_CLOSING)

_GOAL_LINE = 2.5


class Rivals(Struct, frozen=True):
    """Probabilities by rival of ``n`` matches, NaN where one cannot say.

    ``outcomes`` are ``[n, 3]``; ``markets`` are by market first, ``[n]``.
    """

    outcomes: dict[str, Floats]
    markets: dict[str, dict[str, Floats]]


class Company(Struct, frozen=True):
    """Who is asked beside the market, Elo and base rates.

    Dixon-Coles in these leagues (all by default): it takes most of a backtest's time, and is left out without one.
    """

    dixon_coles: Collection[str] | None = None


def rivals(
    frame: pl.DataFrame,
    season: int,
    progress: Steps,
    company: Company = Company(),  # noqa: B008 - frozen
    workers: int | None = None,
) -> Rivals:
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
    return _together(
        _simple(frame, recent, now, season),
        _dixon_coles(frame, season, progress, company, workers),
        Rivals(_published(matches), {}),
        Rivals(
            {
                MARKET: market(matches, "average"),
                MARKET_SHIN: shin(odds(matches, "average")),
                MARKET_CLOSING: market(matches, "closing"),
            },
            {
                OVER: {
                    MARKET: devig(odds(matches, "average", ("over", "under")))[:, 0],
                    MARKET_CLOSING: devig(odds(matches, "closing", ("over", "under")))[:, 0],
                }
            },
        ),
    )


def _together(*parts: Rivals) -> Rivals:
    outcomes: dict[str, Floats] = {}
    markets: dict[str, dict[str, Floats]] = {}
    for part in parts:
        outcomes.update(part.outcomes)
        for name, said in part.markets.items():
            markets.setdefault(name, {}).update(said)
    return Rivals(outcomes, markets)


def _simple(frame: pl.DataFrame, recent: pl.DataFrame, now: NDArray[np.bool_], season: int) -> Rivals:
    """Base rates and Elo."""
    rates = {
        name: {BASE_RATES: yes_rates(recent, happened(name, recent)[:, 0])[now]}
        for name in (OVER, BOTH_SCORE)
    }
    return Rivals({BASE_RATES: base_rates(recent)[now], ELO: elo(frame, season)}, rates)


def _dixon_coles(
    frame: pl.DataFrame, season: int, progress: Steps, company: Company, workers: int | None
) -> Rivals:
    """NaN in leagues that it is not asked of."""
    leagues = set(frame["league"]) if company.dixon_coles is None else company.dixon_coles
    if not leagues:
        return Rivals({}, {})
    asked, of_season = frame["league"].is_in(list(leagues)).to_numpy(), frame["season"].to_numpy() == season
    grids = np.full((int(of_season.sum()), GOALS, GOALS), np.nan)
    grids[asked[of_season]] = dixon_coles(frame.filter(asked), season, progress, workers)
    return Rivals(
        {DIXON_COLES: grid.outcomes(grids)},
        {
            OVER: {DIXON_COLES: grid.over(grids, _GOAL_LINE)},
            BOTH_SCORE: {DIXON_COLES: grid.both_score(grids)},
        },
    )


def _published(matches: pl.DataFrame) -> dict[str, Floats]:
    """FiveThirtyEight's probabilities ``[n, 3]``, NaN where they had none, if their forecasts were given."""
    if not set(FORECAST) <= set(matches.columns):
        return {}
    said = matches.select(pl.col(name).fill_null(np.nan) for name in FORECAST).to_numpy()
    return {FIVE_THIRTY_EIGHT: said / said.sum(axis=1, keepdims=True)}


def yes_rates(frame: pl.DataFrame, did: Floats) -> Floats:
    """How often it ``did`` ``[n]`` happen in the league before each match's day; a half at first."""
    return rates_before(frame, did[:, None], np.array((0.5,)))[:, 0]
