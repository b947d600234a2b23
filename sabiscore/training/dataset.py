"""Rows and what happened, side by side."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats, Matrix
from sabiscore.features import History, Parameters, RowMaker, build_history
from sabiscore.features.matches import with_league_facts
from sabiscore.implied import shin
from sabiscore.models.confidence import AGES
from sabiscore.models.heads import log_odds_of
from sabiscore.scoring.outcomes import closing_line, closing_over, odds, outcomes
from sabiscore.scoring.scores import Outcomes

FIRST_SEASON = 2012
"""Earlier matches only form ratings: their closing odds are not known."""

AGO = tuple(range(0, max(AGES) + 1, 30))
"""Days by which the data are cut short, to learn what old data are worth."""


class Table(Struct, frozen=True):
    """Rows ``[n, features]``, what happened, and what the market had said.

    ``market`` (average odds before the match) and ``closing`` are ``[n, 3]`` by Shin, NaN without odds;
    ``closing_over`` ``[n]`` is the closing chance of more than 2.5 goals. ``age`` is days since the last match that
    was known, ``joins`` where a club came from outside and had not played that season.
    """

    matrix: Matrix
    outcomes: Outcomes
    home_goals: Floats
    away_goals: Floats
    seasons: NDArray[np.intp]
    leagues: NDArray[np.str_]
    market: Floats
    closing: Floats
    closing_over: Floats
    age: NDArray[np.intp]
    joins: NDArray[np.bool_]

    @property
    def targets(self) -> Floats:
        """What a head learns ``[n, 3]``: the closing line's log-odds, NaN where it is not known."""
        return log_odds_of(self.closing, self.closing_over)

    def of(self, chosen: NDArray[np.bool_]) -> "Table":
        """The chosen rows."""
        return Table(**{name: getattr(self, name)[chosen] for name in Table.__struct_fields__})


def table(frame: pl.DataFrame, parameters: Parameters, history: History | None = None) -> Table:
    """The table of a canonical frame's matches since FIRST_SEASON, each row as of its own day."""
    rows = RowMaker(history or build_history(frame, parameters), parameters)
    return _table(rows, with_league_facts(frame).filter(pl.col("season") >= FIRST_SEASON), _days(frame), 0)


def older_table(
    frame: pl.DataFrame, parameters: Parameters, history: History, seasons: Iterable[int]
) -> Table:
    """The matches of ``seasons`` as of older and older data: once for each age that cutting off AGO days gives."""
    rows, days = RowMaker(history, parameters), _days(frame)
    scored = with_league_facts(frame).filter(pl.col("season").is_in(list(seasons)))
    found = [_table(rows, scored, days, ago) for ago in AGO]
    changed = [part.age != before.age for before, part in pairwise(found)]
    return _together([found[0], *(part.of(new) for part, new in zip(found[1:], changed, strict=True))])


def _together(parts: Sequence[Table]) -> Table:
    columns = ([getattr(part, name) for part in parts] for name in Table.__struct_fields__)
    return Table(*map(np.concatenate, columns))


def _days(frame: pl.DataFrame) -> NDArray[np.intp]:
    """The days of all matches, in order."""
    return frame["date"].unique().sort().cast(pl.Int32).to_numpy().astype(np.intp)


def _table(rows: RowMaker, scored: pl.DataFrame, days: NDArray[np.intp], ago: int) -> Table:
    made = rows.matches(scored, ago)
    return Table(
        matrix=made.matrix,
        outcomes=outcomes(scored),
        home_goals=scored["home_goals"].to_numpy().astype(np.float64),
        away_goals=scored["away_goals"].to_numpy().astype(np.float64),
        seasons=scored["season"].to_numpy().astype(np.intp),
        leagues=scored["league"].to_numpy().astype(np.str_),
        market=shin(odds(scored, "average")),
        closing=closing_line(scored),
        closing_over=closing_over(scored),
        age=_age(scored, days, ago),
        joins=np.asarray(made.standing.joins.any(axis=0)),
    )


def _age(scored: pl.DataFrame, days: NDArray[np.intp], ago: int) -> NDArray[np.intp]:
    """Days since the last match before those ``ago``; since the first where there is none."""
    day = scored["date"].cast(pl.Int32).to_numpy().astype(np.intp)
    return day - days[np.maximum(days.searchsorted(day - ago) - 1, 0)] if len(day) else day
