"""Rows and what happened, side by side."""

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.features import History, Parameters, RowMaker, build_history
from sabiscore.features.components import CLUB
from sabiscore.models.market import shin
from sabiscore.models.predictor import Floats, Matrix
from sabiscore.models.scores import Outcomes
from sabiscore.training.outcomes import odds, outcomes

FIRST_SEASON = 2006
"""Earlier matches only form ratings: statistics were not counted in all five leagues."""


class Table(Struct, frozen=True):
    """Rows ``[n, features]``, what happened, and what the market had said.

    ``priced`` is where the ratings of both clubs had just seen odds; ``market`` (average odds, Shin) and
    ``closing`` are ``[n, 3]``, NaN without odds.
    """

    matrix: Matrix
    outcomes: Outcomes
    home_goals: Floats
    away_goals: Floats
    seasons: NDArray[np.intp]
    leagues: NDArray[np.str_]
    market: Floats
    closing: Floats
    priced: NDArray[np.bool_]

    def of(self, chosen: NDArray[np.bool_]) -> "Table":
        """The chosen rows."""
        return Table(**{name: getattr(self, name)[chosen] for name in Table.__struct_fields__})


def table(frame: pl.DataFrame, parameters: Parameters, history: History | None = None) -> Table:
    """The table of a canonical frame's matches since FIRST_SEASON, each row as of its own day."""
    rows = RowMaker(history or build_history(frame, parameters), parameters)
    scored = frame.filter(pl.col("season") >= FIRST_SEASON)
    made = rows.matches(scored)
    priced = [side.values[:, CLUB.index("priced")] > 0.0 for side in (made.home, made.away)]
    return Table(
        matrix=made.matrix,
        outcomes=outcomes(scored),
        home_goals=scored["home_goals"].to_numpy().astype(np.float64),
        away_goals=scored["away_goals"].to_numpy().astype(np.float64),
        seasons=scored["season"].to_numpy().astype(np.intp),
        leagues=scored["league"].to_numpy().astype(np.str_),
        market=shin(odds(scored, "average")),
        closing=shin(odds(scored, "closing")),
        priced=priced[0] & priced[1],
    )
