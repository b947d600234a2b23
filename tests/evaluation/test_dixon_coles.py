import os
import sys
from typing import Any

import numpy as np
import polars as pl
import pytest

from sabiscore.arrays import Floats
from sabiscore.errors import SabiScoreError
from sabiscore.evaluation import dixon_coles as dc
from sabiscore.evaluation.dixon_coles import XI, Week, dixon_coles
from sabiscore.evaluation.optional import need
from sabiscore.models import grid


def nothing(done: int, of: int) -> None:
    """No progress shown."""


@pytest.fixture(scope="module")
def league(few_weeks: pl.DataFrame) -> pl.DataFrame:
    return few_weeks.filter((pl.col("league") == "E0") & (pl.col("date") < pl.date(2024, 9, 2)))


@pytest.fixture(scope="module")
def steps() -> list[tuple[int, int]]:
    """What was told of the progress."""
    return []


@pytest.fixture(scope="module")
def said(league: pl.DataFrame, steps: list[tuple[int, int]]) -> Floats:
    """The grids of the season so far."""
    return dixon_coles(league, 2024, lambda done, of: steps.append((done, of)), workers=1)


@pytest.fixture(scope="module")
def week(league: pl.DataFrame) -> Week:
    """The matches before 2024/25, and three fixtures: of clubs known, and of one that is not."""
    past = league.filter(pl.col("season") < 2024)
    return Week(
        clubs=past.select("home", "away").to_numpy().astype(np.str_),
        goals=past.select("home_goals", "away_goals").to_numpy().astype(np.int64),
        age=np.linspace(1000.0, 60.0, len(past)),
        fixtures=np.array([("Arsenal", "Luton"), ("Luton", "Arsenal"), ("Arsenal", "Ipswich")]),
        replaced=("Luton",),
    )


class TestDixonColes:
    def test_of_a_week_knows_the_week_before_but_not_that_week(
        self, league: pl.DataFrame, said: Floats
    ) -> None:
        second = pl.col("date").is_between(pl.date(2024, 8, 19), pl.date(2024, 8, 25))
        turned = league.with_columns(
            home_goals=pl.when(second).then(9 - pl.col("home_goals")).otherwise("home_goals"),
        )
        other = dixon_coles(turned, 2024, nothing, workers=1)
        days = league.filter(pl.col("season") == 2024)["date"].to_numpy()
        third = days >= np.datetime64("2024-08-26")
        assert np.array_equal(said[~third], other[~third])
        assert not np.isclose(said[third], other[third]).all()

    def test_sums_to_one(self, said: Floats) -> None:
        assert said.sum(axis=(1, 2)) == pytest.approx(1.0)

    def test_tells_of_each_week(self, said: Floats, steps: list[tuple[int, int]]) -> None:
        assert len(said) == 30
        assert steps == [(1, 3), (2, 3), (3, 3)]

    def test_says_how_to_install_penaltyblog(
        self, league: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "penaltyblog", None)
        monkeypatch.delitem(sys.modules, "penaltyblog.models", raising=False)
        with pytest.raises(SabiScoreError, match=r"needs penaltyblog.*uv sync --group backtest"):
            dixon_coles(league, 2024, nothing)


class TestRates:
    def test_give_the_probabilities_that_penaltyblog_gives(self, week: Week) -> None:
        model = need("penaltyblog.models").DixonColesGoalModel(
            *week.goals.T, *week.clubs.T, weights=np.exp(-XI * week.age)
        )
        model.fit()
        rates = dc.rates(week)
        for (home, away), (home_rate, away_rate, rho) in zip(week.fixtures[:2], rates, strict=False):
            theirs = model.predict(home, away)
            ours = grid.score_grid(np.array([home_rate]), np.array([away_rate]), rho)
            assert grid.outcomes(ours)[0] == pytest.approx(theirs.home_draw_away, abs=5e-4)
            assert grid.over(ours, 2.5)[0] == pytest.approx(theirs.total_goals("over", 2.5), abs=5e-4)
            assert grid.both_score(ours)[0] == pytest.approx(theirs.btts_yes, abs=5e-4)

    def test_a_club_that_comes_up_is_like_those_that_went_down(self, week: Week) -> None:
        found = dc.rates(week)
        assert found[2].tolist() == found[0].tolist()

    def test_before_any_match_nothing_is_said(self) -> None:
        nobody = np.empty((0, 2), dtype=np.str_)
        empty = Week(nobody, np.empty((0, 2), np.int64), np.empty(0), np.array([("a", "b")]), ())
        assert np.isnan(dc.rates(empty)).all()
        assert np.isnan(dc._grids(dc.rates(empty))).all()

    def test_come_from_other_processes_in_order(self) -> None:
        nobody = np.empty((0, 2), dtype=np.str_)
        weeks = [
            Week(nobody, np.empty((0, 2), np.int64), np.empty(0), np.array([("a", "b")] * n), ())
            for n in (1, 2, 3)
        ]
        before = os.environ.get("OPENBLAS_NUM_THREADS")
        assert [len(found) for found in dc._fit_all(weeks, workers=2)] == [1, 2, 3]
        assert os.environ.get("OPENBLAS_NUM_THREADS") == before


class TestFit:
    def test_goes_without_the_gradient_where_that_leads_astray(self) -> None:
        tried: list[bool] = []

        class Astray:
            def fit(self, *, use_gradient: bool = True) -> Any:  # noqa: ANN401 - as penaltyblog has it
                tried.append(use_gradient)
                if use_gradient:
                    raise ValueError("Optimization failed")

        dc._fit(Astray())
        assert tried == [True, False]
