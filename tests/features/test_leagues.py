import polars as pl

from sabiscore.features import Parameters, build_history
from sabiscore.features.components import LEAGUE


class TestRunningMeans:
    def test_end_near_the_last_seasons_means(self, matches: pl.DataFrame) -> None:
        history = build_history(matches, Parameters())
        for number, code in enumerate(history.roster.leagues):
            of_league = matches.filter((pl.col("league") == code) & (pl.col("season") >= 2023))
            last = history.league_values[history.calendar.leagues.subject == number][-1]
            for name, column in (("home_goals", "home_goals"), ("away_shots", "away_shots_on_target")):
                assert abs(last[LEAGUE.index(name)] - of_league[column].mean()) < 0.35

    def test_begin_at_the_prior(self, matches: pl.DataFrame) -> None:
        history = build_history(matches, Parameters())
        first = history.league_values[history.calendar.leagues.subject == 0][0].tolist()
        assert abs(first[LEAGUE.index("home_goals")] - 1.5) < 0.3
        assert first[LEAGUE.index("home_shots")] == 5.0
