"""A season's model that needs no training: Elo, and the market where there is one."""

import numpy as np
import polars as pl

from sabiscore.domain import Confidence
from sabiscore.evaluation.aged import aged
from sabiscore.evaluation.backtest import SeasonForecast
from sabiscore.evaluation.dixon_coles import Steps
from sabiscore.evaluation.elo import elo
from sabiscore.evaluation.rivals import did_both_score, was_over, yes_rates
from sabiscore.evaluation.scored import OURS, WITH_ODDS
from sabiscore.implied import shin
from sabiscore.models.confidence import levels
from sabiscore.training.outcomes import odds, outcomes

BOUNDS: list[tuple[int, dict[Confidence, float]]] = [
    (60, {"high": 0.6, "medium": 0.45, "low": 0.0}),
    (120, {"medium": 0.5, "low": 0.0}),
]


def stand_in(frame: pl.DataFrame, season: int, progress: Steps) -> SeasonForecast:
    now = frame["season"].to_numpy() == season
    matches = frame.filter(now)
    ours = elo(frame, season)
    fresh = np.zeros(len(matches), np.intp)
    progress(1, 1)
    return SeasonForecast(
        season=season,
        matches=matches,
        variants={
            OURS: ours,
            WITH_ODDS: shin(odds(matches, "average")),
            "thirds": ours * 0 + 1 / 3,
        },
        over=yes_rates(frame, was_over(frame))[now],
        both_score=yes_rates(frame, did_both_score(frame))[now],
        level=levels(ours.max(axis=1), fresh, fresh != 0, BOUNDS),
        licensed=frozenset({"D1"}),
        aged=aged(
            ours=np.vstack((ours, ours)),
            outcomes=np.tile(outcomes(matches), 2),
            age=np.repeat((1, 90), len(matches)),
            joins=np.zeros(2 * len(matches), np.bool_),
            bounds=BOUNDS,
        ),
    )
