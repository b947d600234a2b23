"""A season's model that needs no training: Elo, and the market where there is one."""

import polars as pl

from sabiscore.domain import OUTCOMES
from sabiscore.models.market import shin
from sabiscore.training.backtest import SeasonForecast
from sabiscore.training.dixon_coles import Progress
from sabiscore.training.elo import elo
from sabiscore.training.rivals import did_both_score, odds, rates_before, was_over
from sabiscore.training.scored import OURS, WITH_ODDS


def stand_in(frame: pl.DataFrame, season: int, progress: Progress) -> SeasonForecast:
    now = frame["season"].to_numpy() == season
    matches = frame.filter(now)
    ours = elo(frame, season)
    progress(1, 1)
    return SeasonForecast(
        season=season,
        matches=matches,
        variants={
            OURS: ours,
            WITH_ODDS: shin(odds(matches, "average", OUTCOMES)),
            "thirds": ours * 0 + 1 / 3,
        },
        over=rates_before(frame, was_over(frame))[now],
        both_score=rates_before(frame, did_both_score(frame))[now],
        confidence={"high": 0.6, "medium": 0.45, "low": 0.0},
    )
