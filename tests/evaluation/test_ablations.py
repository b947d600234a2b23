from itertools import combinations

import numpy as np
import polars as pl
import pytest

from sabiscore.arrays import Floats
from sabiscore.evaluation.ablations import ABLATIONS
from sabiscore.scoring.outcomes import outcomes

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
        """But these clubs play in a first division, and nothing is known of them but what season files have."""
        same = {"lean: no expected goals", "first divisions alone"}
        assert all(np.array_equal(said[name], said["full"]) for name in same)
        different = [each for name, each in said.items() if name not in same]
        assert not any(np.allclose(one, other) for one, other in combinations(different, 2))

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
        again = ABLATIONS["no trees"](turned, SEASONS, lambda _, __: None)
        assert np.array_equal(again, said["no trees"])
