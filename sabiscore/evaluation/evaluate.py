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
from sabiscore.models.scores import Outcomes, Scores, score
from sabiscore.training.outcomes import base_rates, market, outcomes


class Comparison(Struct, frozen=True, omit_defaults=True):
    """Scores of the model and its rivals on the same matches.

    ``market`` and ``market_closing`` are on those with odds, None where there are none at all. Where only
    some have pre-match odds, ``model_where_priced`` is the model on just those.
    """

    model: Scores
    market: Scores | None
    market_closing: Scores | None
    base_rates: Scores
    model_where_priced: Scores | None = None


class Evaluation(Struct, frozen=True):
    """``seen_in_training`` of the pooled matches are not new to the model: scores on them flatter it."""

    version: str
    data_through: date
    seen_in_training: int
    pooled: Comparison
    leagues: dict[str, Comparison]


def evaluate(
    forecaster: Forecaster, frame: pl.DataFrame, since: date | None = None, until: date | None = None
) -> Evaluation:
    """Walk through the matches of a canonical frame, state updated after each match day, model fixed.

    Matches from ``since`` on and before ``until`` are scored; earlier ones form the state.

    Raises:
        DataError: no match is left to score.
    """
    frame = frame if until is None else frame.filter(pl.col("date") < until)
    history = build_history(frame, forecaster.rows.parameters)
    scored = frame["date"].to_numpy() >= np.datetime64(since or date.min)
    if not scored.any():
        raise DataError(
            "matches", 0, f"none from {since} until {until}; pull newer seasons or widen the dates"
        )
    rows = RowMaker(history, forecaster.rows.parameters).matches(frame.filter(scored))
    rivals = {
        "model": forecaster.head.predict(rows.matrix),
        "market": market(frame, "average")[scored],
        "market_closing": market(frame, "closing")[scored],
        "base_rates": base_rates(frame)[scored],
    }
    truth, league = outcomes(frame)[scored], frame["league"].to_numpy()[scored]
    return Evaluation(
        version=forecaster.version,
        data_through=forecaster.manifest.data_through,
        seen_in_training=_seen(frame.filter(scored), forecaster.manifest.data_through),
        pooled=_compare(rivals, truth, np.full(len(truth), fill_value=True)),
        leagues={str(code): _compare(rivals, truth, league == code) for code in np.unique(league)},
    )


def _seen(frame: pl.DataFrame, data_through: date) -> int:
    return len(frame.filter(pl.col("date") <= data_through))


def _compare(rivals: dict[str, Floats], truth: Outcomes, chosen: NDArray[np.bool_]) -> Comparison:
    priced = complete(rivals["market"])
    some_unpriced = bool((chosen & ~priced).any())
    return Comparison(
        model=score(rivals["model"][chosen], truth[chosen]),
        market=_score_known(rivals["market"], truth, chosen),
        market_closing=_score_known(rivals["market_closing"], truth, chosen),
        base_rates=score(rivals["base_rates"][chosen], truth[chosen]),
        model_where_priced=_score_known(rivals["model"], truth, chosen & priced) if some_unpriced else None,
    )


def _score_known(probabilities: Floats, truth: Outcomes, chosen: NDArray[np.bool_]) -> Scores | None:
    known = chosen & complete(probabilities)
    return score(probabilities[known], truth[known]) if known.any() else None
