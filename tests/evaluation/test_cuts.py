from datetime import date, timedelta

import polars as pl
import pytest

from sabiscore.evaluation.cuts import groups, with_cuts

OLD, NEW = ["A", "B", "C", "D", "E", "F", "G", "H"], ["A", "B", "C", "D", "E", "F", "G", "new"]


def season(year: int, clubs: list[str], weeks: int | None = None) -> pl.DataFrame:
    """Everyone against everyone twice, a round a week, or only so many weeks of it."""
    rounds, ring = [], clubs[1:]
    for turn in range(len(clubs) - 1):
        table = [clubs[0], *ring[turn:], *ring[:turn]]
        rounds.append([(table[k], table[-1 - k]) for k in range(len(clubs) // 2)])
    rounds += [[(away, home) for home, away in pairs] for pairs in rounds]
    rows = [
        ("E0", year, date(year, 8, 15) + timedelta(weeks=week), home, away)
        for week, pairs in enumerate(rounds[:weeks])
        for home, away in pairs
    ]
    return pl.DataFrame(rows, schema=["league", "season", "date", "home", "away"], orient="row")


@pytest.fixture(scope="module")
def two_seasons() -> pl.DataFrame:
    return with_cuts(pl.concat([season(2023, OLD), season(2024, NEW)]))


class TestRounds:
    def test_a_season_has_six_first_and_four_last(self, two_seasons: pl.DataFrame) -> None:
        for year in (2023, 2024):
            of_season = two_seasons.filter(pl.col("season") == year)
            rounds = of_season.unique("date", maintain_order=True).sort("date")["round"].to_list()
            assert rounds == ["first six"] * 6 + ["middle"] * 4 + ["last four"] * 4

    def test_a_season_that_is_not_over_has_no_last_ones(self) -> None:
        begun = with_cuts(season(2024, NEW, weeks=8))
        assert set(begun["round"]) == {"first six", "middle"}

    def test_a_match_that_was_put_off_is_placed_by_what_its_clubs_have_played(self) -> None:
        whole = season(2023, OLD)
        first = (pl.col("home") == "A") & (pl.col("date") == date(2023, 8, 15))
        later = whole.with_columns(
            date=pl.when(first).then(pl.lit(date(2023, 9, 22))).otherwise(pl.col("date"))
        ).sort("date")
        put_off = with_cuts(later).filter(pl.col("date") == date(2023, 9, 22))
        assert put_off["round"].to_list() == ["first six"]


class TestNewcomers:
    def test_are_clubs_that_were_not_there_the_season_before(self, two_seasons: pl.DataFrame) -> None:
        fresh = two_seasons.filter(pl.col("newcomer") == "newcomers' first six")
        assert fresh["season"].unique().to_list() == [2024]
        assert len(fresh) == 6
        assert ((fresh["home"] == "new") | (fresh["away"] == "new")).all()

    def test_no_club_is_one_in_the_first_season_of_a_league(self) -> None:
        assert set(with_cuts(season(2023, OLD))["newcomer"]) == {"others"}


class TestMonths:
    def test_are_named_and_numbered(self, two_seasons: pl.DataFrame) -> None:
        first = two_seasons.row(0, named=True)
        assert (first["month"], first["year_month"], first["season_name"]) == ("August", "2023-08", "2023/24")

    def test_matches_stay_as_they_were(self, two_seasons: pl.DataFrame) -> None:
        given = pl.concat([season(2023, OLD), season(2024, NEW)])
        assert two_seasons.select(given.columns).equals(given)


class TestGroups:
    def test_five_leagues_come_before_second_divisions_and_others(self) -> None:
        found = groups({"E0", "D1", "E1", "SP2", "SC0", "B1"})
        assert found == {
            "five leagues": ["E0", "D1"],
            "second divisions": ["E1", "SP2"],
            "other leagues": ["B1", "SC0"],
        }

    def test_one_alone_has_its_own_name(self) -> None:
        assert groups({"E0", "D2", "SC0"}) == {"E0": ["E0"], "D2": ["D2"], "SC0": ["SC0"]}

    def test_chosen_ones_are_all_there_is(self) -> None:
        assert groups({"E0", "D1", "E1"}, ["E1", "E0"]) == {"E1, E0": ["E1", "E0"]}
