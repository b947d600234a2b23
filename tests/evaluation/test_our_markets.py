import numpy as np
import polars as pl
import pytest

from sabiscore.arrays import Floats
from sabiscore.evaluation.markets import FROM_HALF_TIME, MARKETS, MarketScores, happened, score_market
from sabiscore.evaluation.our_markets import our_markets
from sabiscore.models.grid import outcomes, score_grid
from sabiscore.scoring.scores import rps

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
SAID = our_markets(RATES, PROBABILITIES, GRIDS, EXPECTED, MATCHES)


def scored(market: str, said: Floats) -> MarketScores:
    found = score_market(said, happened(market, MATCHES))
    assert found is not None
    return found


class TestOurMarkets:
    def test_are_all_that_there_are(self) -> None:
        assert SAID.keys() == MARKETS.keys()

    @pytest.mark.parametrize("market", MARKETS)
    def test_are_probabilities_of_events_of_which_one_happens(self, market: str) -> None:
        said = SAID[market].reshape(N, -1)
        assert said.shape == happened(market, MATCHES).shape
        assert ((said >= 0.0) & (said <= 1.0)).all()
        if said.shape[1] > 1:
            assert np.allclose(said.sum(axis=1), 1.0)

    @pytest.mark.parametrize("market", MARKETS)
    def test_are_better_than_the_base_where_the_forecast_knows_more(self, market: str) -> None:
        found = scored(market, SAID[market])
        assert (found.n, found.brier < found.base) == (N, True)

    @pytest.mark.parametrize("market", MARKETS)
    def test_are_calibrated_where_the_forecast_is(self, market: str) -> None:
        assert scored(market, SAID[market]).ece < 0.03
        assert scored(market, SAID[market][::-1]).brier > scored(market, SAID[market]).brier

    def test_cannot_say_what_nobody_counted(self) -> None:
        said = our_markets(
            RATES[:9],
            PROBABILITIES[:9],
            GRIDS[:9],
            np.full((9, 2), np.nan),
            MATCHES[:9].drop("home_half_goals"),
        )
        unknown = {name for name, each in said.items() if np.isnan(each).all()}
        assert unknown == {FROM_HALF_TIME, *(name for name in MARKETS if "corners" in name)}


class TestFromHalfTime:
    def test_knows_more_than_before_kick_off(self) -> None:
        outcome = 1 - np.sign(LAST[:, 0] - LAST[:, 1])
        then, before = (rps(said, outcome).mean() for said in (SAID[FROM_HALF_TIME], PROBABILITIES))
        assert then < before - 0.02
