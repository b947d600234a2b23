from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from sabiscore.features import History, Parameters, RowMaker, build_history
from sabiscore.features.build import _towards
from sabiscore.features.calendar import CLOSED_FROM, CLOSED_THROUGH, day_number
from sabiscore.features.components import CLUB, CLUB_STEPS, LEAGUE, LEAGUE_PRIOR, LEAGUE_STEPS, restored
from sabiscore.features.matches import with_league_facts
from sabiscore.features.timeline import first_seasons
from tests.features.frames import Played, Prices, divisions, frame, with_odds, with_statistics, with_totals

PARAMETERS = Parameters()
HEAVY_FAVOURITE: Prices = (1.15, 9.0, 19.0)
GOALLESS = frame(("2024-08-10", "A", "B", 0, 0))
STEP = 1.0 / 512
"""The least difference of a strength that is kept."""


def values_of(history: History, club: str) -> dict[str, float]:
    """The components of a club of one country after its last match."""
    number = [key for _, key in history.roster.clubs].index(club)
    last = np.flatnonzero(history.calendar.clubs.subject == number)[-1]
    return dict(zip(CLUB, restored(history.club_values[last], CLUB_STEPS).tolist(), strict=True))


def league_after(played: pl.DataFrame) -> dict[str, float]:
    """The components of the only league after its last match day."""
    last = build_history(played, PARAMETERS).league_values[-1]
    return dict(zip(LEAGUE, restored(last, LEAGUE_STEPS).tolist(), strict=True))


def after(played: pl.DataFrame, club: str) -> dict[str, float]:
    return values_of(build_history(played, PARAMETERS), club)


class TestAMatch:
    def test_raises_the_winner_and_lowers_the_loser(self) -> None:
        """By as much, for both are as uncertain."""
        played = frame(("2024-08-10", "A", "B", 3, 1))
        winner, loser = after(played, "A"), after(played, "B")
        for rating in ("strength_slow", "strength_fast", "strength_faster", "strength_played"):
            assert winner[rating] == -loser[rating]
        assert winner["strength_slow"] > 0.0

    def test_that_is_won_wider_raises_more(self) -> None:
        narrow, wide = (after(frame(("2024-08-10", "A", "B", goals, 0)), "A") for goals in (1, 4))
        for component in ("strength_slow", "goals_slow", "strength_home"):
            assert wide[component] >= narrow[component]
        assert wide["strength_slow"] > narrow["strength_slow"]

    def test_does_not_see_others_of_its_day(self) -> None:
        """But for what they tell of the league."""
        earlier = (("2024-08-10", "A", "B", 1, 0), ("2024-08-10", "C", "D", 2, 2))
        alone = frame(*earlier, ("2024-08-17", "A", "C", 1, 1))
        together = frame(*earlier, ("2024-08-17", "A", "C", 1, 1), ("2024-08-17", "B", "D", 5, 0))
        assert after(alone, "A") == after(together, "A")

    def test_without_statistics_counts_by_its_goals(self) -> None:
        played = frame(("2024-08-10", "A", "B", 3, 0))
        half = with_statistics(played, home_shots_on_target=9)
        assert after(half, "A") == after(played, "A")

    def test_keeps_the_red_cards_of_the_last_one_only(self) -> None:
        played = frame(("2024-08-10", "A", "B", 0, 0), ("2024-08-17", "B", "A", 0, 0))
        sent_off = played.with_columns(home_reds=pl.Series([2, 1], dtype=pl.Int16), away_reds=pl.lit(0))
        assert after(sent_off, "A")["reds"] == 0.0
        assert after(sent_off, "B")["reds"] == 1.0

    def test_of_many_corners_raises_those_for_one_and_against_the_other(self) -> None:
        many = with_statistics(GOALLESS, home_corners=11, away_corners=4)
        home, away = after(many, "A"), after(many, "B")
        assert home["corners_for"] > 1.0 > home["corners_against"]
        assert away["corners_for"] < 1.0 < away["corners_against"]

    def test_without_corners_leaves_them_average(self) -> None:
        assert after(GOALLESS, "A")["corners_for"] == 1.0


class TestOddsOfPastMatches:
    def test_are_heard_more_than_the_result(self) -> None:
        """A goalless favourite stays strong, and has disappointed."""
        found = after(with_odds(GOALLESS, HEAVY_FAVOURITE), "A")
        assert found["strength_slow"] > 0.0 > found["strength_played"]
        assert found["form"] < 0.0 < found["surprised"]

    def test_make_a_club_more_certain(self) -> None:
        for kind in ("strength", "goals"):
            name = f"{kind}_slow_variance"
            assert after(with_odds(GOALLESS, HEAVY_FAVOURITE), "A")[name] < after(GOALLESS, "A")[name]

    def test_surprise_by_how_much_they_differ_from_what_was_expected(self) -> None:
        told = after(with_odds(GOALLESS, HEAVY_FAVOURITE), "A")["surprised"]
        twice = pl.concat(
            [with_odds(frame((day, "A", "B", 0, 0)), HEAVY_FAVOURITE) for day in ("2024-08-10", "2024-08-17")]
        )
        assert 0.0 < after(twice, "A")["surprised"] < told
        assert after(twice, "A")["surprised"] == -after(twice, "B")["surprised"]

    def test_at_the_close_come_before_the_average(self) -> None:
        closing = with_odds(GOALLESS, HEAVY_FAVOURITE)
        both = with_odds(closing, HEAVY_FAVOURITE[::-1], book="average")
        assert after(both, "A") == after(closing, "A")

    def test_of_the_average_count_for_a_little_less_where_there_are_none_at_the_close(self) -> None:
        average = with_odds(GOALLESS, HEAVY_FAVOURITE, book="average")
        without_closing = average.with_columns(
            pl.lit(None, pl.Float64).alias(f"closing_{outcome}") for outcome in ("home", "draw", "away")
        )
        closing = after(with_odds(GOALLESS, HEAVY_FAVOURITE), "A")["strength_slow"]
        assert after(average, "A") == after(without_closing, "A")
        assert 0.0 < after(average, "A")["strength_slow"] < closing

    def test_on_goals_are_heard_by_the_goals(self) -> None:
        many, few = (
            after(with_totals(with_odds(GOALLESS, HEAVY_FAVOURITE), *odds), "A")
            for odds in ((1.3, 3.5), (3.5, 1.3))
        )
        assert many["goals_slow"] > few["goals_slow"]

    def test_on_goals_alone_are_not_heard(self) -> None:
        assert after(with_totals(GOALLESS, 1.3, 3.5), "A") == after(GOALLESS, "A")

    def test_that_cannot_be_are_as_none(self) -> None:
        for prices in ((1.0, 9.0, 19.0), (float("nan"), 9.0, 19.0), (0.0, 0.0, 0.0)):
            assert after(with_odds(GOALLESS, prices), "A") == after(GOALLESS, "A")


class TestThePast:
    @pytest.fixture(scope="class")
    @staticmethod
    def premier_league(matches: pl.DataFrame) -> pl.DataFrame:
        return matches.filter((pl.col("league") == "E0") & (pl.col("season") >= 2023))

    def test_a_past_day_knows_only_earlier_matches(self, premier_league: pl.DataFrame) -> None:
        """Rows of a season are bit-equal to those made when later matches had not been played."""
        season = premier_league.filter(pl.col("season") == 2024)
        assert len(season) == 380
        assert season["closing_home"].is_not_null().all()
        whole = RowMaker(build_history(premier_league, PARAMETERS), PARAMETERS)
        for day in season["date"].unique().sort()[::6]:
            known = premier_league.filter(pl.col("date") < day)
            then = RowMaker(build_history(known, PARAMETERS), PARAMETERS)
            today = season.filter(pl.col("date") == day)
            assert then.matches(today).matrix.tobytes() == whole.matches(today).matrix.tobytes()

    @pytest.mark.parametrize(
        "change",
        [
            lambda later: later.with_columns(home_goals=pl.lit(7, pl.Int16)),
            lambda later: later.with_columns(closing_home=pl.lit(1.05), closing_away=pl.lit(40.0)),
            lambda later: later.with_columns(closing_over=pl.lit(1.1), closing_under=pl.lit(7.0)),
            lambda later: later.with_columns(home_shots=pl.lit(40, pl.Int16), home_reds=pl.lit(3, pl.Int16)),
            lambda later: later.with_columns(closing_draw=pl.lit(None, pl.Float64)),
        ],
        ids=["goals", "odds", "odds of goals", "statistics", "no odds"],
    )
    def test_is_not_changed_by_what_came_later(
        self, premier_league: pl.DataFrame, change: Callable[[pl.DataFrame], pl.DataFrame]
    ) -> None:
        """Neither on the days before, nor on the day itself."""
        day = premier_league["date"].unique().sort()[130]
        earlier = premier_league.filter(pl.col("date") < day)
        later = change(premier_league.filter(pl.col("date") >= day))
        known = premier_league.filter(pl.col("date") <= day)
        changed, as_it_was = (
            RowMaker(build_history(each, PARAMETERS), PARAMETERS)
            for each in (pl.concat((earlier, later)), premier_league)
        )
        assert changed.matches(known).matrix.tobytes() == as_it_was.matches(known).matrix.tobytes()

    def test_of_leagues_is_not_changed_by_leagues_beside_them(self, premier_league: pl.DataFrame) -> None:
        beside = premier_league.with_columns(
            league=pl.lit("D9"), country=pl.lit("Elsewhere"), home_goals=pl.lit(0, pl.Int16)
        )
        both = pl.concat((premier_league, beside)).sort("date", "league", "home")
        alone, among = (
            RowMaker(build_history(each, PARAMETERS), PARAMETERS).matches(premier_league)
            for each in (premier_league, both)
        )
        assert alone.matrix.tobytes() == among.matrix.tobytes()


class TestFrames:
    """What is not there is unknown: nothing of it has to be there."""

    FACTS = ("country", "tier", "season_matches")

    def test_of_bare_matches_make_rows(self) -> None:
        bare = frame(("2024-08-10", "A", "B", 1, 0), ("2024-08-17", "B", "A", 1, 1)).drop(
            "home_shots_on_target", "away_shots_on_target"
        )
        rows = RowMaker(build_history(bare, PARAMETERS), PARAMETERS).matches(bare)
        assert np.isfinite(rows.matrix).all()

    def test_that_say_what_is_believed_anyway_change_nothing(self) -> None:
        bare = with_odds(
            frame(("2024-08-10", "A", "B", 1, 0), ("2024-08-17", "B", "A", 1, 1)), (2.0, 3.4, 3.9)
        )
        said = with_league_facts(bare)
        assert set(self.FACTS) < set(said.columns)
        one, other = (build_history(each, PARAMETERS) for each in (bare, said))
        assert one.club_values.tobytes() == other.club_values.tobytes()
        assert one.rules.tolist() == other.rules.tolist()

    def test_keep_leagues_apart_that_are_of_no_country(self) -> None:
        two = pl.concat(
            [frame(("2024-08-10", "A", "B", 2, 1)), frame(("2024-08-10", "A", "B", 2, 1), league="E1")]
        ).sort("date", "league", "home")
        assert build_history(two, PARAMETERS).roster.clubs == (
            ("E0", "A"),
            ("E0", "B"),
            ("E1", "A"),
            ("E1", "B"),
        )


TOP: tuple[Played, ...] = (
    ("2022-09-01", "A", "B", 2, 0),
    ("2022-09-08", "B", "A", 0, 2),
    ("2023-09-01", "A", "C", 1, 1),
    ("2023-09-08", "C", "A", 0, 2),
)
SECOND: tuple[Played, ...] = (
    ("2022-09-01", "C", "D", 3, 0),
    ("2022-09-08", "D", "C", 1, 3),
    ("2023-09-01", "B", "D", 1, 0),
    ("2023-09-08", "D", "B", 0, 1),
)


class TestDivisionsOfACountry:
    BOTH = divisions(frame(*TOP), frame(*SECOND, league="E1"))

    def test_have_one_club_of_each_name(self) -> None:
        roster = build_history(self.BOTH, PARAMETERS).roster
        assert roster.clubs == tuple(("England", club) for club in "ABCD")
        assert roster.country == ("England", "England")

    def test_begin_a_gap_apart(self) -> None:
        first = build_history(divisions(frame(*TOP[:1]), frame(*SECOND[:1], league="E1")), PARAMETERS)
        gap = values_of(first, "A")["strength_slow"] - values_of(first, "C")["strength_slow"]
        assert gap == pytest.approx(-PARAMETERS.difference.division_gap, abs=0.2)

    def test_keep_what_a_club_was_when_it_goes_up_or_down(self) -> None:
        """With one summer between, a step, and nothing of a newcomer."""
        maker = RowMaker(build_history(self.BOTH, PARAMETERS), PARAMETERS)
        day = day_number(frame(TOP[2])["date"][0])
        of_top = maker.fixtures([("E0", "A", "C", day)])
        of_second = maker.fixtures([("E1", "B", "D", day)])
        assert not of_top.standing.joins.any()
        assert not of_second.standing.joins.any()
        before = build_history(self.BOTH.filter(pl.col("season") == 2022), PARAMETERS)
        slow = CLUB.index("strength_slow")
        for rows, side, club, step in (
            (of_top, 1, "C", PARAMETERS.difference.promoted),
            (of_second, 0, "B", PARAMETERS.difference.relegated),
            (of_top, 0, "A", 0.0),
        ):
            kept = values_of(before, club)["strength_slow"]
            assert rows.values[side, 0, slow] == pytest.approx(kept + step, abs=STEP)

    def test_tell_who_came_from_where(self) -> None:
        maker = RowMaker(build_history(self.BOTH, PARAMETERS), PARAMETERS)
        rows = maker.matches(self.BOTH.filter(pl.col("season") == 2023))
        found = {
            (league, home): (came[0], came[1])
            for league, home, came in zip(
                self.BOTH.filter(pl.col("season") == 2023)["league"],
                self.BOTH.filter(pl.col("season") == 2023)["home"],
                rows.standing.came.T.tolist(),
                strict=True,
            )
        }
        assert found == {("E0", "A"): (0, -1), ("E1", "B"): (1, 0), ("E0", "C"): (-1, 0), ("E1", "D"): (0, 1)}

    def test_have_means_of_their_own(self) -> None:
        history = build_history(self.BOTH, PARAMETERS)
        mean = restored(history.league_values, LEAGUE_STEPS)[:, LEAGUE.index("mean_strength")]
        of_top = mean[history.calendar.leagues.subject == 0]
        assert (of_top > mean[history.calendar.leagues.subject == 1]).all()


class TestANewcomer:
    SEASONS = (
        ("2021-09-01", "A", "B", 4, 0),
        ("2022-09-01", "A", "C", 1, 0),
        ("2023-09-01", "B", "A", 1, 1),
    )

    def test_that_was_away_for_a_season_is_as_one_never_seen(self) -> None:
        priced = with_statistics(
            with_odds(frame(*self.SEASONS), HEAVY_FAVOURITE), home_corners=9, away_corners=2
        )
        never_seen = priced.with_columns(
            pl.when(pl.col("season") == 2021).then(pl.lit("X")).otherwise(pl.col("away")).alias("away")
        )
        assert after(priced, "B") == after(never_seen, "B")

    def test_has_the_strength_of_one(self) -> None:
        rows = RowMaker(build_history(frame(*self.SEASONS), PARAMETERS), PARAMETERS).matches(
            frame(*self.SEASONS)[2:]
        )
        assert rows.standing.joins[:, 0].tolist() == [True, False]
        mean = rows.league[0, LEAGUE.index("mean_strength")]
        assert rows.values[0, 0, CLUB.index("strength_slow")] == pytest.approx(
            mean + PARAMETERS.difference.newcomer_top
        )


class TestPostponedMatches:
    PLANNED = (("2024-08-10", "A", "B", 1, 0), ("2024-08-17", "A", "C", 4, 0), ("2024-08-31", "B", "A", 0, 0))
    POSTPONED = (*PLANNED[::2], ("2024-09-04", "A", "C", 4, 0))

    def test_count_on_the_day_they_are_played(self) -> None:
        planned, postponed = (
            RowMaker(build_history(frame(*played), PARAMETERS), PARAMETERS)
            for played in (self.PLANNED, self.POSTPONED)
        )
        between, later = frame(("2024-08-24", "A", "D", 0, 0)), frame(("2024-09-07", "A", "D", 0, 0))
        slow = CLUB.index("strength_slow")
        assert planned.matches(between).values[0, 0, slow] > postponed.matches(between).values[0, 0, slow]
        assert postponed.matches(later).standing.played[0].tolist() == [3]

    def test_do_not_change_what_was_known_before(self) -> None:
        early = frame(("2024-08-31", "B", "A", 0, 0))
        never = frame(*self.PLANNED[::2]).with_columns(season_matches=pl.lit(4, pl.Int16))
        later = frame(*self.POSTPONED).with_columns(season_matches=pl.lit(4, pl.Int16))
        one, other = (
            RowMaker(build_history(each, PARAMETERS), PARAMETERS).matches(early) for each in (never, later)
        )
        assert one.values.tobytes() == other.values.tobytes()

    def test_make_the_calendar_tighter(self) -> None:
        maker = RowMaker(build_history(frame(*self.POSTPONED), PARAMETERS), PARAMETERS)
        row = maker.matches(frame(("2024-09-07", "A", "D", 0, 0)))
        assert row.standing.recent[0].tolist() == [2]
        assert row.standing.last_day[0].tolist() != row.standing.last_day[1].tolist()


class TestEmptyStadiums:
    @staticmethod
    def home_advantage_after(day: str) -> float:
        return league_after(frame((day, "A", "B", 6, 0)))["home_advantage"]

    def test_teach_less_about_the_leagues_home_advantage(self) -> None:
        prior = LEAGUE_PRIOR["home_advantage"]
        closed = {
            self.home_advantage_after(day) for day in (str(CLOSED_FROM), "2020-12-26", str(CLOSED_THROUGH))
        }
        opened = {self.home_advantage_after(day) for day in ("2020-05-15", "2021-08-14")}
        assert max(closed) < min(opened)
        assert prior < min(closed)

    def test_make_a_home_win_the_greater_surprise(self) -> None:
        closed = after(frame(("2020-12-26", "A", "B", 2, 0)), "A")
        assert closed["strength_slow"] > after(frame(("2019-12-26", "A", "B", 2, 0)), "A")["strength_slow"]


class TestRealMatches:
    def test_leave_a_part_of_the_strength_to_what_was_played_where_there_are_odds(
        self, history: History
    ) -> None:
        late = restored(history.club_values[history.calendar.clubs.season >= 2022], CLUB_STEPS)
        played, slow = (late[:, CLUB.index(f"strength_{name}")] for name in ("played", "slow"))
        assert 0.0 < np.std(played) < 0.5 * np.std(slow)

    def test_leave_every_component_inside_what_is_kept(self, history: History) -> None:
        for values in (history.club_values, history.league_values):
            assert np.abs(values).max() < np.iinfo(np.int16).max - 1

    def test_make_the_best_the_best(self, history: History) -> None:
        """Of the Premier League, after 2024/25."""
        line, roster = history.calendar.clubs, history.roster
        last = np.flatnonzero(np.append(np.diff(line.subject) != 0, True))
        premier_league = roster.leagues.index("E0")
        strength = {
            roster.clubs[line.subject[at]][1]: history.club_values[at, CLUB.index("strength_slow")]
            for at in last
            if line.season[at] == 2024 and history.calendar.club_league[at] == premier_league
        }
        order = sorted(strength, key=lambda club: -strength[club])
        assert {"Liverpool", "Arsenal", "Man City"} <= set(order[:4])
        assert "Southampton" in order[-3:]

    def test_have_first_seasons(self, history: History, matches: pl.DataFrame) -> None:
        found = dict(zip(history.roster.leagues, first_seasons(history.calendar).tolist(), strict=True))
        assert found == dict(matches.group_by("league").agg(pl.col("season").min()).iter_rows())


class TestTowards:
    def test_an_unknown_observation_changes_nothing(self) -> None:
        assert _towards(np.array([0.3]), np.array([np.nan]), 0.1)[0] == 0.3

    def test_ends_between_the_average_and_the_observation(self) -> None:
        averages, seen = np.array([-2.0, 0.0, 3.0]), np.array([1.0, 0.0, -3.0])
        moved = _towards(averages, seen, 0.1)
        assert ((moved - averages) * (moved - seen) <= 0.0).all()
