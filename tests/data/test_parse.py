from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sabiscore.data import catalogue
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.frame import ORDER, SCHEMA, handicap
from sabiscore.data.parse import parse_season, read_matches, read_season
from sabiscore.errors import DataError

from .files import HEADER, OPENING_DAY, SEASON, match_file

PATH = Path("2425/E0.csv")
KNOWN = catalogue.load()
ODDS = ("AvgH", "AvgD", "AvgA")
STATISTICS = ("HS", "AS", "HST", "AST", "HC", "AC", "HY", "AY", "HR", "AR")
HANDICAP = ("AHh", "AvgAHH", "AvgAHA")


def parsed(*rows: str, header: str = HEADER, path: Path = PATH) -> pl.DataFrame:
    return parse_season(match_file(*rows, header=header), path, KNOWN)


def match(*cells: str, columns: Sequence[str]) -> dict[str, object]:
    """The one match of a file with further ``columns``."""
    row = ",".join((OPENING_DAY[0], *cells))
    return parsed(row, header=",".join((HEADER, *columns))).row(0, named=True)


def refusal(*rows: str, header: str = HEADER, path: Path = PATH) -> tuple[int, str]:
    with pytest.raises(DataError) as error:
        parsed(*rows, header=header, path=path)
    assert error.value.file == str(path)
    return error.value.line, error.value.reason


class TestTheFrame:
    def test_has_the_canonical_columns_whatever_the_file_has(self) -> None:
        matches = parsed(*OPENING_DAY)
        assert matches.schema == pl.Schema(SCHEMA)
        assert matches["home"].to_list() == ["Arsenal", "Everton", "Chelsea"]
        assert matches["home_goals"].to_list() == [2, 0, 0]
        assert matches["home_shots"].null_count() == matches["average_home"].null_count() == 3

    def test_is_sorted(self) -> None:
        matches = parsed(*reversed(OPENING_DAY))
        assert_frame_equal(matches, matches.sort(ORDER))

    def test_knows_the_season_by_its_first_year(self) -> None:
        assert parsed("E0,14/08/93,Arsenal,Coventry,0,3,A", path=Path("9394/E0.csv"))["season"].item() == 1993

    def test_is_empty_before_the_first_match(self) -> None:
        assert parsed().schema == pl.Schema(SCHEMA)
        assert parsed().is_empty()

    @settings(deadline=None)
    @given(st.permutations(OPENING_DAY))
    def test_does_not_depend_on_the_order_of_rows(self, rows: list[str]) -> None:
        assert_frame_equal(parsed(*rows), parsed(*OPENING_DAY))


class TestADate:
    @pytest.mark.parametrize("written", ["17/08/2024", "17/08/24", "17/8/24", "2024-08-17", " 17/08/2024 "])
    def test_comes_in_several_forms(self, written: str) -> None:
        assert parsed(f"E0,{written},Arsenal,Wolves,2,0,H")["date"].item() == date(2024, 8, 17)

    def test_may_change_its_form_within_a_file(self) -> None:
        matches = parsed("E0,17/08/24,Arsenal,Wolves,2,0,H", "E0,18/08/2024,Chelsea,Man City,0,2,A")
        assert matches["date"].to_list() == [date(2024, 8, 17), date(2024, 8, 18)]

    @pytest.mark.parametrize("written", ["", "31/02/2025", "08/17/2024", "17.08.2024", "17/08/024", "soon"])
    def test_that_is_none_is_refused(self, written: str) -> None:
        reason = f"'{written}' is no date such as 16/08/2024"
        assert refusal(OPENING_DAY[1], f"E0,{written},Arsenal,Wolves,2,0,H") == (3, reason)

    @pytest.mark.parametrize("written", ["30/06/2024", "01/09/2025", "17/08/1924"])
    def test_outside_its_season_is_refused(self, written: str) -> None:
        assert refusal(f"E0,{written},Arsenal,Wolves,2,0,H") == (2, f"{written} is outside the season")


class TestClubs:
    def test_keep_one_identity_through_a_change_of_spelling(self) -> None:
        old = parsed("D1,07/08/1993,M'Gladbach,Leipzig,1,1,D", path=Path("9394/D1.csv"))
        new = parsed("D1,07/08/2024,M'gladbach,RB Leipzig,1,1,D", path=Path("2425/D1.csv"))
        assert old["home"].item() == new["home"].item() == "M'gladbach"
        assert (old["away"].item(), new["away"].item()) == ("VfB Leipzig", "RB Leipzig")

    def test_lose_the_spaces_around_them(self) -> None:
        assert parsed("E0,17/08/2024, Arsenal ,Wolves  ,2,0,H").row(0)[3:5] == ("Arsenal", "Wolves")

    def test_that_nobody_knows_are_refused_with_the_closest(self) -> None:
        line, reason = refusal(OPENING_DAY[1], "E0,17/08/2024,Arsenal,Wolvs,2,0,H")
        assert line == 3
        assert reason.startswith(
            "Unknown club 'Wolvs' in Premier League. Closest known: Wolverhampton Wanderers"
        )

    def test_of_another_league_are_refused(self) -> None:
        assert "plays in Italy" in refusal("E0,17/08/2024,Milan,Wolves,2,0,H")[1]

    def test_do_not_play_themselves(self) -> None:
        assert refusal("E0,17/08/2024,Wolves,Wolverhampton,1,1,D") == (2, "Wolves against itself")

    def test_do_not_play_twice_on_one_day(self) -> None:
        line, reason = refusal(*OPENING_DAY, "E0,17/08/2024,Leicester,Arsenal,1,1,D")
        assert (line, reason) == (5, "Arsenal plays twice on 2024-08-17: see line 2")


class TestGoals:
    def test_may_be_written_with_a_point(self) -> None:
        assert parsed("E0,17/08/2024,Arsenal,Wolves,2.0,0.0,H").row(0)[5:7] == (2, 0)

    @pytest.mark.parametrize("written", ["-1", "31", "1.5", "two", "", "nan", "inf", "1e3"])
    def test_that_are_no_number_of_goals_are_refused(self, written: str) -> None:
        reason = f"'{written}' is no number of goals from 0 to 30"
        assert refusal(f"E0,17/08/2024,Arsenal,Wolves,{written},0,H") == (2, reason)
        assert refusal(f"E0,17/08/2024,Arsenal,Wolves,0,{written},H") == (2, reason)

    @pytest.mark.parametrize(("goals", "result"), [("2,0", "A"), ("1,1", "H"), ("0,2", "d"), ("0,2", "won")])
    def test_that_disagree_with_the_result_are_refused(self, goals: str, result: str) -> None:
        line, reason = refusal(f"E0,17/08/2024,Arsenal,Wolves,{goals},{result}")
        assert (line, reason) == (2, f"'{result}', but the goals are {goals.replace(',', '-')}")

    def test_need_no_result_beside_them(self) -> None:
        assert parsed("E0,17/08/2024,Arsenal,Wolves,2,0,")["home_goals"].item() == 2

    def test_that_are_still_to_be_scored_leave_the_fixture_out(self) -> None:
        assert len(parsed(*OPENING_DAY, "E0,24/08/2024,Wolves,Chelsea,,,", "E0,,,,,,")) == 3


class TestAMatchWrittenTwice:
    def test_counts_once_if_both_say_the_same(self) -> None:
        again = "E0,17/08/24,Arsenal FC,Wolves,2.0,0,"
        assert_frame_equal(parsed(*OPENING_DAY, again), parsed(*OPENING_DAY))

    @pytest.mark.parametrize(
        "again", ["E0,17/08/2024,Arsenal,Wolves,3,0,H", "E0,20/08/2024,Arsenal,Wolves,2,0,H"]
    )
    def test_is_refused_with_both_lines_if_they_differ(self, again: str) -> None:
        reason = "Arsenal - Wolves again, and not as in line 2"
        assert refusal(*OPENING_DAY, again) == (5, reason)

    def test_in_a_league_where_clubs_meet_four_times_is_another_match(self) -> None:
        rows = ("SC0,17/08/2024,Celtic,Hearts,2,0,H", "SC0,20/12/2024,Celtic,Hearts,2,0,H")
        assert len(parsed(*rows, path=Path("2425/SC0.csv"))) == 2
        again = refusal(*rows, rows[1].replace("2,0", "3,0"), path=Path("2425/SC0.csv"))
        assert again == (4, "Celtic - Hearts again, and not as in line 3")


class TestColumns:
    def test_may_have_the_names_of_an_older_layout(self) -> None:
        matches = parsed("17/08/2024,Arsenal,Wolves,2,0,H", header="Date,HT,AT,HG,AG,Res")
        assert matches.select("home", "away", "home_goals", "away_goals").row(0) == (
            "Arsenal",
            "Wolves",
            2,
            0,
        )

    @pytest.mark.parametrize("missing", ["Date", "HomeTeam", "AwayTeam", "FTHG", "FTAG"])
    def test_that_a_match_needs_must_be_there(self, missing: str) -> None:
        header = HEADER.replace(missing, "Other")
        assert refusal(*OPENING_DAY, header=header) == (1, f"not a match file: no column {missing}")

    def test_must_not_be_there_twice(self) -> None:
        assert refusal(header=HEADER + ",FTHG") == (1, "column FTHG twice")

    def test_div_must_be_the_file_s(self) -> None:
        row = OPENING_DAY[0].replace("E0", "E1")
        assert refusal(row) == (2, "Div is 'E1' in a file of E0")


class TestStatistics:
    def test_come_as_counts(self) -> None:
        row = match("14", "10", "5.0", "2", "7", "8", "3", "2", "0", "1", columns=STATISTICS)
        assert (row["home_shots"], row["away_shots_on_target"], row["away_reds"]) == (14, 2, 1)
        assert (row["home_shots_on_target"], row["home_yellows"]) == (5, 3)

    @pytest.mark.parametrize("written", ["", "x", "-3", "2.5", "101", "NaN"])
    def test_that_are_no_count_are_unknown(self, written: str) -> None:
        row = match(written, "10", columns=("HS", "AS"))
        assert (row["home_shots"], row["away_shots"]) == (None, 10)


class TestHalfTime:
    @pytest.mark.parametrize(
        ("cells", "goals"), [("1 0", (1, 0)), ("2.0 0", (2, 0)), ("3 0", None), ("1 1", None), ("1 x", None)]
    )
    def test_has_no_more_goals_than_the_end(self, cells: str, goals: tuple[int, int] | None) -> None:
        row = match(*cells.split(), columns=("HTHG", "HTAG"))
        assert (row["home_half_goals"], row["away_half_goals"]) == (goals or (None, None))


class TestTheTime:
    @pytest.mark.parametrize(
        ("written", "minutes"), [("00:00", 0), ("12:30", 750), ("9:05", 545), ("", None), ("25:00", None)]
    )
    def test_is_in_minutes(self, written: str, minutes: int | None) -> None:
        assert match(written, columns=("Time",))["time"] == minutes


class TestExpectedGoals:
    @pytest.mark.parametrize(("written", "goals"), [("1.37", 1.37), ("-1", None), ("21", None), ("", None)])
    def test_are_no_less_than_none(self, written: str, goals: float | None) -> None:
        row = match(written, "0.8", columns=("HxG", "AxG"))
        assert (row["home_xg"], row["away_xg"]) == (goals, 0.8)


class TestAHandicap:
    def test_is_a_line_and_the_odds_of_each_side(self) -> None:
        row = match("-1.25", "1.95", "1.9", columns=HANDICAP)
        assert row["average_handicap"] == -1.25
        assert (row["average_handicap_home"], row["average_handicap_away"]) == (1.95, 1.9)

    def test_of_an_older_layout_counts_too(self) -> None:
        row = match("0.5", "1.95", "1.9", columns=("BbAHh", "BbAvAHH", "BbAvAHA"))
        assert (row["average_handicap"], row["closing_handicap"]) == (0.5, None)

    @pytest.mark.parametrize("cells", ["-1.3 1.95 1.9", "7 1.95 1.9", "x 1.95 1.9", "0 1.95 0", "0 9 9"])
    def test_that_nobody_offers_is_unknown_as_a_whole(self, cells: str) -> None:
        row = match(*cells.split(), columns=HANDICAP)
        assert {row[name] for name in handicap("average")} == {None}


class TestOdds:
    def test_are_of_three_books(self) -> None:
        columns = (*ODDS, "AvgCH", "AvgCD", "AvgCA", "MaxH", "MaxD", "MaxA")
        row = match("1.2", "6.5", "12", "1.25", "6.25", "11", "1.3", "7", "15", columns=columns)
        assert (row["average_home"], row["closing_draw"], row["maximum_away"]) == (1.2, 6.25, 15.0)

    def test_over_and_under_come_in_pairs(self) -> None:
        row = match("1.5", "2.5", "1.6", "x", columns=("Avg>2.5", "Avg<2.5", "AvgC>2.5", "AvgC<2.5"))
        assert (row["average_over"], row["average_under"]) == (1.5, 2.5)
        assert (row["closing_over"], row["closing_under"]) == (None, None)

    def test_of_an_older_layout_count_where_there_are_no_newer_ones(self) -> None:
        older = ("BbAvH", "BbAvD", "BbAvA", "BbMxH", "BbMxD", "BbMxA", "BbAv>2.5", "BbAv<2.5")
        cells = ("1.2", "6.5", "12", "1.3", "7", "15", "1.5", "2.5")
        row = match(*cells, "1.9", "", "4", columns=(*older, *ODDS))
        assert (row["average_home"], row["average_draw"], row["average_away"]) == (1.2, 6.5, 12.0)
        assert (row["maximum_home"], row["average_over"]) == (1.3, 1.5)

    def test_of_single_bookmakers_are_averaged_in_a_file_without_averages(self) -> None:
        single = ("B365H", "B365D", "B365A", "WHH", "WHD", "WHA", "LBH", "LBD", "LBA")
        cells = ("1.2", "6.5", "12", "1.3", "6", "11", "1.1", "", "9")
        row = match(*cells, columns=single)
        assert (row["average_home"], row["average_draw"], row["average_away"]) == (1.25, 6.25, 11.5)
        assert match(*cells, "", "", "", columns=(*single, *ODDS))["average_home"] is None

    @pytest.mark.parametrize(
        "cells",
        ["1.0 6.5 12", "0 6.5 12", "-2 6.5 12", "x 6.5 12", "inf 2 2", "NaN 2 2", "1.02 1.02 1.02", "9 9 9"],
    )
    def test_that_no_bookmaker_offers_are_unknown_as_a_whole(self, cells: str) -> None:
        row = match(*cells.split(), columns=ODDS)
        assert [row[f"average_{outcome}"] for outcome in ("home", "draw", "away")] == [None] * 3


class TestAFile:
    @pytest.mark.parametrize("path", ["2425/E9.csv", "2425/e0.csv", "2426/E0.csv", "E0.csv"])
    def test_is_named_by_season_and_division(self, path: str) -> None:
        assert refusal(path=Path(path))[0] == 0

    def test_that_cannot_be_read_is_refused(self, known: Catalogue, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="cannot be read: No such file"):
            read_season(tmp_path / "2425" / "E0.csv", known)

    @settings(deadline=None)
    @given(st.binary(max_size=200))
    def test_of_any_bytes_is_refused_or_empty(self, body: bytes) -> None:
        with suppress(DataError):
            assert parse_season(body, PATH, KNOWN).is_empty()

    @settings(deadline=None)
    @given(st.integers(0, len(SEASON) - 1), st.binary(max_size=3), st.integers(0, 3))
    def test_with_damage_is_refused_or_has_matches_that_can_be(
        self, place: int, put: bytes, cut: int
    ) -> None:
        try:
            matches = parse_season(SEASON[:place] + put + SEASON[place + cut :], PATH, KNOWN)
        except DataError:
            return
        assert matches.schema == pl.Schema(SCHEMA)
        assert matches.select("date", "home", "away", "home_goals").null_count().sum_horizontal().item() == 0
        assert matches.filter(pl.col("home") == pl.col("away")).is_empty()


class TestADirectory:
    def test_is_read_as_one(self, known: Catalogue, tmp_path: Path) -> None:
        for season, day in (("2324", "12/08/2023"), ("2425", "17/08/2024")):
            (tmp_path / season).mkdir()
            (tmp_path / season / "E0.csv").write_bytes(match_file(f"E0,{day},Arsenal,Wolves,2,0,H"))
        (tmp_path / "2425" / "E9.csv").write_bytes(b"another division")
        assert read_matches(tmp_path, known)["season"].to_list() == [2023, 2024]

    def test_is_read_for_the_leagues_asked_for(self, known: Catalogue, tmp_path: Path) -> None:
        (tmp_path / "2425").mkdir()
        (tmp_path / "2425" / "E0.csv").write_bytes(SEASON)
        (tmp_path / "2425" / "I1.csv").write_bytes(b"not looked at")
        assert len(read_matches(tmp_path, known, [known.league("E0")])) == 3

    def test_names_the_file_it_refuses(self, known: Catalogue, tmp_path: Path) -> None:
        (tmp_path / "2425").mkdir()
        (tmp_path / "2425" / "E0.csv").write_bytes(SEASON + b"E0,oops,Arsenal,Wolves,1,1,D\r\n")
        with pytest.raises(DataError, match=r"2425/E0\.csv:5: 'oops' is no date"):
            read_matches(tmp_path, known)

    @pytest.mark.parametrize("name", [".", "nowhere"])
    def test_without_match_files_says_how_to_get_them(
        self, known: Catalogue, tmp_path: Path, name: str
    ) -> None:
        with pytest.raises(DataError, match=r"`sabiscore pull --into .*`"):
            read_matches(tmp_path / name, known)


class TestTheRealFiles:
    def test_parse(self, divisions: pl.DataFrame) -> None:
        assert len(divisions) == 25_827
        assert divisions["date"].min() == date(2005, 8, 13)
        assert divisions.select("date", "league", "home").is_duplicated().sum() == 0
        recent = divisions.filter(pl.col("season") >= 2019)
        for name in ("closing_home", "price_home", "price_over", "home_half_goals"):
            assert recent[name].null_count() < 5, name

    def test_have_a_closing_price_from_2012_on(self, divisions: pl.DataFrame) -> None:
        priced = divisions.filter(pl.col("price_is_closing"))
        assert priced["season"].min() == 2012
        assert len(priced) > 0.99 * len(divisions.filter(pl.col("season") >= 2012))

    @pytest.mark.all_matches
    def test_as_published_have_the_results_of_the_sample(
        self, every_match: pl.DataFrame, matches: pl.DataFrame
    ) -> None:
        result = ("season", "league", "home", "away", "home_goals", "away_goals")
        assert len(every_match) == 233_506
        assert every_match["date"].min() == date(1993, 7, 23)
        of_sample = every_match.join(matches.select("season", "league").unique(), on=("season", "league"))
        assert_frame_equal(of_sample.select(result), matches.select(result), check_row_order=False)
