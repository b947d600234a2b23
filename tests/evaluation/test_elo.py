import numpy as np
import polars as pl
import pytest

from sabiscore.evaluation.elo import EloParameters, differences, elo
from sabiscore.scoring.outcomes import base_rates, outcomes
from sabiscore.scoring.scores import rps


def season(year: int, *results: tuple[str, str, int, int]) -> pl.DataFrame:
    rows = [("E0", year, *result) for result in results]
    columns = ["league", "season", "home", "away", "home_goals", "away_goals"]
    return pl.DataFrame(rows, schema=columns, orient="row")


class TestDifferences:
    def test_the_winner_gains_what_the_loser_loses(self) -> None:
        gap = differences(season(2020, ("a", "b", 1, 0), ("a", "b", 0, 0)))
        expected = 1 / (1 + 10 ** (-84 / 400))
        assert gap.tolist() == [0.0, pytest.approx(2 * 10.7 * (1 - expected))]

    def test_a_win_by_more_goals_counts_more(self) -> None:
        one, four = (differences(season(2020, ("a", "b", n, 0), ("a", "b", 0, 0)))[1] for n in (1, 4))
        assert four == pytest.approx(one * (1 + 1.12 * np.log(4)))

    def test_a_summer_brings_clubs_nearer_the_middle(self) -> None:
        frame = pl.concat([season(2020, ("a", "b", 1, 0)), season(2021, ("a", "b", 0, 0))])
        kept, all_kept = (differences(frame, EloParameters(regression=share))[1] for share in (0.5, 1.0))
        assert kept == pytest.approx(0.5 * all_kept)

    def test_a_club_that_comes_up_starts_below(self) -> None:
        frame = pl.concat([season(2020, ("a", "b", 1, 0)), season(2021, ("a", "c", 0, 0))])
        assert differences(frame, EloParameters(k=0.0)).tolist() == [0.0, 46.0]

    def test_leagues_do_not_mix(self) -> None:
        first = season(2020, ("a", "b", 1, 0), ("a", "b", 0, 0))
        other = first.with_columns(league=pl.lit("D1"))
        both = pl.concat([first[:1], other[:1], first[1:], other[1:]])
        assert differences(both)[2] == differences(both)[3] == differences(first)[1]


class TestElo:
    def test_beats_base_rates(self, matches: pl.DataFrame) -> None:
        league = matches.filter((pl.col("league") == "E0") & (pl.col("season") >= 2015))
        now = (league["season"] == 2023).to_numpy()
        truth = outcomes(league)[now]
        assert rps(elo(league, 2023), truth).mean() < rps(base_rates(league)[now], truth).mean() - 0.02

    def test_of_a_match_does_not_know_its_result_nor_later_ones(self, few_weeks: pl.DataFrame) -> None:
        day = few_weeks["date"].max()
        turned = few_weeks.with_columns(
            home_goals=pl.when(pl.col("date") == day).then("away_goals").otherwise("home_goals"),
            away_goals=pl.when(pl.col("date") == day).then("home_goals").otherwise("away_goals"),
        )
        assert np.array_equal(elo(few_weeks, 2024), elo(turned, 2024))
