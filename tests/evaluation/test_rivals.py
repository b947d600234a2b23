import numpy as np
import polars as pl
import pytest

from sabiscore.evaluation.rivals import (
    DIXON_COLES,
    ELO,
    MARKET,
    MARKET_SHIN,
    RIVALS,
    Rivals,
    did_both_score,
    rivals,
    was_over,
    yes_rates,
)


@pytest.fixture(scope="module")
def league(few_weeks: pl.DataFrame) -> pl.DataFrame:
    return few_weeks.filter(pl.col("league") == "D1")


@pytest.fixture(scope="module")
def found(league: pl.DataFrame) -> Rivals:
    return rivals(league, 2024, lambda *_: None, workers=1)


class TestRivals:
    def test_all_speak_of_every_match_in_probabilities(self, league: pl.DataFrame, found: Rivals) -> None:
        matches = league.filter(pl.col("season") == 2024)
        unpriced = matches["average_home"].is_null().to_numpy()
        assert set(found.outcomes) == set(RIVALS)
        for name, said in found.outcomes.items():
            silent = unpriced if name in (MARKET, MARKET_SHIN) else np.zeros_like(unpriced)
            assert np.array_equal(np.isnan(said).any(axis=1), silent)
            assert said[~silent].sum(axis=1) == pytest.approx(1.0)
        for said in (*found.over.values(), *found.both_score.values()):
            assert ((said > 0) & (said < 1)).all()

    def test_agree_with_the_market_on_who_is_strong(self, found: Rivals) -> None:
        market = found.outcomes[MARKET][:, 0]
        for name in (ELO, DIXON_COLES):
            other = found.outcomes[name][:, 0]
            assert np.corrcoef(other[~np.isnan(market)], market[~np.isnan(market)])[0, 1] > 0.7


class TestGoals:
    def test_three_are_over_and_each_side_needs_one(self) -> None:
        frame = pl.DataFrame({"home_goals": [3, 1, 0, 2], "away_goals": [0, 1, 2, 1]})
        assert was_over(frame).tolist() == [1.0, 0.0, 0.0, 1.0]
        assert did_both_score(frame).tolist() == [0.0, 1.0, 0.0, 1.0]


class TestYesRates:
    def test_begin_at_a_half_and_learn_from_earlier_days_only(self) -> None:
        frame = pl.DataFrame({"date": [1, 1, 2], "league": ["E0"] * 3}, schema_overrides={"date": pl.Date})
        assert yes_rates(frame, np.array([1.0, 1.0, 0.0])).tolist() == [0.5, 0.5, (25 + 2) / 52]
