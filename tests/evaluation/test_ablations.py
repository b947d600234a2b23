import numpy as np
import polars as pl
import pytest

from sabiscore.arrays import Floats
from sabiscore.evaluation.ablations import ABLATIONS
from sabiscore.training.outcomes import outcomes

SEASONS = [2023, 2024]


@pytest.fixture(scope="module")
def premier_league(matches: pl.DataFrame) -> pl.DataFrame:
    return matches.filter((pl.col("league") == "E0") & (pl.col("season") >= 2019))


@pytest.fixture(scope="module")
def said(premier_league: pl.DataFrame) -> dict[str, Floats]:
    return {name: variant(premier_league, SEASONS, lambda _, __: None) for name, variant in ABLATIONS.items()}


class TestAblations:
    def test_speak_of_every_match_of_the_seasons(self, said: dict[str, Floats]) -> None:
        for probabilities in said.values():
            assert probabilities.shape == (760, 3)
            assert np.allclose(probabilities.sum(axis=1), 1.0)

    def test_differ(self, said: dict[str, Floats]) -> None:
        without_trees, without_past_odds, alone = said.values()
        assert not np.allclose(without_trees, alone)
        assert not np.allclose(without_past_odds, alone)

    def test_know_nothing_of_a_season_before_it(
        self, said: dict[str, Floats], premier_league: pl.DataFrame
    ) -> None:
        """Had the last day's matches ended otherwise, every prediction would be the same."""
        last = premier_league["date"].max()
        turned = premier_league.with_columns(
            home_goals=pl.when(pl.col("date") == last).then("away_goals").otherwise("home_goals"),
            away_goals=pl.when(pl.col("date") == last).then("home_goals").otherwise("away_goals"),
        )
        assert not np.array_equal(outcomes(turned), outcomes(premier_league))
        again = ABLATIONS["ours without trees"](turned, SEASONS, lambda _, __: None)
        assert np.array_equal(again, said["ours without trees"])
