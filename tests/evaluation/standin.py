"""A season's model that needs no training: Elo, and the market where there is one."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from sabiscore.arrays import Floats
from sabiscore.domain import Confidence
from sabiscore.evaluation.aged import aged
from sabiscore.evaluation.backtest import SeasonForecast
from sabiscore.evaluation.dixon_coles import Steps
from sabiscore.evaluation.elo import elo
from sabiscore.evaluation.markets import BOTH_SCORE, OVER, happened
from sabiscore.evaluation.rivals import yes_rates
from sabiscore.evaluation.scored import EXPECTED_CLOSING, OURS, WITH_ODDS
from sabiscore.implied import shin
from sabiscore.models.confidence import levels
from sabiscore.scoring.outcomes import closing_line, odds, outcomes

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
            EXPECTED_CLOSING: closing_line(matches),
        },
        markets={name: yes_rates(frame, happened(name, frame)[:, 0])[now] for name in (OVER, BOTH_SCORE)}
        | {"most corners": np.full((len(matches), 3), 1 / 3)},
        level=levels(ours.max(axis=1), fresh, fresh != 0, BOUNDS),
        licensed=frozenset({"D1"}),
        aged=aged(
            league=np.tile(matches["league"].to_numpy().astype(np.str_), 2),
            ours=np.vstack((ours, ours)),
            outcomes=np.tile(outcomes(matches), 2),
            age=np.repeat((1, 90), len(matches)),
            joins=np.zeros(2 * len(matches), np.bool_),
            bounds=BOUNDS,
        ),
    )


def thirds(frame: pl.DataFrame, seasons: Sequence[int], progress: Steps) -> Floats:
    """An ablation that leaves everything out."""
    progress(1, 1)
    return np.full((len(frame.filter(pl.col("season").is_in(seasons))), 3), 1 / 3)
