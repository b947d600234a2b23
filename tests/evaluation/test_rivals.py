import numpy as np
import polars as pl
import pytest

from sabiscore.data.sources import FORECAST
from sabiscore.evaluation.rivals import (
    DIXON_COLES,
    ELO,
    FIVE_THIRTY_EIGHT,
    MARKET,
    MARKET_SHIN,
    RIVALS,
    Company,
    Rivals,
    rivals,
    yes_rates,
)


def nothing(done: int, of: int) -> None:
    """No progress shown."""


@pytest.fixture(scope="module")
def league(few_weeks: pl.DataFrame) -> pl.DataFrame:
    return few_weeks.filter(pl.col("league") == "D1")


@pytest.fixture(scope="module")
def found(league: pl.DataFrame) -> Rivals:
    return rivals(league, 2024, nothing, workers=1)


class TestRivals:
    def test_all_speak_of_every_match_in_probabilities(self, league: pl.DataFrame, found: Rivals) -> None:
        matches = league.filter(pl.col("season") == 2024)
        unpriced = matches["average_home"].is_null().to_numpy()
        assert set(found.outcomes) == {*RIVALS} - {FIVE_THIRTY_EIGHT}
        for name, said in found.outcomes.items():
            silent = unpriced if name in (MARKET, MARKET_SHIN) else np.zeros_like(unpriced)
            assert np.array_equal(np.isnan(said).any(axis=1), silent)
            assert said[~silent].sum(axis=1) == pytest.approx(1.0)
        for forecasts in found.markets.values():
            for said in forecasts.values():
                assert ((said > 0) & (said < 1)).all()

    def test_agree_with_the_market_on_who_is_strong(self, found: Rivals) -> None:
        market = found.outcomes[MARKET][:, 0]
        for name in (ELO, DIXON_COLES):
            other = found.outcomes[name][:, 0]
            assert np.corrcoef(other[~np.isnan(market)], market[~np.isnan(market)])[0, 1] > 0.7


class TestCompany:
    def test_without_leagues_there_is_no_dixon_coles(self, league: pl.DataFrame) -> None:
        found = rivals(league, 2024, nothing, Company(dixon_coles=()))
        assert DIXON_COLES not in found.outcomes
        assert all(DIXON_COLES not in forecasts for forecasts in found.markets.values())

    def test_dixon_coles_is_silent_in_other_leagues(self, few_weeks: pl.DataFrame) -> None:
        weeks = few_weeks.filter(pl.col("season") == 2024)
        found = rivals(few_weeks, 2024, nothing, Company(dixon_coles=["D1"]), workers=1)
        silent = np.isnan(found.outcomes[DIXON_COLES]).any(axis=1)
        assert silent.tolist() == (weeks["league"] != "D1").to_list()

    def test_published_forecasts_are_of_their_matches(self, league: pl.DataFrame) -> None:
        first = pl.int_range(pl.len()) == (league["season"] == 2024).arg_max()
        published = league.with_columns(
            pl.when(first).then(chance).alias(name)
            for name, chance in zip(FORECAST, (0.5, 0.3, 0.2), strict=True)
        )
        said = rivals(published, 2024, nothing, Company(dixon_coles=())).outcomes[FIVE_THIRTY_EIGHT]
        assert said[0] == pytest.approx([0.5, 0.3, 0.2])
        assert np.isnan(said[1:]).all()


class TestYesRates:
    def test_begin_at_a_half_and_learn_from_earlier_days_only(self) -> None:
        frame = pl.DataFrame({"date": [1, 1, 2], "league": ["E0"] * 3}, schema_overrides={"date": pl.Date})
        assert yes_rates(frame, np.array([1.0, 1.0, 0.0])).tolist() == [0.5, 0.5, (25 + 2) / 52]
