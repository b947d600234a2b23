from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from sabiscore.arrays import Floats
from sabiscore.features import History, Parameters, RowMaker, build_history, columns
from sabiscore.features.calendar import day_number, open_doors
from sabiscore.features.components import CLUB, LEAGUE, LEAGUE_PRIOR
from sabiscore.features.history import dump, load
from sabiscore.features.rows import Rows
from tests.features.frames import frame

PARAMETERS = Parameters()
Components = dict[str, Floats]


def made(played: pl.DataFrame) -> RowMaker:
    return RowMaker(build_history(played, PARAMETERS), PARAMETERS)


def column(rows: Rows, name: str) -> list[float]:
    found: list[float] = rows.matrix[:, columns.NAMES.index(name)].tolist()
    return found


@pytest.fixture(scope="module")
def rows(history: History) -> RowMaker:
    return RowMaker(history, PARAMETERS)


class TestOnlineRowsAreOfflineRows:
    def test_a_season_asked_one_by_one_is_bit_equal_to_the_matrix(
        self, rows: RowMaker, matches: pl.DataFrame
    ) -> None:
        season = matches.filter(pl.col("season") == 2023)
        offline = rows.matches(matches).matrix[(matches["season"] == 2023).to_numpy()]
        online = [
            rows.fixtures([(league, home, away, day_number(date))]).matrix
            for league, home, away, date in season.select("league", "home", "away", "date").iter_rows()
        ]
        assert np.concatenate(online).tobytes() == offline.tobytes()

    def test_a_history_read_back_gives_the_same_rows(self, rows: RowMaker, matches: pl.DataFrame) -> None:
        again = RowMaker(load(dump(rows.history)), PARAMETERS)
        some = matches.sample(500, seed=1)
        assert again.matches(some).matrix.tobytes() == rows.matches(some).matrix.tobytes()

    def test_the_same_history_has_the_same_bytes(self, rows: RowMaker) -> None:
        assert dump(load(dump(rows.history))) == dump(rows.history)

    @pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\x00" * 18, b"no file of ours"])
    def test_what_is_no_history_is_a_value_error(self, content: bytes) -> None:
        with pytest.raises(ValueError, match=r"history|pickle"):
            load(content)

    def test_a_history_cut_short_is_a_value_error(self) -> None:
        content = dump(build_history(frame(("2024-08-10", "A", "B", 1, 0)), PARAMETERS))
        with pytest.raises(ValueError, match="history"):
            load(content[: len(content) // 2])


class TestColumns:
    def test_every_row_is_finite_and_as_wide_as_the_spec(self, rows: RowMaker, matches: pl.DataFrame) -> None:
        matrix = rows.matches(matches).matrix
        assert matrix.shape == (len(matches), len(columns.NAMES))
        assert matrix.dtype == np.float32
        assert np.isfinite(matrix).all()

    def test_two_clubs_never_seen_are_neither_better_nor_worse(self) -> None:
        unknown = made(frame(("2024-08-10", "A", "B", 1, 0))).matches(frame(("2024-08-17", "X", "Y", 0, 0)))
        for group in ("results", "prices", "goals", "promotion"):
            for place in columns.of_group(group):
                assert unknown.matrix[:, place].tolist() == [columns.NEUTRAL[place]]

    @pytest.mark.parametrize(
        ("name", "of"),
        [
            ("results", lambda h, a: h["results"] + h["results_home"] - a["results"]),
            (
                "prices",
                lambda h, a: (
                    h["strength"]
                    + h["strength_home"]
                    - a["strength"]
                    - (h["results"] + h["results_home"] - a["results"])
                ),
            ),
            ("total", lambda home, away: home["total"] + away["total"]),
            ("variance", lambda home, away: home["strength_variance"] + away["strength_variance"]),
            ("home_promoted", lambda home, _: home["promoted"]),
            ("away_promoted", lambda _, away: away["promoted"]),
        ],
    )
    def test_a_column_is_what_its_name_says(
        self,
        rows: RowMaker,
        matches: pl.DataFrame,
        name: str,
        of: Callable[[Components, Components], Floats],
    ) -> None:
        some = rows.matches(matches.sample(200, seed=2))
        home, away = (dict(zip(CLUB, side.values.T, strict=True)) for side in (some.home, some.away))
        assert np.allclose(some.matrix[:, columns.NAMES.index(name)], of(home, away), atol=1e-6)

    def test_a_season_is_over_after_38_matches_a_club(self, rows: RowMaker, matches: pl.DataFrame) -> None:
        season = matches.filter((pl.col("league") == "E0") & (pl.col("season") == 2024))
        progress = column(rows.matches(season), "season_progress")
        assert progress[0] == 0.0
        assert progress[-1] == pytest.approx(37 / 38)
        assert max(progress) < 1.0

    def test_only_where_odds_were_heard_do_prices_say_anything(
        self, rows: RowMaker, matches: pl.DataFrame
    ) -> None:
        """Home advantages hear odds as soon as the league has them; before there is nothing to say."""
        early = rows.matches(matches.filter(pl.col("season") < 2019))
        late = rows.matches(matches.filter(pl.col("season") == 2024))
        assert set(column(early, "prices")) == {0.0}
        assert np.std(column(late, "prices")) > 0.05

    def test_an_unknown_league_is_a_key_error(self, rows: RowMaker) -> None:
        with pytest.raises(KeyError):
            rows.fixtures([("E9", "A", "B", 20000)])


class TestRest:
    PLAYED = frame(("2024-08-10", "A", "B", 1, 0), ("2024-08-14", "B", "A", 1, 0))

    def test_is_days_since_the_last_match_and_at_most_thirty(self) -> None:
        fixtures = frame(("2024-08-17", "A", "B", 0, 0), ("2024-12-01", "A", "B", 0, 0))
        assert column(made(self.PLAYED).matches(fixtures), "home_rest") == [3.0, 30.0]

    def test_makes_clubs_less_certain_until_thirty_days_have_passed(self) -> None:
        dates = ("2024-08-15", "2024-08-24", "2024-09-12", "2024-09-13", "2024-09-14", "2025-05-01")
        fixtures = frame(*((date, "A", "B", 0, 0) for date in dates))
        variance = column(made(self.PLAYED).matches(fixtures), "variance")
        rest = (1, 10, 29, 30, 30, 30)
        drift = 2 * PARAMETERS.strength.drift
        assert np.diff(variance).tolist() == pytest.approx((np.diff(rest) * drift).tolist(), abs=1e-7)

    def test_counts_the_matches_of_the_last_two_weeks(self) -> None:
        fixtures = frame(*((date, "A", "B", 0, 0) for date in ("2024-08-17", "2024-08-25", "2024-08-29")))
        assert column(made(self.PLAYED).matches(fixtures), "home_congestion") == [2.0, 1.0, 0.0]


class TestHomeAdvantage:
    def test_shrinks_while_stadiums_are_empty(self) -> None:
        dates = ("2020-03-01", "2020-05-16", "2021-06-30", "2021-08-14")
        found = made(frame(("2020-02-01", "A", "B", 1, 0))).matches(
            frame(*((date, "A", "B", 0, 0) for date in dates))
        )
        known = found.league[:, LEAGUE.index("strength_home")]
        shares = np.array([1.0, PARAMETERS.closed_doors, PARAMETERS.closed_doors, 1.0])
        assert column(found, "home_advantage") == pytest.approx((known * shares).tolist())
        assert len(set(known.tolist())) == 1

    def test_is_the_prior_before_a_leagues_first_match(self) -> None:
        found = made(frame(("2024-08-10", "A", "B", 1, 0))).matches(frame(("2024-08-10", "A", "B", 0, 0)))
        assert column(found, "home_advantage") == pytest.approx([LEAGUE_PRIOR["strength_home"]])

    def test_of_every_real_match_in_the_pandemic_is_reduced(
        self, rows: RowMaker, matches: pl.DataFrame
    ) -> None:
        around = matches.filter(pl.col("season").is_between(2018, 2022))
        found = rows.matches(around)
        doors = open_doors(around["date"].cast(pl.Int32).to_numpy(), PARAMETERS.closed_doors)
        known = found.league[:, LEAGUE.index("strength_home")]
        assert column(found, "home_advantage") == pytest.approx((known * doors).tolist())
        assert 1500 < (doors < 1).sum() < 2500


class TestPromotion:
    SEASONS = (
        ("2022-09-01", "A", "B", 1, 0),
        ("2022-09-08", "C", "A", 0, 2),
        ("2023-09-01", "A", "B", 1, 1),
        ("2023-09-08", "D", "A", 0, 2),
    )

    def test_no_one_comes_up_in_the_first_season_on_record(self) -> None:
        first = made(frame(*self.SEASONS)).matches(frame(*self.SEASONS[:2]))
        assert not first.home.standing.joins.any()
        assert not first.away.standing.joins.any()

    def test_a_club_that_missed_the_last_season_comes_up(self) -> None:
        newcomers = made(frame(*self.SEASONS)).matches(frame(*self.SEASONS[2:]))
        assert newcomers.home.standing.joins.tolist() == [False, True]
        assert newcomers.home.values[1, CLUB.index("strength")] == PARAMETERS.strength.promoted
        assert column(newcomers, "home_promoted") == [0.0, 1.0]

    def test_clubs_of_the_last_known_season_have_not_come_up_when_the_data_are_old(self) -> None:
        later = made(frame(*self.SEASONS)).matches(frame(("2025-09-01", "A", "C", 0, 0)))
        assert later.home.standing.joins.tolist() == [False]
        assert later.away.standing.joins.tolist() == [True]

    def test_a_club_that_comes_back_is_not_what_it_was(self) -> None:
        up_again = (*self.SEASONS, ("2024-09-01", "A", "D", 2, 0))
        back = made(frame(*up_again)).matches(frame(("2024-09-08", "A", "C", 0, 0)))
        assert back.away.standing.joins.tolist() == [True]
        assert back.away.values[0, CLUB.index("results")] == PARAMETERS.results.promoted
