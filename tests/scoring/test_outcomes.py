import numpy as np
import polars as pl
import pytest

from sabiscore.scoring.outcomes import base_rates, market, odds, outcomes


class TestOutcomes:
    def test_are_home_draw_away_as_the_goals_say(self) -> None:
        frame = pl.DataFrame({"home_goals": [2, 1, 0], "away_goals": [1, 1, 3]})
        assert outcomes(frame).tolist() == [0, 1, 2]


class TestOdds:
    def test_are_home_draw_away_of_the_book(self) -> None:
        frame = pl.DataFrame(
            {"closing_home": [1.5, None], "closing_draw": [4.0, 3.4], "closing_away": [6.0, 2.0]}
        )
        found = odds(frame, "closing")
        assert found[0].tolist() == [1.5, 4.0, 6.0]
        assert np.isnan(found[1]).tolist() == [True, False, False]

    def test_may_be_of_other_sides(self, matches: pl.DataFrame) -> None:
        early = matches.filter(pl.col("season") == 2010)
        found = odds(early, "average", ("over", "under"))
        assert found.shape == (len(early), 2)
        assert np.isnan(found).all()


class TestMarket:
    def test_is_nan_without_odds(self, matches: pl.DataFrame) -> None:
        early = matches.filter(pl.col("season") < 2019)
        assert np.isnan(market(early, "average")).all()

    def test_sums_to_one_with_odds(self, matches: pl.DataFrame) -> None:
        late = market(matches.filter(pl.col("season") == 2024), "closing").sum(axis=1)
        assert np.isnan(late).mean() < 0.01
        assert np.allclose(late[~np.isnan(late)], 1.0)


class TestBaseRates:
    def test_of_a_day_do_not_know_that_day(self, matches: pl.DataFrame) -> None:
        league = matches.filter(pl.col("league") == "E0")
        day = league["date"][1000]
        turned = league.with_columns(
            home_goals=pl.when(pl.col("date") >= day).then("away_goals").otherwise("home_goals"),
            away_goals=pl.when(pl.col("date") >= day).then("home_goals").otherwise("away_goals"),
        )
        up_to_day = (league["date"] <= day).to_numpy()
        assert np.array_equal(base_rates(league)[up_to_day], base_rates(turned)[up_to_day])
        assert not np.array_equal(base_rates(league), base_rates(turned))

    def test_approach_what_happened(self, matches: pl.DataFrame) -> None:
        league = matches.filter(pl.col("league") == "SP1")
        happened = [(outcomes(league) == k).mean() for k in range(3)]
        assert base_rates(league)[-1].tolist() == pytest.approx(happened, abs=0.005)
