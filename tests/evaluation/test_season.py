import numpy as np
import polars as pl
import pytest

from sabiscore.errors import DataError
from sabiscore.evaluation.backtest import SeasonForecast
from sabiscore.evaluation.markets import MARKETS
from sabiscore.evaluation.scored import EXPECTED_CLOSING, OURS, WITH_ODDS
from sabiscore.evaluation.season import forecast_season
from sabiscore.models.ensemble import EnsembleParameters
from sabiscore.scoring.outcomes import outcomes
from sabiscore.training.fit import FitParameters
from sabiscore.training.walk_forward import Plan

SEASON = 2024
QUICK = Plan(
    validation_seasons=3,
    measured_seasons=1,
    fit=FitParameters(trees=EnsembleParameters(members=1, iterations=20)),
)


@pytest.fixture(scope="module")
def premier_league(matches: pl.DataFrame) -> pl.DataFrame:
    return matches.filter((pl.col("league") == "E0") & (pl.col("season") >= 2019))


@pytest.fixture(scope="module")
def steps() -> list[tuple[int, int]]:
    return []


@pytest.fixture(scope="module")
def forecast(premier_league: pl.DataFrame, steps: list[tuple[int, int]]) -> SeasonForecast:
    return forecast_season(premier_league, SEASON, lambda done, of: steps.append((done, of)), QUICK)


class TestForecastSeason:
    def test_says_something_of_every_match(self, forecast: SeasonForecast) -> None:
        assert forecast.matches["season"].unique().to_list() == [SEASON]
        for probabilities in forecast.variants.values():
            assert probabilities.shape == (380, 3)
            assert np.allclose(probabilities.sum(axis=1), 1.0)
        assert forecast.markets.keys() == MARKETS.keys()
        for said in forecast.markets.values():
            assert ((said > 0.0) & (said < 1.0)).all()

    def test_tells_of_every_step(self, forecast: SeasonForecast, steps: list[tuple[int, int]]) -> None:
        assert forecast.variants.keys() == {OURS, WITH_ODDS, EXPECTED_CLOSING}
        assert steps == [(done, len(steps)) for done in range(1, len(steps) + 1)]

    def test_knows_nothing_of_the_season_but_what_was_played_before_each_match(
        self, forecast: SeasonForecast, premier_league: pl.DataFrame
    ) -> None:
        """Had the last day's matches ended otherwise, every prediction would be the same."""
        last = premier_league["date"].max()
        turned = premier_league.with_columns(
            home_goals=pl.when(pl.col("date") == last).then("away_goals").otherwise("home_goals"),
            away_goals=pl.when(pl.col("date") == last).then("home_goals").otherwise("away_goals"),
        )
        assert not np.array_equal(outcomes(turned), outcomes(premier_league))
        other = forecast_season(turned, SEASON, lambda _, __: None, QUICK)
        assert np.array_equal(other.variants[OURS], forecast.variants[OURS])

    def test_has_the_confidence_of_every_match(self, forecast: SeasonForecast) -> None:
        assert set(forecast.level.tolist()) == {"high", "medium", "low"}
        assert forecast.level.shape == (380,)

    def test_is_of_a_season_with_two_before_it_too(self, premier_league: pl.DataFrame) -> None:
        """Fewer than are validated on: there is one to fit on and one to choose on."""
        told: list[tuple[int, int]] = []
        found = forecast_season(premier_league, 2021, lambda done, of: told.append((done, of)), QUICK)
        assert np.isfinite(found.variants[OURS]).all()
        assert told == [(1, 2), (2, 2)]

    def test_needs_two_seasons_before_it(self, premier_league: pl.DataFrame) -> None:
        with pytest.raises(DataError, match="1 seasons to learn from; training needs 2"):
            forecast_season(premier_league, 2020, lambda _, __: None, QUICK)
