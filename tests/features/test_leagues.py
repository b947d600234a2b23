import numpy as np
import polars as pl
import pytest

from sabiscore.arrays import Floats
from sabiscore.features import History, Parameters, build_history
from sabiscore.features.components import LEAGUE, LEAGUE_PRIOR_MATCHES, LEAGUE_STEPS, restored
from sabiscore.features.leagues import A_SIDE, BY_SIDE, Running, counted, running_means
from sabiscore.features.matches import CORNERS, GOALS, SHOTS, XG, encode
from sabiscore.features.timeline import timeline
from sabiscore.forecaster import Forecaster
from tests.features.frames import frame, with_odds, with_statistics

PARAMETERS = Parameters()
RATE = PARAMETERS.league_rate


def means(played: pl.DataFrame) -> Floats:
    """After each match day, and before all."""
    matches = encode(played, PARAMETERS.rho)
    after = running_means(matches, timeline(matches.league, matches.day), RATE).means
    return np.concatenate((after, Running.start(1).means))


def last_of(history: History, league: str) -> dict[str, float]:
    """The components of a league after its last match day."""
    last = history.league_values[history.calendar.leagues.subject == history.roster.leagues.index(league)][-1]
    return dict(zip(LEAGUE, restored(last, LEAGUE_STEPS).tolist(), strict=True))


class TestRunningMeans:
    ONE = frame(("2024-08-10", "A", "B", 5, 0))

    def test_begin_at_what_is_believed_of_any_league(self) -> None:
        before = means(self.ONE)[-1]
        assert before[GOALS] == 1.3
        assert before[BY_SIDE].tolist() == [5.5, 4.5]

    def test_move_by_the_mean_of_both_sides_as_if_fifty_matches_had_been_seen(self) -> None:
        after, before = means(self.ONE)
        step = 1.0 / (LEAGUE_PRIOR_MATCHES + 1)
        assert after[GOALS] == pytest.approx(before[GOALS] + step * (2.5 - before[GOALS]))

    def test_stay_where_they_are_while_a_statistic_is_unknown(self) -> None:
        after, before = means(self.ONE)
        unknown = [SHOTS, CORNERS, XG]
        assert after[unknown].tolist() == before[unknown].tolist()
        assert after[BY_SIDE].tolist() == before[BY_SIDE].tolist()

    def test_know_corners_of_home_and_away_sides_apart(self) -> None:
        after, before = means(with_statistics(self.ONE, home_corners=12, away_corners=1))
        assert after[BY_SIDE][0] > before[BY_SIDE][0]
        assert after[BY_SIDE][1] < before[BY_SIDE][1]

    def test_do_not_ask_in_which_order_a_day_was_played(self) -> None:
        day = [("2024-08-10", "A", "B", 5, 0), ("2024-08-10", "C", "D", 0, 1)]
        assert means(frame(*day)).tolist() == means(frame(*day[::-1])).tolist()

    def test_of_one_league_are_not_those_of_another(self) -> None:
        beside = pl.concat((self.ONE, frame(("2024-08-10", "A", "B", 0, 0), league="E1")))
        assert means(beside)[0].tolist() == means(self.ONE)[0].tolist()
        assert means(beside)[1, GOALS] < 1.3

    def test_come_near_what_is_seen_for_long(self) -> None:
        days = [(f"{2000 + year}-09-{day:02}", "A", "B", 2, 2) for year in range(20) for day in range(1, 31)]
        found = means(frame(*days))[:-1, GOALS]
        assert (np.diff(found) > 0.0).all()
        assert found[-1] == pytest.approx(2.0, abs=0.05)

    def test_of_real_leagues_end_near_their_last_seasons(self, matches: pl.DataFrame) -> None:
        encoded = encode(matches, PARAMETERS.rho)
        line = timeline(encoded.league, encoded.day)
        found = running_means(encoded, line, RATE).means
        for number, code in enumerate(encoded.roster.leagues):
            of_league = matches.filter((pl.col("league") == code) & (pl.col("season") >= 2023))
            last = found[line.subject == number][-1]
            for place, name in ((GOALS, "goals"), (SHOTS, "shots")):
                sides = of_league.select(f"home_{name}", f"away_{name}").to_numpy().astype(np.float64)
                if not np.isnan(sides).all():
                    assert last[A_SIDE][place] == pytest.approx(np.nanmean(sides), rel=0.08)


class TestCounted:
    def test_corners_that_nobody_counts_are_none(self) -> None:
        bare = build_history(TestRunningMeans.ONE, PARAMETERS)
        assert last_of(bare, "E0")["home_corners"] == last_of(bare, "E0")["away_corners"] == 0.0

    def test_corners_of_one_match_are_some(self) -> None:
        found = counted(
            means(with_statistics(TestRunningMeans.ONE, home_corners=9, away_corners=2))[:, BY_SIDE]
        )
        assert (found[0] > 0.0).all()
        assert not found[-1].any()


class TestWhatIsKeptOfALeague:
    def test_has_home_as_an_advantage_everywhere(self, history: History) -> None:
        for league in history.roster.leagues:
            assert 0.1 < last_of(history, league)["home_advantage"] < 0.6

    def test_has_as_many_goals_as_odds_expect(self, history: History, matches: pl.DataFrame) -> None:
        """The level is of the logarithm of the product of both sides' goals."""
        for league in history.roster.leagues:
            late = matches.filter((pl.col("league") == league) & (pl.col("season") >= 2023))
            odds = encode(late, PARAMETERS.rho).odds[:, 1]
            kept = last_of(history, league)
            assert kept["goal_level"] + 2.0 * kept["mean_goals"] == pytest.approx(
                float(np.nanmean(odds)), abs=0.2
            )

    def test_has_the_mean_of_its_clubs(self) -> None:
        played = with_odds(
            frame(("2024-08-10", "A", "B", 1, 0), ("2024-08-17", "B", "A", 1, 0)), (1.5, 4.2, 6.5)
        )
        history = build_history(played, PARAMETERS)
        kept = last_of(history, "E0")
        for column, name in ((0, "mean_strength"), (6, "mean_goals")):
            clubs = history.club_values[[1, 3], column] / 512.0 / (1 if column == 0 else 2)
            assert kept[name] == pytest.approx(clubs.mean(), abs=2e-3)

    def test_has_lower_divisions_weaker_than_those_above(self, forecaster: Forecaster) -> None:
        """After all matches that the shipped bundle knows."""
        history = forecaster.rows.history
        roster, tier = history.roster, history.calendar.level
        for country in set(roster.country):
            leagues = sorted(
                (code for code, of in zip(roster.leagues, roster.country, strict=True) if of == country),
                key=lambda code: tier[roster.leagues.index(code)],
            )
            strength = [last_of(history, code)["mean_strength"] for code in leagues]
            assert strength == sorted(strength, reverse=True)
