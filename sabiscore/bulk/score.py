"""From a file of fixtures to a file of predictions, piece by piece."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import polars as pl
from msgspec import Struct

from sabiscore.advice.figures import FigureMaker
from sabiscore.bulk.asked import Columns
from sabiscore.data.rows import Rows, writing
from sabiscore.domain import Fixture
from sabiscore.errors import DataError
from sabiscore.forecaster import Forecaster
from sabiscore.progress import Progress
from sabiscore.service import PredictionService

AT_ONCE = 2048
"""Fixtures that the model is asked at once."""

STAGE = "scoring"

COLUMNS: dict[str, pl.DataType] = {
    "league_code": pl.String(),
    "home_club": pl.String(),
    "away_club": pl.String(),
    "home_win_prob": pl.Float64(),
    "draw_prob": pl.Float64(),
    "away_win_prob": pl.Float64(),
    "recommended_bet": pl.String(),
    "confidence": pl.String(),
    "expected_home_goals": pl.Float64(),
    "expected_away_goals": pl.Float64(),
    "over_2_5": pl.Float64(),
    "both_teams_to_score": pl.Float64(),
    "refused": pl.String(),
}
"""What is added to the columns of the file; all but ``refused``, which says why, are null where it says something."""


class Scored(Struct, frozen=True):
    """How many fixtures a file had, how many of them were refused, and the first of these with its reason."""

    fixtures: int
    refused: int
    first: str | None


def score(given: Path, out: Path, forecaster: Forecaster, tell: Progress, *, strict: bool = False) -> Scored:
    """Predict every fixture of a file: ``out`` has its rows with its columns and `COLUMNS`, whole or not at all.

    Raises:
        SabiScoreError: a file is neither .csv nor .parquet, or lacks a column.
        DataError: a file cannot be read or written; if ``strict``, a fixture cannot be predicted.
    """
    rows = Rows(given)
    scorer = Scorer(forecaster, Columns.of(rows.schema.names()))
    done = refused = 0
    first: str | None = None
    with writing(out) as write:
        tell(STAGE, done, rows.total)
        for piece in rows.pieces():
            parts = []
            for part in piece.iter_slices(AT_ONCE) if len(piece) else [piece]:
                parts.append(scorer.scored(part))
                reasons = parts[-1]["refused"]
                if first is None and reasons.count():
                    row = reasons.is_not_null().arg_max() or 0
                    first = f"row {done + row + 1}: {reasons[row]}"
                    if strict:
                        raise DataError(given, 0, first)
                refused += reasons.count()
                done += len(part)
                tell(STAGE, done, rows.total)
            write(pl.concat(parts))
    return Scored(done, refused, first)


class Scorer:
    """Adds to rows of fixtures what is said of them."""

    def __init__(self, forecaster: Forecaster, columns: Columns) -> None:
        self._service = PredictionService(forecaster)
        self._maker = FigureMaker(forecaster)
        self._columns = columns

    def scored(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with `COLUMNS`, in order."""
        asked = list(self._columns.fixtures(rows, self._service.resolve))
        known = [each for each in asked if isinstance(each, Fixture)]
        place = count()
        places = pl.Series(
            [next(place) if isinstance(each, Fixture) else None for each in asked], dtype=pl.UInt32
        )
        reasons = pl.Series("refused", [each if isinstance(each, str) else None for each in asked], pl.String)
        said = self._said(known).select(pl.all().gather(places))
        return rows.with_columns(*said, reasons)

    def _said(self, fixtures: Sequence[Fixture]) -> pl.DataFrame:
        """`COLUMNS` of fixtures, but for the reasons."""
        schema = {name: kind for name, kind in COLUMNS.items() if name != "refused"}
        if not fixtures:
            return pl.DataFrame(schema=schema)
        made = self._maker.figures(fixtures)
        return pl.DataFrame(
            [
                [fixture.league.code for fixture in fixtures],
                [fixture.home.name for fixture in fixtures],
                [fixture.away.name for fixture in fixtures],
                *made.probabilities.T,
                made.recommended_bet,
                made.confidence,
                *made.goals.T,
                made.over_2_5,
                made.both_teams_to_score,
            ],
            schema=schema,
        )
