import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.arrays import Floats
from sabiscore.features import History, Parameters, RowMaker, build_history
from sabiscore.features.build import towards
from sabiscore.features.calendar import CLOSED_FROM, CLOSED_THROUGH
from sabiscore.features.components import CLUB, LEAGUE, LEAGUE_PRIOR
from tests.features.frames import Prices, frame, with_odds, with_statistics

PARAMETERS = Parameters()
HEAVY_FAVOURITE: Prices = (1.15, 9.0, 19.0)
GOALLESS = frame(("2024-08-10", "A", "B", 0, 0))


def values_of(history: History, club: str) -> dict[str, float]:
    """The components of a club of league E0 after its last match."""
    number = history.roster.clubs.index(("E0", club))
    last = np.flatnonzero(history.calendar.clubs.subject == number)[-1]
    return dict(zip(CLUB, history.club_values[last].tolist(), strict=True))


def after(played: pl.DataFrame, club: str) -> dict[str, float]:
    return values_of(build_history(played, PARAMETERS), club)


class TestALesson:
    def test_a_winner_gains_what_the_loser_loses(self) -> None:
        history = build_history(frame(("2024-08-10", "A", "B", 3, 1)), PARAMETERS)
        winner, loser = values_of(history, "A"), values_of(history, "B")
        for rating in ("results", "strength"):
            assert winner[rating] > 0
            assert winner[rating] == -loser[rating]

    def test_a_wider_win_gains_more(self) -> None:
        narrow = after(frame(("2024-08-10", "A", "B", 1, 0)), "A")
        wide = after(frame(("2024-08-10", "A", "B", 4, 0)), "A")
        for component in ("results", "strength", "goals_for", "total"):
            assert wide[component] > narrow[component]

    def test_matches_of_one_day_do_not_see_each_other(self) -> None:
        earlier = (("2024-08-10", "A", "B", 1, 0), ("2024-08-10", "C", "D", 2, 2))
        alone = frame(*earlier, ("2024-08-17", "A", "C", 1, 1))
        together = frame(*earlier, ("2024-08-17", "A", "C", 1, 1), ("2024-08-17", "B", "D", 5, 0))
        assert after(alone, "A") == after(together, "A")


class TestStatistics:
    def test_a_match_without_shots_leaves_shots_as_they_were(self) -> None:
        assert after(frame(("2024-08-10", "A", "B", 1, 0)), "A")["shots_for"] == 0.0

    def test_a_match_without_statistics_teaches_by_its_goals(self) -> None:
        """As one does whose statistics are all average, but for the weight that goals have among them."""
        goals_alone = after(frame(("2024-08-10", "A", "B", 3, 0)), "A")["results"]
        level = with_statistics(
            frame(("2024-08-10", "A", "B", 3, 0)),
            **{f"{side}_{name}": 5 for side in ("home", "away") for name in ("shots", "corners")},
            **{f"{side}_{name}": 5 for side in ("home", "away") for name in ("shots_on_target", "reds")},
        )
        assert goals_alone > after(level, "A")["results"] > 0.0

    def test_with_one_side_unknown_is_as_without_any(self) -> None:
        half = with_statistics(frame(("2024-08-10", "A", "B", 3, 0)), home_shots_on_target=9)
        for name in ("results", "strength", "total"):
            assert after(half, "A")[name] == after(frame(("2024-08-10", "A", "B", 3, 0)), "A")[name]

    def test_more_shots_on_target_than_the_league_has_raise_the_average(self) -> None:
        many = with_statistics(
            frame(("2024-08-10", "A", "B", 0, 0)), home_shots_on_target=10, away_shots_on_target=1
        )
        assert after(many, "A")["shots_for"] > 0 > after(many, "A")["shots_against"]


class TestOddsOfPastMatches:
    def test_only_the_strength_hears_them(self) -> None:
        priced = with_odds(GOALLESS, HEAVY_FAVOURITE)
        with_them, without = after(priced, "A"), after(GOALLESS, "A")
        changed = {name for name in CLUB if with_them[name] != without[name]}
        assert changed == {"strength", "strength_home", "strength_variance", "priced"}

    def test_a_goalless_favourite_stays_strong_by_its_odds(self) -> None:
        found = after(with_odds(GOALLESS, HEAVY_FAVOURITE), "A")
        assert found["results"] < 0.0 < found["strength"]

    def test_make_a_club_more_certain(self) -> None:
        priced = after(with_odds(GOALLESS, HEAVY_FAVOURITE), "A")["strength_variance"]
        assert priced < after(GOALLESS, "A")["strength_variance"]

    def test_at_the_close_come_before_the_average(self) -> None:
        closing = with_odds(GOALLESS, HEAVY_FAVOURITE)
        both = with_odds(closing, HEAVY_FAVOURITE[::-1], book="average")
        assert after(both, "A") == after(closing, "A")

    def test_of_the_average_count_where_there_are_none_at_the_close(self) -> None:
        average = with_odds(GOALLESS, HEAVY_FAVOURITE, book="average")
        without_closing = average.with_columns(
            pl.lit(None, pl.Float64).alias(f"closing_{outcome}") for outcome in ("home", "draw", "away")
        )
        closing = after(with_odds(GOALLESS, HEAVY_FAVOURITE), "A")
        assert after(average, "A") == after(without_closing, "A") == closing

    def test_of_goals_are_heard_by_the_total(self) -> None:
        goals = GOALLESS.with_columns(closing_over=pl.lit(1.3), closing_under=pl.lit(3.5))
        assert after(goals, "A")["total"] > after(GOALLESS, "A")["total"]
        assert after(goals, "A")["strength"] == after(GOALLESS, "A")["strength"]

    def test_a_row_does_not_know_the_odds_of_its_own_match(self) -> None:
        season = (("2024-08-10", "A", "B", 1, 0), ("2024-08-17", "B", "A", 2, 2))
        rows = [
            RowMaker(build_history(played, PARAMETERS), PARAMETERS).matches(played).matrix[-1]
            for played in (
                frame(*season),
                frame(*season).with_columns(
                    pl.when(pl.col("home") == "B").then(price).alias(f"closing_{outcome}")
                    for outcome, price in zip(("home", "draw", "away"), HEAVY_FAVOURITE, strict=True)
                ),
            )
        ]
        assert rows[0].tobytes() == rows[1].tobytes()


class TestThePast:
    @pytest.fixture(scope="class")
    @staticmethod
    def premier_league(matches: pl.DataFrame) -> pl.DataFrame:
        return matches.filter((pl.col("league") == "E0") & (pl.col("season") >= 2023))

    def test_a_past_day_knows_only_earlier_matches(self, premier_league: pl.DataFrame) -> None:
        """Every row of a season is bit-equal to the row made when later matches had not been played."""
        season = premier_league.filter(pl.col("season") == 2024)
        assert len(season) == 380
        assert season["closing_home"].is_not_null().all()
        whole = RowMaker(build_history(premier_league, PARAMETERS), PARAMETERS)
        for day in season["date"].unique().sort():
            known = premier_league.filter(pl.col("date") < day)
            then = RowMaker(build_history(known, PARAMETERS), PARAMETERS)
            today = season.filter(pl.col("date") == day)
            assert then.matches(today).matrix.tobytes() == whole.matches(today).matrix.tobytes()


class TestPostponedMatches:
    PLANNED = (("2024-08-10", "A", "B", 1, 0), ("2024-08-17", "A", "C", 4, 0), ("2024-08-31", "B", "A", 0, 0))
    POSTPONED = (*PLANNED[::2], ("2024-09-04", "A", "C", 4, 0))

    def test_count_on_the_day_they_are_played(self) -> None:
        planned, postponed = (
            RowMaker(build_history(frame(*played), PARAMETERS), PARAMETERS)
            for played in (self.PLANNED, self.POSTPONED)
        )
        between, later = frame(("2024-08-24", "A", "D", 0, 0)), frame(("2024-09-07", "A", "D", 0, 0))
        results = CLUB.index("results")
        assert (
            planned.matches(between).home.values[0, results]
            > postponed.matches(between).home.values[0, results]
        )
        assert postponed.matches(later).home.standing.played.tolist() == [3]

    def test_do_not_change_what_was_known_before(self) -> None:
        early = frame(("2024-08-31", "B", "A", 0, 0))
        never = RowMaker(build_history(frame(*self.PLANNED[::2]), PARAMETERS), PARAMETERS)
        later = RowMaker(build_history(frame(*self.POSTPONED), PARAMETERS), PARAMETERS)
        assert never.matches(early).matrix.tobytes() == later.matches(early).matrix.tobytes()

    def test_make_the_calendar_tighter(self) -> None:
        maker = RowMaker(build_history(frame(*self.POSTPONED), PARAMETERS), PARAMETERS)
        row = maker.matches(frame(("2024-09-07", "A", "D", 0, 0)))
        assert row.home.standing.recent.tolist() == [2]
        assert row.home.standing.last_day.tolist() != row.away.standing.last_day.tolist()


class TestEmptyStadiums:
    @staticmethod
    def home_advantage_after(day: str) -> float:
        history = build_history(frame((day, "A", "B", 6, 0)), PARAMETERS)
        return float(history.league_values[-1, LEAGUE.index("strength_home")])

    def test_teach_nothing_about_the_leagues_home_advantage(self) -> None:
        prior = float(np.float16(LEAGUE_PRIOR["strength_home"]))
        for day in (str(CLOSED_FROM), "2020-12-26", str(CLOSED_THROUGH)):
            assert self.home_advantage_after(day) == prior

    def test_are_a_thing_of_the_pandemic(self) -> None:
        prior = LEAGUE_PRIOR["strength_home"]
        for day in ("2020-05-15", "2021-08-14"):
            assert self.home_advantage_after(day) > prior

    def test_make_a_home_win_the_greater_surprise(self) -> None:
        closed = after(frame(("2020-12-26", "A", "B", 2, 0)), "A")
        assert closed["results"] > after(frame(("2019-12-26", "A", "B", 2, 0)), "A")["results"]


ratings = st.floats(-3, 3).map(lambda value: np.array([value]))


class TestTowards:
    def test_an_unknown_observation_changes_nothing(self) -> None:
        assert towards(np.array([0.3]), np.array([np.nan]), 0.1)[0] == 0.3

    @given(ratings, ratings)
    def test_ends_between_the_average_and_the_observation(self, average: Floats, seen: Floats) -> None:
        moved = towards(average, seen, 0.1)[0]
        assert min(average[0], seen[0]) - 1e-12 <= moved <= max(average[0], seen[0]) + 1e-12
