from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sabiscore.update.place import Place

SEASONS = ("2223", "2324", "2425")
LAST = f"{SEASONS[-1]}/E0.csv"


@pytest.fixture
def place(tmp_path: Path, match_files: Path) -> Place:
    """A data directory with the Premier League's files of three seasons."""
    place = Place(tmp_path / "data")
    for season in SEASONS:
        (place.matches / season).mkdir(parents=True)
        (place.matches / season / "E0.csv").write_bytes((match_files / season / "E0.csv").read_bytes())
    return place


@pytest.fixture
def play_until(place: Place, match_files: Path) -> Callable[[date], None]:
    """Have the last season's file hold the matches before a day alone."""
    header, *rows = (match_files / LAST).read_text().splitlines()

    def play(day: date) -> None:
        kept = [row for row in rows if day_of(row) < day]
        (place.matches / LAST).write_text("\n".join([header, *kept, ""]))

    return play


def day_of(row: str) -> date:
    """When a match of a season file was."""
    day, month, year = map(int, row.split(",")[1].split("/"))
    return date(year, month, day)
