from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.frame import SCHEMA
from sabiscore.data.parse import parse_season
from sabiscore.data.sources import FORECAST, Joined, Sources, join_sources
from sabiscore.errors import DataError

from .files import SEASON

XG = "Date,Div,HomeTeam,AwayTeam,HxG,AxG"
CLOSING = "Date,Div,HomeTeam,AwayTeam,CloseH,CloseD,CloseA"
FORECASTS = "Date,Div,HomeTeam,AwayTeam,p538_H,p538_D,p538_A,prematch"
FIRST = "17/08/2024,E0,Arsenal,Wolves"
"""The first of three matches of SEASON."""


@pytest.fixture(scope="session")
def season(known: Catalogue) -> pl.DataFrame:
    return parse_season(SEASON, Path("2425/E0.csv"), known)


class Join:
    """Joins files of the given lines to a season of three matches."""

    def __init__(self, season: pl.DataFrame, known: Catalogue, directory: Path) -> None:
        self.season, self.known, self.directory = season, known, directory

    def __call__(self, **lines: tuple[str, ...]) -> Joined:
        paths = {name: self.directory / f"{name}.csv" for name in lines}
        for name, path in paths.items():
            path.write_text("\n".join(lines[name]) + "\n")
        return join_sources(self.season, Sources(**paths), self.known)

    def refusal(self, **lines: tuple[str, ...]) -> tuple[str, int, str]:
        with pytest.raises(DataError) as error:
            self(**lines)
        return Path(error.value.file).name, error.value.line, error.value.reason


@pytest.fixture
def join(season: pl.DataFrame, known: Catalogue, tmp_path: Path) -> Join:
    return Join(season, known, tmp_path)


def first(joined: Joined) -> dict[str, object]:
    """Arsenal - Wolves."""
    return joined.frame.filter(pl.col("home") == "Arsenal").row(0, named=True)


class TestNoSources:
    def test_leave_the_frame_as_it_is(self, join: Join) -> None:
        joined = join()
        assert joined.frame.equals(join.season)
        assert joined.left_out == {}


class TestExpectedGoals:
    def test_are_those_of_the_match(self, join: Join) -> None:
        joined = join(xg=(XG, f"{FIRST},1.5,0.25"))
        assert (first(joined)["home_xg"], first(joined)["away_xg"]) == (1.5, 0.25)
        assert joined.frame["home_xg"].null_count() == 2
        assert joined.frame.schema == pl.Schema(SCHEMA)

    def test_of_the_season_files_come_first(self, join: Join, season: pl.DataFrame) -> None:
        join.season = season.with_columns(home_xg=2.0)
        assert first(join(xg=(XG, f"{FIRST},1.5,0.25")))["home_xg"] == 2.0

    def test_may_come_with_columns_in_any_order_and_others_beside(self, join: Join) -> None:
        header = "source,AxG,HxG,AwayTeam,HomeTeam,Div,Date"
        joined = join(xg=(header, "somewhere,0.25,1.5,Wolverhampton Wanderers,Arsenal FC,E0,2024-08-17"))
        assert (first(joined)["home_xg"], first(joined)["away_xg"]) == (1.5, 0.25)

    @pytest.mark.parametrize(
        "row",
        ["18/08/2024,E0,Arsenal,Wolves", "17/08/2024,E9,Arsenal,Wolves", "17/08/2024,E0,Arsenal,Nobody"],
    )
    def test_of_a_match_that_is_not_there_are_left_out_and_counted(self, join: Join, row: str) -> None:
        joined = join(xg=(XG, f"{row},1.5,0.25", f"{FIRST},1.0,1.0"))
        assert joined.left_out == {"xg": 1}
        assert first(joined)["home_xg"] == 1.0


class TestClosingOdds:
    def test_are_the_price_where_season_files_have_none(self, join: Join) -> None:
        row = first(join(closing=(CLOSING, f"{FIRST},1.2,6.5,12")))
        assert (row["other_closing_home"], row["price_home"], row["price_is_closing"]) == (1.2, 1.2, True)

    def test_may_come_with_totals_and_opening_odds(self, join: Join) -> None:
        header = f"{CLOSING},OpenH,OpenD,OpenA,Close>2.5,Close<2.5"
        row = first(join(closing=(header, f"{FIRST},1.2,6.5,12,1.25,6,11,1.5,2.5")))
        assert (row["opening_draw"], row["other_closing_over"], row["price_under"]) == (6.0, 1.5, 2.5)

    def test_that_nobody_offers_are_unknown(self, join: Join) -> None:
        row = first(join(closing=(CLOSING, f"{FIRST},1.02,1.02,1.02")))
        assert (row["other_closing_home"], row["price_home"]) == (None, None)

    def test_keep_the_columns_of_the_frame(self, join: Join) -> None:
        assert join(closing=(CLOSING, f"{FIRST},1.2,6.5,12")).frame.schema == pl.Schema(SCHEMA)


class TestOtherMatches:
    def test_are_told_by_the_days_to_the_nearest(self, join: Join) -> None:
        dates = ("01/08/2024", "13/08/2024", "17/08/2024", "20/08/2024", "01/12/2024")
        rows = [f"{day},E0,Arsenal" for day in dates if day != "17/08/2024"]
        row = first(join(other_matches=("Date,Div,Club", *rows)))
        assert (row["home_other_before"], row["home_other_after"]) == (4, 3)
        assert (row["away_other_before"], row["away_other_after"]) == (None, None)

    def test_far_away_are_not_told(self, join: Join) -> None:
        row = first(join(other_matches=("Date,Div,Club", "01/07/2024,E0,Arsenal", "30/09/2024,E0,Arsenal")))
        assert (row["home_other_before"], row["home_other_after"]) == (None, None)

    def test_may_be_of_any_division_of_the_country(self, join: Join) -> None:
        joined = join(other_matches=("Date,Div,Club", "14/08/2024,ENG,Wolves", "14/08/2024,I1,Wolves"))
        assert first(joined)["away_other_before"] == 3
        assert joined.left_out == {"other_matches": 1}

    def test_keep_the_order_of_the_frame(self, join: Join) -> None:
        joined = join(other_matches=("Date,Div,Club", "14/08/2024,E3,Chelsea"))
        assert joined.frame.select("date", "home").equals(join.season.select("date", "home"))
        assert joined.frame.schema == pl.Schema(SCHEMA)


class TestForecasts:
    def test_are_columns_of_their_own(self, join: Join) -> None:
        joined = join(fivethirtyeight=(FORECASTS, f"{FIRST},0.5,0.3,0.2,1"))
        assert [first(joined)[name] for name in FORECAST] == [0.5, 0.3, 0.2]
        assert joined.frame[FORECAST[0]].null_count() == 2

    def test_that_were_made_after_kick_off_do_not_count(self, join: Join) -> None:
        joined = join(fivethirtyeight=(FORECASTS, f"{FIRST},0.5,0.3,0.2,0"))
        assert first(joined)[FORECAST[0]] is None
        assert joined.left_out == {"fivethirtyeight": 0}


class TestAFile:
    @pytest.mark.parametrize(
        ("rows", "line", "reason"),
        [
            ((f"{FIRST},1.5,0.25", "soon,E0,Arsenal,Wolves,1,1"), 3, "no date such as 16/08/2024"),
            ((f"{FIRST},1.5,many",), 2, "a value is no number"),
            ((f"{FIRST},1.5,0.25", f"{FIRST},1.5,0.25"), 3, "the match is there twice"),
            ((f"{FIRST},1.5,0.25,7",), 2, "more values than the 6 columns"),
        ],
    )
    def test_that_is_malformed_is_refused_with_its_line(
        self, join: Join, rows: tuple[str, ...], line: int, reason: str
    ) -> None:
        assert join.refusal(xg=(XG, *rows)) == ("xg.csv", line, reason)

    def test_without_its_columns_is_refused(self, join: Join) -> None:
        assert join.refusal(xg=("Date,Div,HomeTeam,AwayTeam,HxG",)) == ("xg.csv", 1, "no column AxG")
        assert join.refusal(other_matches=("Date,Div",))[2] == "no column Club"

    def test_that_is_not_there_is_refused(self, join: Join, known: Catalogue) -> None:
        with pytest.raises(DataError, match="cannot be read"):
            join_sources(join.season, Sources(xg=join.directory / "no.csv"), known)

    def test_of_no_rows_adds_nothing(self, join: Join) -> None:
        joined = join(
            xg=(XG,), closing=(CLOSING,), other_matches=("Date,Div,Club",), fivethirtyeight=(FORECASTS,)
        )
        assert joined.frame.select(list(SCHEMA)).equals(join.season)
        assert set(joined.left_out.values()) == {0}

    def test_is_joined_to_a_season_without_matches(self, join: Join) -> None:
        join.season = join.season.filter(pl.col("date") > date(2030, 1, 1))
        assert join(xg=(XG, f"{FIRST},1.5,0.25")).left_out == {"xg": 1}
