import numpy as np
import polars as pl
import pytest

from sabiscore.arrays import Floats
from sabiscore.evaluation.market_scores import MarketScore, half_time_rps, market_scores
from sabiscore.models.corners import corners
from sabiscore.models.grid import outcomes, score_grid
from sabiscore.models.scores import rps

N = 20_000
CHANCE = np.random.default_rng(2)
RATES = np.exp(CHANCE.normal((0.4, 0.1), 0.35, (N, 2)))
GRIDS = score_grid(RATES[:, 0], RATES[:, 1], 0.0)
PROBABILITIES = outcomes(GRIDS)
EXPECTED = CHANCE.normal((5.5, 4.6), 1.0, (N, 2)).clip(1.0)

HALF = CHANCE.poisson(0.44 * RATES)
LAST = HALF + CHANCE.poisson(0.56 * RATES)
SIZE = 1.0 / np.array((0.065, 0.081))
CORNERS = CHANCE.negative_binomial(SIZE, SIZE / (SIZE + EXPECTED))

MATCHES = pl.DataFrame(
    {
        f"{side}_{name}": counts[:, k]
        for name, counts in (("goals", LAST), ("half_goals", HALF), ("corners", CORNERS))
        for k, side in enumerate(("home", "away"))
    }
)


def scored(matches: pl.DataFrame = MATCHES, expected: Floats = EXPECTED) -> dict[str, MarketScore]:
    return market_scores(RATES, GRIDS, PROBABILITIES, matches, expected)


FOUND = scored()


class TestMarketScores:
    def test_are_of_every_market(self) -> None:
        assert list(FOUND) == [
            "over 2.5",
            "both score",
            "home over 1.5",
            "away over 1.5",
            "half-time result",
            "half-time/full-time",
            "half-time over 0.5",
            "half-time over 1.5",
            "corners over 8.5",
            "corners over 9.5",
            "corners over 10.5",
            "corners over 11.5",
            "most corners",
        ]
        assert {score.n for score in FOUND.values()} == {N}

    @pytest.mark.parametrize("market", FOUND)
    def test_are_better_than_the_base_where_the_forecast_knows_more(self, market: str) -> None:
        assert FOUND[market].brier < FOUND[market].base

    def test_of_yes_are_the_squared_error_of_the_yes(self) -> None:
        happened = LAST.sum(axis=1) > 2.5
        said = GRIDS.reshape(N, -1) @ (np.add.outer(np.arange(11), np.arange(11)) > 2.5).ravel()
        assert FOUND["over 2.5"].brier == pytest.approx(np.mean((said - happened) ** 2))
        assert FOUND["over 2.5"].base == pytest.approx(happened.mean() * (1 - happened.mean()))

    @pytest.mark.parametrize("market", ["over 2.5", "half-time result", "most corners", "corners over 9.5"])
    def test_know_how_well_calibrated_the_market_is(self, market: str) -> None:
        assert FOUND[market].ece < 0.03
        wrong = market_scores(RATES[::-1], GRIDS[::-1], PROBABILITIES[::-1], MATCHES, EXPECTED[::-1])
        assert wrong[market].ece > FOUND[market].ece

    def test_of_several_outcomes_are_the_sum(self) -> None:
        ahead = np.sign(CORNERS[:, 0] - CORNERS[:, 1])
        happened = np.column_stack((ahead > 0, ahead == 0, ahead < 0))
        assert FOUND["most corners"].brier == pytest.approx(
            ((corners(EXPECTED).most - happened) ** 2).sum(axis=1).mean()
        )

    def test_leave_out_matches_of_which_nothing_is_known(self) -> None:
        some = MATCHES.with_columns(
            pl.when(pl.int_range(N) < 100).then(pl.col("home_half_goals")).alias("home_half_goals")
        )
        found = scored(some)
        assert found["half-time result"].n == found["half-time/full-time"].n == 100
        assert found["over 2.5"] == FOUND["over 2.5"]

    def test_leave_out_markets_of_which_nothing_is_known(self) -> None:
        found = scored(MATCHES.drop("home_half_goals"), np.full((N, 2), np.nan))
        assert list(found) == ["over 2.5", "both score", "home over 1.5", "away over 1.5"]


class TestHalfTime:
    def test_knows_more_than_before_kick_off(self) -> None:
        before = rps(PROBABILITIES, 1 - np.sign(LAST[:, 0] - LAST[:, 1])).mean()
        assert half_time_rps(RATES, GRIDS, MATCHES) < before - 0.02

    def test_is_nan_where_no_score_at_half_time_is_known(self) -> None:
        assert np.isnan(half_time_rps(RATES, GRIDS, MATCHES.drop("home_half_goals")))
