"""How good a bundle is on matches, beside base rates and beside the market."""

from datetime import date

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.errors import DataError
from sabiscore.features import RowMaker, build_history
from sabiscore.forecaster import Forecaster
from sabiscore.models.calibration import complete
from sabiscore.models.grid import agreed, over
from sabiscore.models.heads import probabilities
from sabiscore.scoring.outcomes import base_rates, closing_line, market, outcomes
from sabiscore.scoring.scores import Outcomes, Scores, divergence, expected_gap, score

MODEL, MARKET = "model", "market"
LINE = 2.5


class Closeness(Struct, frozen=True):
    """Means over the ``n`` matches with odds before and at kick-off: see `scores.expected_gap` and `divergence`."""

    expected_gap: float
    divergence: float
    n: int


class Comparison(Struct, frozen=True, omit_defaults=True):
    """Scores of the model and its rivals on the same matches, and how close each is to the closing line.

    ``market`` and ``market_closing`` are on those with odds, None where there are none at all. Where only
    some have pre-match odds, ``model_where_priced`` is the model on just those.
    """

    model: Scores
    market: Scores | None
    market_closing: Scores | None
    base_rates: Scores
    model_where_priced: Scores | None = None
    closeness: dict[str, Closeness] = {}

    @property
    def scores(self) -> dict[str, Scores]:
        """By forecast, without those that have none."""
        found = {name: getattr(self, name) for name in Comparison.__struct_fields__ if name != "closeness"}
        return {name: each for name, each in found.items() if each is not None}


class Evaluation(Struct, frozen=True):
    """``seen_in_training`` of the pooled matches are not new to the model: scores on them flatter it."""

    version: str
    data_through: date
    seen_in_training: int
    pooled: Comparison
    leagues: dict[str, Comparison]


class Walk(Struct, frozen=True):
    """``n`` matches of a canonical frame, and what was said of each before it by name ``[n, 3]``, NaN without odds.

    ``closing`` ``[n, 3]`` is the closing line (Shin), ``over`` ``[n]`` the model's probability of more than 2.5 goals.
    """

    matches: pl.DataFrame
    said: dict[str, Floats]
    closing: Floats
    over: Floats


def walk(
    forecaster: Forecaster, frame: pl.DataFrame, since: date | None = None, until: date | None = None
) -> Walk:
    """Walk through the matches of a canonical frame, state updated after each match day, model fixed.

    Matches from ``since`` on and before ``until`` are predicted; earlier ones form the state.

    Raises:
        DataError: no match is left to predict.
    """
    frame = frame if until is None else frame.filter(pl.col("date") < until)
    chosen = frame["date"].to_numpy() >= np.datetime64(since or date.min)
    if not chosen.any():
        raise DataError(
            "matches", 0, f"none from {since} until {until}; pull newer seasons or widen the dates"
        )
    matches = frame.filter(chosen)
    history = build_history(frame, forecaster.rows.parameters)
    rows = RowMaker(history, forecaster.rows.parameters).matches(matches)
    log_odds = forecaster.head.log_odds(rows.matrix)
    ours = probabilities(log_odds)
    grids = forecaster.head.grids(forecaster.head.rates(log_odds))
    return Walk(
        matches=matches,
        said={
            MODEL: ours,
            MARKET: market(matches, "average"),
            "market_closing": market(matches, "closing"),
            "base_rates": base_rates(frame)[chosen],
        },
        closing=closing_line(matches),
        over=over(agreed(grids, ours), LINE),
    )


def evaluate(forecaster: Forecaster, walked: Walk) -> Evaluation:
    """Score what was said, by league and of all matches."""
    league, data_through = walked.matches["league"].to_numpy(), forecaster.manifest.data_through
    everything = np.full(len(league), fill_value=True)
    return Evaluation(
        version=forecaster.version,
        data_through=data_through,
        seen_in_training=len(walked.matches.filter(pl.col("date") <= data_through)),
        pooled=_compare(walked, everything),
        leagues={str(code): _compare(walked, league == code) for code in np.unique(league)},
    )


def _compare(walked: Walk, chosen: NDArray[np.bool_]) -> Comparison:
    truth = outcomes(walked.matches)
    scores = {name: _score_known(said, truth, chosen) for name, said in walked.said.items()}
    priced = complete(walked.said[MARKET])
    some_unpriced = bool((chosen & ~priced).any())
    where_priced = _score_known(walked.said[MODEL], truth, chosen & priced) if some_unpriced else None
    return Comparison(
        model=score(walked.said[MODEL][chosen], truth[chosen]),
        market=scores[MARKET],
        market_closing=scores["market_closing"],
        base_rates=score(walked.said["base_rates"][chosen], truth[chosen]),
        model_where_priced=where_priced,
        closeness=_closeness(walked, chosen & priced & complete(walked.closing)),
    )


def _score_known(probabilities: Floats, truth: Outcomes, chosen: NDArray[np.bool_]) -> Scores | None:
    known = chosen & complete(probabilities)
    return score(probabilities[known], truth[known]) if known.any() else None


def _closeness(walked: Walk, chosen: NDArray[np.bool_]) -> dict[str, Closeness]:
    if not chosen.any():
        return {}
    of_each = {name: chosen & complete(said) for name, said in walked.said.items()}
    return {
        name: Closeness(
            expected_gap=float(
                expected_gap(
                    walked.said[name][there], walked.said[MARKET][there], walked.closing[there]
                ).mean()
            ),
            divergence=float(divergence(walked.closing[there], walked.said[name][there]).mean()),
            n=int(there.sum()),
        )
        for name, there in of_each.items()
        if there.any()
    }
