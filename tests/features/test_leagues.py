import numpy as np
import polars as pl
import pytest

from sabiscore.features import History, Parameters, build_history
from sabiscore.features.components import LEAGUE, LEAGUE_MEANS, LEAGUE_PRIOR
from tests.features.frames import frame


class TestRunningMeans:
    def test_end_near_the_last_seasons_means(self, history: History, matches: pl.DataFrame) -> None:
        for number, code in enumerate(history.roster.leagues):
            of_league = matches.filter((pl.col("league") == code) & (pl.col("season") >= 2023))
            last = history.league_values[history.calendar.leagues.subject == number][-1]
            for name in ("home_goals", "away_shots_on_target", "home_corners"):
                assert last[LEAGUE.index(name)] == pytest.approx(of_league[name].mean(), rel=0.08)

    def test_begin_at_the_prior(self, history: History) -> None:
        first = history.league_values[history.calendar.leagues.subject == 0][0].tolist()
        assert abs(first[LEAGUE.index("home_goals")] - 1.5) < 0.3
        assert first[LEAGUE.index("home_shots_on_target")] == 5.0

    def test_stay_where_they_are_while_a_statistic_is_unknown(self) -> None:
        found = build_history(frame(("2024-08-10", "A", "B", 5, 0)), Parameters()).league_values[0]
        assert found[LEAGUE.index("home_goals")] > 1.5
        assert found[2:4].tolist() == np.array(list(LEAGUE_PRIOR.values())[2:4], dtype=np.float16).tolist()


class TestFilteredLeagueValues:
    @pytest.mark.all_matches
    def test_the_total_ends_near_the_goals_of_the_last_seasons(self, every_match: pl.DataFrame) -> None:
        history = build_history(every_match, Parameters())
        for number, code in enumerate(history.roster.leagues):
            goals = every_match.filter((pl.col("league") == code) & (pl.col("season") >= 2023))
            last = history.league_values[history.calendar.leagues.subject == number][-1]
            mean = (goals["home_goals"] + goals["away_goals"]).mean()
            assert last[LEAGUE.index("total")] == pytest.approx(mean, abs=0.3)

    def test_home_is_an_advantage_in_every_league(self, history: History) -> None:
        for number in range(len(history.roster.leagues)):
            last = history.league_values[history.calendar.leagues.subject == number][-1]
            for name in LEAGUE[LEAGUE_MEANS:-1]:
                assert 0.1 < last[LEAGUE.index(name)] < 0.6
