"""What else is forecast of a match beside its outcome, and what of it happened."""

import numpy as np
import polars as pl
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.data.frame import SIDES
from sabiscore.domain import OUTCOMES
from sabiscore.models.corners import LINES
from sabiscore.scoring.scores import binned_error, rps

OVER, BOTH_SCORE = "over 2.5 goals", "both score"
SIDES_OVER = ("home over 1.5 goals", "away over 1.5 goals")
HALF_TIME_RESULT, HALF_TIME_FULL_TIME = "half-time result", "half-time and full-time"
HALF_TIME_LINES = {f"over {line} goals at half-time": line for line in (0.5, 1.5)}
FROM_HALF_TIME = "outcome, from half-time"
CORNER_LINES = {f"over {line} corners": line for line in LINES}
MOST_CORNERS = "most corners"
HALF_GOALS = ("home_half_goals", "away_half_goals")


class Market(Struct, frozen=True):
    """Events of which one happens, or a single one that happens or not, in columns of the canonical frame."""

    events: tuple[pl.Expr, ...]

    def happened(self, frame: pl.DataFrame) -> Floats:
        """1 where an event happened, 0 where not ``[n, events]``; NaN where nobody counted."""
        wanted = {name for event in self.events for name in event.meta.root_names()}
        missing = [pl.lit(None, pl.Int16).alias(name) for name in sorted(wanted - set(frame.columns))]
        events = [
            event.cast(pl.Float64).fill_null(float("nan")).alias(str(k))
            for k, event in enumerate(self.events)
        ]
        return frame.with_columns(missing).select(events).to_numpy()


class MarketScores(Struct, frozen=True):
    """A forecast of a market over ``n`` matches.

    ``brier`` is the squared error of the yes (0 to 1), of several events the sum of theirs (0 to 2), and ``base`` that
    of saying each time how often it happened in these matches; ``ece`` is the mean of all events. Home, draw and away
    have an ``rps`` too.
    """

    brier: float
    base: float
    ece: float
    rps: float | None
    n: int


def _lead(what: str) -> tuple[pl.Expr, ...]:
    """Home has more, both as many, away has more."""
    lead = pl.col(f"home_{what}").cast(pl.Int32) - pl.col(f"away_{what}")
    return lead > 0, lead == 0, lead < 0


def _over(line: float, what: str) -> tuple[pl.Expr, ...]:
    return (pl.col(f"home_{what}").cast(pl.Int32) + pl.col(f"away_{what}") > line,)


FULL_TIME, HALF_TIME = _lead("goals"), _lead("half_goals")

MARKETS = {
    OVER: Market(_over(2.5, "goals")),
    BOTH_SCORE: Market((pl.min_horizontal("home_goals", "away_goals") > 0,)),
    **{name: Market((pl.col(f"{side}_goals") > 1,)) for name, side in zip(SIDES_OVER, SIDES, strict=True)},
    HALF_TIME_RESULT: Market(HALF_TIME),
    HALF_TIME_FULL_TIME: Market(tuple(half & full for half in HALF_TIME for full in FULL_TIME)),
    **{name: Market(_over(line, "half_goals")) for name, line in HALF_TIME_LINES.items()},
    FROM_HALF_TIME: Market(FULL_TIME),
    **{name: Market(_over(line, "corners")) for name, line in CORNER_LINES.items()},
    MOST_CORNERS: Market(_lead("corners")),
}
"""By name. Those that a model forecasts are scored; one event is a probability ``[n]``, more are ``[n, events]``.

Three events are home, draw, away; nine are those at half-time by those at full-time: home/home, home/draw...
"""


def happened(market: str, frame: pl.DataFrame) -> Floats:
    """Whether each event of a market happened ``[n, events]``."""
    return MARKETS[market].happened(frame)


def score_market(said: Floats, happened: Floats) -> MarketScores | None:
    """Scores of what was ``said`` ``[n]`` or ``[n, events]``, on the matches where both are known; None without one."""
    said = said.reshape(len(said), -1)
    known = np.isfinite(said + happened).all(axis=1)
    if not known.any():
        return None
    said, happened = said[known], happened[known]
    errors = [binned_error(said[:, k], happened[:, k]) for k in range(said.shape[1])]
    three_ways = said.shape[1] == len(OUTCOMES)
    return MarketScores(
        brier=float(np.sum((said - happened) ** 2, axis=1).mean()),
        base=float(happened.var(axis=0).sum()),
        ece=float(np.mean(errors)),
        rps=float(rps(said, happened.argmax(axis=1)).mean()) if three_ways else None,
        n=len(said),
    )
