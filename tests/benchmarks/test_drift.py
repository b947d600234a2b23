from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from benchmarks.drift import Season, _drawn, _frozen, _said, _until
from sabiscore.forecaster import Forecaster
from sabiscore.ledger.drift import THRESHOLD


@pytest.fixture(scope="module")
def season(matches: pl.DataFrame) -> pl.DataFrame:
    return matches.filter((pl.col("season") == 2023) & (pl.col("league") == "E0"))


class TestFrozenRatings:
    def test_are_as_they_are_until_new_year_and_know_nothing_later(
        self, forecaster: Forecaster, season: pl.DataFrame
    ) -> None:
        ours = _said(forecaster, season)
        frozen, late = _frozen(forecaster, season, ours)
        assert (late == (season["date"] > date(2024, 1, 1)).to_numpy()).all()
        assert (frozen[~late] == ours[~late]).all()
        assert np.abs(frozen[late] - ours[late]).mean() > 0.005

    def test_of_the_first_days_are_hardly_others(self, forecaster: Forecaster, season: pl.DataFrame) -> None:
        ours = _said(forecaster, season)
        frozen, late = _frozen(forecaster, season, ours)
        moved = np.abs(frozen - ours).mean(axis=1)
        first, last = np.flatnonzero(late)[:20], np.flatnonzero(late)[-20:]
        assert moved[first].mean() < moved[last].mean()


class TestHowSoonAnAlarmFires:
    def test_is_counted_from_new_year(self) -> None:
        evidence = np.where(np.arange(40) < 30, 1.0, THRESHOLD)
        assert _until(_season(), evidence) == (11, 10)

    def test_is_nothing_where_it_does_not(self) -> None:
        assert _until(_season(), np.ones(40)) is None


def test_worlds_are_drawn_as_likely_as_said() -> None:
    chances = np.tile((0.5, 0.2, 0.3), (100_000, 1))
    drawn = _drawn(chances, np.random.default_rng(1))
    assert np.bincount(drawn) / len(drawn) == pytest.approx(np.array((0.5, 0.2, 0.3)), abs=0.01)


def _season() -> Season:
    """Forty days, of which the last twenty are in the new year."""
    days = pl.Series([date(2023, 12, 12) + timedelta(days=number) for number in range(40)])
    none = np.full((40, 3), 1 / 3)
    return Season("E0", 2023, days, np.zeros(40, np.intp), none, none, none, none, none, np.arange(40) >= 20)
