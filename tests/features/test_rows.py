from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sabiscore.features import History, Parameters, RowMaker, Rows, build_history, columns
from sabiscore.features.calendar import day_number, open_doors
from sabiscore.features.components import CLUB, LEAGUE, LEAGUE_PRIOR
from sabiscore.features.history import dump, load
from sabiscore.features.rows import FixtureKey
from sabiscore.features.timeline import NONE
from tests.features.frames import Played, divisions, frame, with_odds, with_statistics

PARAMETERS = Parameters()
SLOW, FORM = CLUB.index("strength_slow"), CLUB.index("form")
AFTER_ALL = day_number(date(2025, 6, 1))


def made(played: pl.DataFrame) -> RowMaker:
    return RowMaker(build_history(played, PARAMETERS), PARAMETERS)


def column(rows: Rows, name: str) -> list[float]:
    found: list[float] = rows.matrix[:, columns.NAMES.index(name)].tolist()
    return found


def same(one: Rows, other: Rows) -> bool:
    """Whether both have the same rows and the same clubs, to the last bit."""
    return one.matrix.tobytes() == other.matrix.tobytes() and one.values.tobytes() == other.values.tobytes()


def keys_of(frame: pl.DataFrame) -> list[FixtureKey]:
    return frame.select("league", "home", "away", pl.col("date").cast(pl.Int32)).rows()


@pytest.fixture(scope="module")
def rows(history: History) -> RowMaker:
    return RowMaker(history, PARAMETERS)


class TestOnlineRowsAreOfflineRows:
    def test_a_season_asked_one_by_one_is_bit_equal_to_the_matrix(
        self, rows: RowMaker, matches: pl.DataFrame
    ) -> None:
        season = matches.filter((pl.col("season") == 2023) & (pl.col("league") == "SP1"))
        offline = rows.matches(matches).matrix[
            ((matches["season"] == 2023) & (matches["league"] == "SP1")).to_numpy()
        ]
        online = [rows.fixtures([key]).matrix for key in keys_of(season)]
        assert np.concatenate(online).tobytes() == offline.tobytes()

    @settings(max_examples=30)
    @given(st.data())
    def test_any_fixtures_on_any_days_are_the_same_alone_and_together(
        self, rows: RowMaker, data: st.DataObject
    ) -> None:
        """Clubs that never met, in leagues where they never were, long before and after all matches."""
        roster = rows.history.roster
        fixtures = st.tuples(
            st.sampled_from(roster.leagues),
            st.sampled_from([*(club for _, club in roster.clubs), "Unheard of"]),
            st.sampled_from([*(club for _, club in roster.clubs), "Unheard of"]),
            st.integers(day_number(date(2004, 1, 1)), day_number(date(2032, 1, 1))),
        )
        keys = data.draw(st.lists(fixtures, min_size=2, max_size=8))
        ago = data.draw(st.sampled_from([0, 0, 7, 400]))
        together = rows.fixtures(keys, ago)
        alone = [rows.fixtures([key], ago) for key in keys]
        assert together.matrix.tobytes() == np.concatenate([each.matrix for each in alone]).tobytes()
        assert together.values.tobytes() == np.concatenate([each.values for each in alone], axis=1).tobytes()
        assert np.isfinite(together.matrix).all()

    def test_a_history_read_back_gives_the_same_rows(self, rows: RowMaker, matches: pl.DataFrame) -> None:
        again = RowMaker(load(dump(rows.history)), PARAMETERS)
        some = matches.sample(500, seed=1)
        assert same(again.matches(some), rows.matches(some))

    def test_more_than_are_made_at_once_are_as_in_parts(
        self, rows: RowMaker, matches: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        some = matches[-500:]
        whole = rows.matches(some)
        monkeypatch.setattr("sabiscore.features.rows._AT_ONCE", 120)
        parts = rows.matches(some)
        assert same(parts, whole)
        assert parts.table.scored.tolist() == whole.table.scored.tolist()
        assert parts.standing.played.tolist() == whole.standing.played.tolist()

    def test_no_fixtures_have_no_rows(self, rows: RowMaker, matches: pl.DataFrame) -> None:
        assert rows.matches(matches[:0]).matrix.shape == (0, len(columns.NAMES))
        assert rows.fixtures([]).values.shape == (2, 0, len(CLUB))

    def test_of_one_league_alone_are_made_before_its_season_too(self) -> None:
        played = frame(("2024-08-10", "A", "B", 1, 0))
        for day in ("2024-08-10", "2024-08-11", "2026-08-10"):
            assert np.isfinite(made(played).matches(frame((day, "A", "B", 0, 0))).matrix).all()

    def test_an_unknown_league_is_a_key_error(self, rows: RowMaker) -> None:
        assert not rows.has_league("E9")
        with pytest.raises(KeyError):
            rows.fixtures([("E9", "A", "B", 20000)])

    def test_leagues_have_a_first_date(self, rows: RowMaker, matches: pl.DataFrame) -> None:
        for league in rows.history.roster.leagues:
            assert rows.has_league(league)
            assert rows.first_date(league) == matches.filter(pl.col("league") == league)["date"].min()


class TestDaysThatAreNotKnown:
    """Rows as of some days before their fixtures."""

    def test_are_as_if_they_had_not_been_played(self, matches: pl.DataFrame) -> None:
        season = matches.filter((pl.col("league") == "E0") & (pl.col("season") >= 2023))
        days = season["date"].unique().sort()
        fixtures = season.filter(pl.col("date") == days[-1])
        for ago in (0, 1, 7, 30):
            known = season.filter(pl.col("date") < days[-1] - timedelta(days=ago))
            then = made(known).matches(fixtures)
            now = made(season).matches(fixtures, ago)
            assert now.values.tobytes() == then.values.tobytes()
            assert now.motivation.gap.tobytes() == then.motivation.gap.tobytes()

    def test_still_tell_the_day_itself(self, rows: RowMaker, matches: pl.DataFrame) -> None:
        some = matches.sample(100, seed=4)
        assert column(rows.matches(some, 14), "month") == column(rows.matches(some), "month")


class TestRest:
    PLAYED = frame(("2024-08-10", "A", "B", 1, 0), ("2024-08-14", "B", "A", 1, 0))

    def test_is_days_since_the_last_match_and_at_most_thirty(self) -> None:
        fixtures = frame(("2024-08-17", "A", "B", 0, 0), ("2024-12-01", "A", "B", 0, 0))
        assert column(made(self.PLAYED).matches(fixtures), "home_rest") == [3.0, 30.0]

    def test_makes_clubs_less_certain(self) -> None:
        dates = ("2024-08-15", "2024-08-24", "2024-09-12", "2024-10-01", "2025-05-01")
        fixtures = frame(*((date, "A", "B", 0, 0) for date in dates))
        found = column(made(with_odds(self.PLAYED, (2.0, 3.4, 3.9))).matches(fixtures), "variance")
        assert (np.diff(found) > 0.0).all()

    def test_counts_the_matches_of_the_last_two_weeks(self) -> None:
        fixtures = frame(*((date, "A", "B", 0, 0) for date in ("2024-08-17", "2024-08-25", "2024-08-29")))
        assert column(made(self.PLAYED).matches(fixtures), "home_congestion") == [2.0, 1.0, 0.0]


class TestHomeAdvantage:
    def test_shrinks_while_stadiums_are_empty(self) -> None:
        dates = ("2020-03-01", "2020-05-16", "2021-06-30", "2021-08-14")
        found = made(frame(("2020-02-01", "A", "B", 1, 0))).matches(
            frame(*((date, "A", "B", 0, 0) for date in dates))
        )
        known = found.league[:, LEAGUE.index("home_advantage")]
        shares = np.array([1.0, PARAMETERS.closed_doors, PARAMETERS.closed_doors, 1.0])
        assert column(found, "home_advantage") == pytest.approx((known * shares).tolist())
        assert len(set(known.tolist())) == 1

    def test_is_the_prior_before_a_leagues_first_match(self) -> None:
        played = frame(("2024-08-10", "A", "B", 1, 0))
        found = made(played).matches(played)
        assert column(found, "home_advantage") == pytest.approx([LEAGUE_PRIOR["home_advantage"]])

    def test_of_every_real_match_in_the_pandemic_is_reduced(
        self, rows: RowMaker, matches: pl.DataFrame
    ) -> None:
        around = matches.filter(pl.col("season").is_between(2018, 2022))
        found = rows.matches(around)
        doors = open_doors(around["date"].cast(pl.Int32).to_numpy(), PARAMETERS.closed_doors)
        known = found.league[:, LEAGUE.index("home_advantage")]
        assert column(found, "home_advantage") == pytest.approx((known * doors).tolist())
        assert 1500 < (doors < 1).sum() < 2500


SEASONS: tuple[Played, ...] = (
    ("2022-09-01", "A", "B", 1, 0),
    ("2022-09-08", "C", "A", 0, 2),
    ("2023-09-01", "A", "B", 1, 1),
    ("2023-09-08", "D", "A", 0, 2),
)


class TestJoining:
    def test_no_one_joins_in_the_first_season_on_record(self) -> None:
        first = made(frame(*SEASONS)).matches(frame(*SEASONS[:2]))
        assert not first.standing.joins.any()

    def test_a_club_that_missed_the_last_season_does(self) -> None:
        newcomers = made(frame(*SEASONS)).matches(frame(*SEASONS[2:]))
        assert newcomers.standing.joins.tolist() == [[False, True], [False, False]]
        assert column(newcomers, "home_joins") == [0.0, 1.0]
        mean = newcomers.league[1, LEAGUE.index("mean_strength")]
        assert newcomers.values[0, 1, SLOW] == pytest.approx(mean + PARAMETERS.difference.newcomer_top)

    def test_a_club_never_seen_in_its_country_does(self) -> None:
        found = made(frame(*SEASONS)).matches(frame(("2023-09-15", "Unheard of", "A", 0, 0)))
        assert found.standing.position[0].tolist() == [NONE]
        assert found.standing.joins[:, 0].tolist() == [True, False]

    def test_clubs_of_the_last_known_season_do_not_when_the_data_are_old(self) -> None:
        later = made(frame(*SEASONS)).matches(frame(("2025-09-01", "A", "C", 0, 0)))
        assert later.standing.joins[:, 0].tolist() == [False, True]
        assert later.standing.summers[0].tolist() == [2]

    def test_nor_after_a_season_that_nobody_played(self) -> None:
        """Whoever plays first, and whoever plays a week later."""
        gap = (*SEASONS[:2], ("2024-09-01", "A", "B", 1, 1), ("2024-09-08", "C", "A", 1, 1))
        found = made(frame(*gap)).matches(frame(*gap[2:]))
        assert not found.standing.joins.any()
        assert found.standing.summers.tolist() == [[2, 2], [2, 0]]

    def test_a_club_of_another_division_of_the_country_does_not(self) -> None:
        second = frame(("2022-09-01", "D", "E", 1, 0), ("2023-09-02", "E", "C", 1, 0), league="E1")
        both = divisions(frame(*SEASONS), second)
        found = made(both).matches(both.filter(pl.col("season") == 2023))
        assert not found.standing.joins.any()

    def test_a_club_that_comes_back_is_not_what_it_was(self) -> None:
        up_again = with_odds(frame(*SEASONS, ("2024-09-01", "A", "D", 2, 0)), (1.2, 7.0, 15.0))
        back = made(with_statistics(up_again, home_reds=1, away_reds=2)).matches(
            frame(("2024-09-08", "C", "A", 0, 0))
        )
        new = made(with_statistics(up_again, home_reds=1, away_reds=2)).matches(
            frame(("2024-09-08", "Unheard of", "A", 0, 0))
        )
        assert back.standing.joins[:, 0].tolist() == [True, False]
        assert back.values[0].tobytes() == new.values[0].tobytes()
        assert back.values[1, 0, FORM] != 0.0


class TestSummersWithoutMatches:
    """Beyond the end of the data."""

    def test_make_clubs_less_certain_and_nearer_to_each_other(self, rows: RowMaker) -> None:
        years = [day_number(date(year, 9, 15)) for year in (2025, 2026, 2027, 2030)]
        found = rows.fixtures([("E0", "Liverpool", "Southampton", day) for day in years])
        assert found.standing.summers[0].tolist() == [1, 2, 3, 6]
        assert not found.standing.joins.any()
        assert (np.diff(column(found, "variance")) > 0.0).all()
        goals = found.values[..., CLUB.index("goals_slow")]
        assert (np.diff(np.abs(goals[0] - goals[1])) < 0.0).all()
        assert column(found, "recent") == [0.0] * 4

    def test_are_as_those_between(self, rows: RowMaker) -> None:
        """The first of them leads to where the next season would begin."""
        found = rows.fixtures([("E0", "Liverpool", "Arsenal", AFTER_ALL + days) for days in (90, 120, 150)])
        for name in ("prices", "goals", "variance"):
            assert len(set(column(found, name))) == 1


class TestGoalsOfTheSeason:
    def test_are_those_scored_and_conceded_so_far(self) -> None:
        played = frame(
            ("2023-09-01", "A", "B", 9, 9), ("2024-09-01", "A", "B", 3, 1), ("2024-09-08", "B", "A", 2, 2)
        )
        table = made(played).matches(frame(("2024-09-15", "A", "B", 0, 0))).table
        assert table.scored[:, 0].tolist() == [5, 3]
        assert table.conceded[:, 0].tolist() == [3, 5]

    def test_are_none_before_it_begins(self) -> None:
        played = frame(("2023-09-01", "A", "B", 9, 9))
        table = made(played).matches(frame(("2024-09-15", "A", "C", 0, 0))).table
        assert not table.scored.any()
        assert not table.conceded.any()


class TestCorners:
    def test_are_relative_to_the_league_and_home_first(self, rows: RowMaker) -> None:
        found = rows.fixtures([("E0", "Liverpool", "Southampton", AFTER_ALL)])
        assert found.corner_index.shape == (1, 4)
        assert (found.corner_index > 0.5).all()
        assert found.corner_index[0, 0] == found.values[0, 0, CLUB.index("corners_for")]
        assert 3.0 < found.mean_corners[0, 1] < found.mean_corners[0, 0] < 8.0

    def test_of_a_league_that_does_not_count_them_are_not_known(self) -> None:
        found = made(frame(*SEASONS)).matches(frame(*SEASONS[2:]))
        assert np.isnan(found.mean_corners).all()
        assert (found.corner_index == 1.0).all()


class TestClubsAreThoseOfRows:
    @settings(max_examples=20)
    @given(st.data())
    def test_in_groups_of_any_clubs_on_any_days(self, rows: RowMaker, data: st.DataObject) -> None:
        clubs = sorted(key for country, key in rows.history.roster.clubs if country == "England")
        some = st.lists(st.sampled_from([*clubs, "nobody"]), min_size=1, max_size=4)
        days = st.lists(st.integers(day_number(date(2019, 8, 1)), AFTER_ALL), min_size=1, max_size=3)
        groups = data.draw(
            st.lists(st.tuples(st.sampled_from(["E0", "E1"]), some, days), min_size=1, max_size=3)
        )
        keys = [(code, club, club, day) for code, clubs, days in groups for day in days for club in clubs]
        found, wanted = rows.clubs(groups), rows.fixtures(keys)
        assert found.values.tobytes() == wanted.values[0].tobytes()
        assert found.league.tobytes() == wanted.league.tobytes()
        assert found.known.tolist() == (wanted.standing.position[0] != NONE).tolist()
