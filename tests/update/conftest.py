from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from sabiscore.update.place import Place

SEASONS = ("2223", "2324", "2425")
LAST = f"{SEASONS[-1]}/E0.csv"
COLUMNS = ["Div", "Date", "Time", "HomeTeam", "AwayTeam", "AvgH", "AvgD", "AvgA"]


@pytest.fixture
def place(tmp_path: Path, match_files: Path) -> Place:
    """A data directory with the Premier League's files of three seasons."""
    return filled(tmp_path / "data", match_files)


@pytest.fixture
def play_until(place: Place, match_files: Path) -> Callable[[date], None]:
    """Have the last season's file hold the matches before a day alone."""
    return partial(play, place, match_files)


@pytest.fixture
def list_from(place: Place, match_files: Path) -> Callable[[date], None]:
    """Have the list of fixtures hold the matches of the week from a day on, as the season's file has them."""
    return partial(list_week, place, match_files)


def filled(directory: Path, match_files: Path) -> Place:
    place = Place(directory)
    for season in SEASONS:
        (place.matches / season).mkdir(parents=True)
        (place.matches / season / "E0.csv").write_bytes((match_files / season / "E0.csv").read_bytes())
    return place


def play(place: Place, match_files: Path, day: date) -> None:
    header, *rows = (match_files / LAST).read_text().splitlines()
    kept = [row for row in rows if day_of(row) < day]
    (place.matches / LAST).write_text("\n".join([header, *kept, ""]))


def list_week(place: Place, match_files: Path, first: date) -> None:
    header, *rows = (match_files / LAST).read_text().splitlines()
    columns = [header.split(",").index(name) for name in COLUMNS]
    week = [row.split(",") for row in rows if first <= day_of(row) < first + timedelta(days=7)]
    lines = [COLUMNS, *([row[at] for at in columns] for row in week)]
    place.fixtures.write_text("".join(",".join(line) + "\n" for line in lines))


def day_of(row: str) -> date:
    """When a match of a season file was."""
    day, month, year = map(int, row.split(",")[1].split("/"))
    return date(year, month, day)
