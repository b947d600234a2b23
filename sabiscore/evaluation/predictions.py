"""A file with a row for every match that was predicted: for whoever wants to check us."""

from pathlib import Path

import numpy as np
import polars as pl

from sabiscore.arrays import Floats
from sabiscore.data.rows import writing
from sabiscore.domain import OUTCOMES
from sabiscore.evaluation.evaluate import MARKET, MODEL, Walk
from sabiscore.scoring.outcomes import outcomes


def write_predictions(path: Path, walked: Walk) -> None:
    """Write the rows of `predictions` to ``path``, whole or not at all, as its suffix says.

    Raises:
        SabiScoreError: it ends in neither .csv nor .parquet.
        DataError: it cannot be written.
    """
    with writing(path) as write:
        write(predictions(walked))


def predictions(walked: Walk) -> pl.DataFrame:
    """A row a match: date, league, clubs, probabilities, result.

    ``home``, ``draw`` and ``away`` are the model's, ``over_2_5`` of more than 2.5 goals. ``market`` is the average
    before the match, its margin taken off in proportion, ``closing`` the line at kick-off (Shin); null without odds.
    """
    return walked.matches.select("date", "league", home_team="home", away_team="away").with_columns(
        *_columns("", walked.said[MODEL]),
        pl.Series("over_2_5", walked.over),
        *_columns("market_", walked.said[MARKET]),
        *_columns("closing_", walked.closing),
        pl.Series("result", np.array(OUTCOMES)[outcomes(walked.matches)]),
    )


def _columns(prefix: str, probabilities: Floats) -> list[pl.Series]:
    return [
        pl.Series(f"{prefix}{outcome}", column).fill_nan(None)
        for outcome, column in zip(OUTCOMES, probabilities.T, strict=True)
    ]
