from datetime import UTC, datetime
from pathlib import Path

import pytest

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.fixture_list import FixtureList, parse_fixtures
from sabiscore.domain import Fixture, Odds
from sabiscore.errors import DataError

from .files import match_file

HEADER = "Div,Date,Time,HomeTeam,AwayTeam,AvgH,AvgD,AvgA"
PATH = Path("fixtures.csv")


def read(known: Catalogue, *rows: str, header: str = HEADER) -> FixtureList:
    return parse_fixtures(match_file(*rows, header=header), PATH, known)


def the_only(known: Catalogue, row: str, header: str = HEADER) -> Fixture:
    (fixture,) = read(known, row, header=header).fixtures
    return fixture


def refusal(known: Catalogue, *rows: str) -> str:
    """Why a list's last row is refused; all others are read."""
    found = read(known, *rows)
    assert len(found.fixtures) == len(rows) - 1
    (error,) = found.refused
    return str(error)


def test_a_fixture_has_its_clubs_its_kick_off_in_utc_and_the_average_of_odds(known: Catalogue) -> None:
    fixture = the_only(known, "E0,16/08/2025,17:30,Arsenal,Nott'm Forest,1.5,4.2,6.5")
    assert (fixture.league.code, fixture.home.key, fixture.away.key) == ("E0", "Arsenal", "Nott'm Forest")
    assert fixture.kickoff == datetime(2025, 8, 16, 16, 30, tzinfo=UTC)
    assert fixture.odds == Odds(1.5, 4.2, 6.5)


@pytest.mark.parametrize(
    ("day", "hour"), [("28/03/2026", 15), ("29/03/2026", 14), ("24/10/2026", 14), ("25/10/2026", 15)]
)
def test_times_are_british_in_summer_and_in_winter(known: Catalogue, day: str, hour: int) -> None:
    assert the_only(known, f"I1,{day},15:00,Roma,Lazio,,,").kickoff.hour == hour


@pytest.mark.parametrize(("time", "minute"), [("", 0), ("soon", 0), ("25:00", 0), ("12:30", 30)])
def test_without_a_time_it_is_at_three_in_the_afternoon(known: Catalogue, time: str, minute: int) -> None:
    kickoff = the_only(known, f"E0,16/08/2025,{time},Arsenal,Wolves,,,").kickoff
    assert (kickoff.hour, kickoff.minute) == (14 if minute == 0 else 11, minute)


def test_a_list_may_have_no_times_and_no_odds(known: Catalogue) -> None:
    fixture = the_only(known, "E0,16/08/2025,Arsenal,Wolves", header="Div,Date,HomeTeam,AwayTeam")
    assert (fixture.kickoff.hour, fixture.odds) == (14, None)


def test_a_time_that_a_clock_skips_is_none(known: Catalogue) -> None:
    assert the_only(known, "E0,29/03/2026,01:30,Arsenal,Wolves,,,").kickoff.hour == 14


@pytest.mark.parametrize("odds", ["1,2,3", "0.5,3,4", "1.5,4.2,", "9,9,9", "1.1,1.1,1.1", "x,3,4", "nan,3,4"])
def test_odds_that_nobody_offers_leave_the_fixture_without(known: Catalogue, odds: str) -> None:
    assert the_only(known, f"E0,16/08/2025,15:00,Arsenal,Wolves,{odds}").odds is None


def test_other_divisions_are_left_out(known: Catalogue) -> None:
    assert read(known, "IRL,16/08/2025,15:00,Bohemians,Shelbourne,,,") == FixtureList(())


def test_names_may_drift(known: Catalogue) -> None:
    fixture = the_only(known, "SP1,19/08/2026,20:00,Atl. Madrid,Malaga,,,")
    assert (fixture.home.key, fixture.away.key) == ("Ath Madrid", "Malaga")
    assert the_only(known, "E2,20/08/2026,20:00,Sheffield Wed,Bradford City,,,").away.key == "Bradford"


GOOD = "E0,16/08/2025,15:00,Arsenal,Wolves,,,"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "E0,17/08/2025,15:00,Evertn,Chelsea,,,",
            "Unknown club 'Evertn' in Premier League. Closest known: Everton",
        ),
        ("E0,17/08/2025,15:00,Roma,Chelsea,,,", "Unknown club 'Roma' in Premier League (plays in Italy)"),
        ("E0,17/08/2025,15:00,Zyxwv Utd,Chelsea,,,", "Unknown club 'Zyxwv Utd' in Premier League."),
        ("E0,31/02/2025,15:00,Everton,Chelsea,,,", "'31/02/2025' is no date"),
        ("E0,17/08/3025,15:00,Everton,Chelsea,,,", "'17/08/3025' is no date"),
        ("E0,17/08/2025,15:00,Spurs,Tottenham,,,", "Tottenham Hotspur against itself"),
        ("E0,17/08/2025,15:00,Arsenal,Wolves,,,", "again, at another time than in line 2"),
    ],
)
def test_a_line_that_cannot_be_right_is_refused_alone(known: Catalogue, row: str, reason: str) -> None:
    said = refusal(known, GOOD, row)
    assert said.startswith("fixtures.csv:3: ")
    assert reason in said


def test_a_fixture_may_be_listed_twice_alike(known: Catalogue) -> None:
    found = read(known, GOOD, GOOD)
    assert (len(found.fixtures), found.refused) == (1, ())


@pytest.mark.parametrize(
    "body", [b"", b"<!DOCTYPE html>", b"Date,Time\n", b"Div,Date,HomeTeam,AwayTeam\nE0,16/08/2025,Ars"]
)
def test_what_is_no_list_is_refused_as_a_whole(known: Catalogue, body: bytes) -> None:
    with pytest.raises(DataError, match=r"fixtures\.csv"):
        parse_fixtures(body, PATH, known)


def test_a_list_may_be_empty(known: Catalogue) -> None:
    assert read(known) == FixtureList(())


@pytest.mark.all_matches
@pytest.mark.parametrize(("name", "count"), [("fixtures.csv", 12), ("fixtures-2.csv", 3)])
def test_lists_as_they_were_published_are_read_whole(
    published_files: Path, known: Catalogue, name: str, count: int
) -> None:
    found = parse_fixtures((published_files / name).read_bytes(), published_files / name, known)
    assert (len(found.fixtures), found.refused) == (count, ())
    assert all(fixture.odds for fixture in found.fixtures)
