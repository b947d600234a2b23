import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sabiscore.arrays import softmax
from sabiscore.errors import SabiScoreError
from sabiscore.features import Parameters
from sabiscore.training.tune import RANGES, SURE, Tuned, losses, tune, with_values

SEASONS = [2022]


def nothing(done: int) -> None:
    """No progress shown."""


@pytest.fixture(scope="module")
def premier_league(matches: pl.DataFrame) -> pl.DataFrame:
    return matches.filter((pl.col("league") == "E0") & pl.col("season").is_between(2020, 2022))


@pytest.fixture(scope="module")
def restless() -> pl.DataFrame:
    """A league whose clubs change from week to week and whose odds know it: there is much to gain here
    by trusting the last odds more than the parameters of real leagues do."""
    random = np.random.default_rng(1)
    strength, played = random.normal(size=20), []
    for season in (2020, 2021, 2022):
        for week in range(38):
            strength = 0.9 * strength + 0.9 * random.normal(size=20)
            pairs = random.permutation(20).reshape(10, 2)
            for home, away in pairs.tolist():
                gap = 0.3 + strength[home] - strength[away]
                chances = softmax(np.array([[gap, 0.0, -gap]]) * 0.7)[0]
                goals = ((1, 0), (0, 0), (0, 1))[random.choice(3, p=chances)]
                day = date(season, 8, 14) + timedelta(weeks=week)
                played.append(("E0", season, day, f"club {home}", f"club {away}", *goals, *(1.0 / chances)))
    prices = [f"closing_{outcome}" for outcome in ("home", "draw", "away")]
    names = ["league", "season", "date", "home", "away", "home_goals", "away_goals", *prices]
    frame = pl.DataFrame(played, schema=names, orient="row").sort("date", "league", "home")
    averages = [pl.lit(None, pl.Float64).alias(f"average_{name}") for name in ("home", "draw", "away")]
    return frame.with_columns(averages)


class TestTune:
    def test_a_second_call_with_as_many_trials_runs_none(
        self, premier_league: pl.DataFrame, tmp_path: Path
    ) -> None:
        told: list[int] = []
        first = tune(premier_league, SEASONS, tmp_path / "journal", 3, told.append)
        assert told == [1, 2, 3]
        assert tune(premier_league, SEASONS, tmp_path / "journal", 3, told.append) == first
        assert told == [1, 2, 3]

    def test_one_that_was_stopped_goes_on_where_it_was(
        self, premier_league: pl.DataFrame, tmp_path: Path
    ) -> None:
        told: list[int] = []

        def impatient(done: int) -> None:
            told.append(done)
            if done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            tune(premier_league, SEASONS, tmp_path / "stopped", 4, impatient)
        resumed = tune(premier_league, SEASONS, tmp_path / "stopped", 4, told.append)
        assert told == [1, 2, 3, 4]
        assert resumed == tune(premier_league, SEASONS, tmp_path / "whole", 4, nothing)

    def test_a_trial_that_came_to_no_end_is_done_again(
        self, premier_league: pl.DataFrame, tmp_path: Path
    ) -> None:
        told: list[int] = []
        with pytest.raises(pl.exceptions.ColumnNotFoundError):
            tune(premier_league.drop("season"), SEASONS, tmp_path / "journal", 1, told.append)
        found = tune(premier_league, SEASONS, tmp_path / "journal", 1, told.append)
        assert told == [1]
        assert with_values(Parameters(), found.found) == Parameters()

    def test_the_first_trial_is_the_present(self, premier_league: pl.DataFrame, tmp_path: Path) -> None:
        found = tune(premier_league, SEASONS, tmp_path / "new" / "journal", 1, nothing)
        assert with_values(Parameters(), found.found) == Parameters()
        assert (found.gain, found.error, found.adopted) == (0.0, 0.0, Parameters())

    def test_without_the_optimiser_says_how_to_get_it(
        self, premier_league: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "optuna", None)
        with pytest.raises(SabiScoreError, match="uv sync --group tune"):
            tune(premier_league, SEASONS, tmp_path / "journal", 1, nothing)


class TestAdoption:
    @staticmethod
    def expected(found: Tuned) -> Parameters:
        tuned = with_values(Parameters(), found.found)
        return tuned if found.gain > SURE * found.error else Parameters()

    def test_what_is_surely_better_is_adopted(self, restless: pl.DataFrame, tmp_path: Path) -> None:
        found = tune(restless, [2021, 2022], tmp_path / "journal", 8, nothing)
        assert found.gain > SURE * found.error > 0
        assert found.adopted == self.expected(found) != Parameters()

    def test_a_gain_within_luck_is_not(self, premier_league: pl.DataFrame, tmp_path: Path) -> None:
        found = tune(premier_league, SEASONS, tmp_path / "journal", 3, nothing)
        assert 0 <= found.gain <= SURE * found.error
        assert found.adopted == Parameters()


class TestLosses:
    def test_are_one_a_match_of_the_seasons(self, premier_league: pl.DataFrame) -> None:
        found = losses(premier_league, [2021, 2022], Parameters())
        assert found.shape == (760,)
        assert 0.15 < found.mean() < 0.25

    def test_do_not_depend_on_what_happened_later(self, premier_league: pl.DataFrame) -> None:
        known = premier_league.filter(pl.col("season") < 2022)
        assert (
            losses(known, [2021], Parameters()).tobytes()
            == losses(premier_league, [2021], Parameters()).tobytes()
        )

    def test_are_known_without_any_odds(self, matches: pl.DataFrame) -> None:
        early = matches.filter((pl.col("league") == "E0") & pl.col("season").is_between(2010, 2011))
        assert np.isfinite(losses(early, [2011], Parameters())).all()


class TestWithValues:
    def test_changes_what_is_named_and_nothing_else(self) -> None:
        changed = with_values(Parameters(), {"strength.odds_noise": 0.5})
        assert changed.strength.odds_noise == 0.5
        assert with_values(changed, {"strength.odds_noise": 0.2}) == Parameters()

    @pytest.mark.parametrize("side", [min, max])
    def test_reaches_everything_that_is_searched(self, side: Callable[[tuple[float, float]], float]) -> None:
        edges = {name: side(limits) for name, limits in RANGES.items()}
        changed = with_values(Parameters(), edges)
        assert {name: getattr(changed.strength, name.split(".")[1]) for name in RANGES} == edges

    def test_the_present_is_within_what_is_searched(self) -> None:
        for name, (low, high) in RANGES.items():
            assert low <= getattr(Parameters().strength, name.split(".")[1]) <= high
