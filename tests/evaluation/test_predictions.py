from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sabiscore.errors import DataError
from sabiscore.evaluation.evaluate import Walk, walk
from sabiscore.evaluation.predictions import predictions, write_predictions
from sabiscore.forecaster import Forecaster

SINCE = date(2025, 5, 1)


@pytest.fixture(scope="module")
def walked(forecaster: Forecaster, matches: pl.DataFrame) -> Walk:
    return walk(forecaster, matches.filter(pl.col("season") >= 2023), since=SINCE)


class TestPredictions:
    def test_are_a_row_a_match_with_everything_to_check_us_by(self, walked: Walk) -> None:
        rows = predictions(walked)
        assert rows["date"].min() == SINCE
        assert len(rows) == len(walked.matches)
        for prefix in ("", "market_", "closing_"):
            sums = rows.select(pl.sum_horizontal(f"{prefix}{each}" for each in ("home", "draw", "away")))
            assert np.allclose(sums.to_series().drop_nulls(), 1.0)
        assert rows["over_2_5"].is_between(0.0, 1.0).all()
        goals = walked.matches.select(pl.col("home_goals") > pl.col("away_goals")).to_series()
        assert ((rows["result"] == "home") == goals).all()

    def test_are_null_without_odds(self, walked: Walk) -> None:
        unpriced = Walk(walked.matches, walked.said, np.full_like(walked.closing, np.nan), walked.over)
        assert predictions(unpriced)["closing_draw"].null_count() == len(walked.matches)


class TestWritePredictions:
    def test_as_csv_and_as_parquet_are_the_same(self, walked: Walk, tmp_path: Path) -> None:
        for name in ("rows.csv", "rows.parquet"):
            write_predictions(tmp_path / name, walked)
        assert {path.name for path in tmp_path.iterdir()} == {"rows.csv", "rows.parquet"}
        csv = pl.read_csv(tmp_path / "rows.csv", try_parse_dates=True)
        assert csv.equals(pl.read_parquet(tmp_path / "rows.parquet"))
        assert csv.equals(predictions(walked))

    def test_leave_an_old_file_as_it_was_if_they_cannot_be_written(
        self, walked: Walk, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("old")
        with pytest.raises(DataError):
            write_predictions(tmp_path / "file" / "rows.csv", walked)
        assert (tmp_path / "file").read_text() == "old"
