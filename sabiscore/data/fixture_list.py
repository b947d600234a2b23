"""The list of coming fixtures of football-data.co.uk: `fixtures.csv`, a fixture a row, all divisions in one file.

Its times are British: GMT in winter, an hour ahead in summer. A fixture without a time is taken to begin at 15:00
there. Divisions that the catalogue does not have are left out. Clubs have names as in match files, or others that the
catalogue knows. Odds are the average of bookmakers; a set that none of them would offer leaves its fixture without.

A line that cannot be right is refused alone, so that the others still count: a date that is none, an unknown club, a
club against itself, a fixture listed twice differently.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from msgspec import Struct

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.cells import day, minutes, number
from sabiscore.data.coming import FIRST_YEAR, LAST_YEAR
from sabiscore.data.prices import are_offered
from sabiscore.data.table import Table, read_table
from sabiscore.domain import Club, Fixture, League, Odds
from sabiscore.errors import DataError

FILE = "fixtures.csv"
REQUIRED = ("Div", "Date", "HomeTeam", "AwayTeam")
AVERAGE = ("AvgH", "AvgD", "AvgA")

LONDON = "Europe/London"
USUAL_KICKOFF = 15 * 60
"""Minutes after midnight in London, where the list has no time."""

LONGEST_QUOTE = 40


class FixtureList(Struct, frozen=True):
    """The fixtures of a list, and why lines of it were refused."""

    fixtures: tuple[Fixture, ...]
    refused: tuple[DataError, ...] = ()


def parse_fixtures(body: bytes, path: Path, catalogue: Catalogue) -> FixtureList:
    """The fixtures of leagues of the catalogue in ``body``, which is to be the file at ``path``.

    Raises:
        DataError: it is no list of fixtures at all.
    """
    table = read_table(body, path)
    missing = [name for name in REQUIRED if name not in table.header]
    if missing:
        raise DataError(path, table.line, f"not a list of fixtures: no column {', '.join(missing)}")
    leagues = {league.code: league for league in catalogue.leagues}
    reading = _Reading(path, catalogue)
    for row in _rows(table):
        if row["Div"] in leagues:
            reading.read(row, leagues[row["Div"]])
    return FixtureList(tuple(reading.fixtures.values()), tuple(reading.refused))


class _Reading:
    """What has been read of a list, by who plays whom."""

    def __init__(self, path: Path, catalogue: Catalogue) -> None:
        self._path, self._catalogue = path, catalogue
        self._lines: dict[tuple[str, str, str], int] = {}
        self.fixtures: dict[tuple[str, str, str], Fixture] = {}
        self.refused: list[DataError] = []

    def read(self, row: dict[str, Any], league: League) -> None:
        """Add the fixture of a row, or why it is refused."""
        try:
            fixture = self._fixture(row, league)
        except _RefusedError as error:
            self.refused.append(DataError(self._path, row["line"], str(error)))
            return
        key = (league.code, fixture.home.key, fixture.away.key)
        self._lines.setdefault(key, row["line"])
        self.fixtures.setdefault(key, fixture)

    def _fixture(self, row: dict[str, Any], league: League) -> Fixture:
        if row["kickoff"] is None:
            raise _RefusedError(f"{row['Date'][:LONGEST_QUOTE]!r} is no date such as 16/08/2025")
        home, away = (self._club(row[name], league) for name in ("HomeTeam", "AwayTeam"))
        if home == away:
            raise _RefusedError(f"{home.name} against itself")
        fixture = Fixture(league, home, away, datetime.fromtimestamp(row["kickoff"], UTC), _odds(row))
        key = (league.code, home.key, away.key)
        if self.fixtures.get(key, fixture).kickoff != fixture.kickoff:
            raise _RefusedError(
                f"{home.name} - {away.name} again, at another time than in line {self._lines[key]}"
            )
        return fixture

    def _club(self, name: str, league: League) -> Club:
        key = self._catalogue.file_key(name, league.code)
        if key is None:
            raise _RefusedError(str(self._catalogue.unknown_club(name, league)))
        return self._catalogue.club(key, league)


class _RefusedError(Exception):
    """A row cannot be right."""


def _rows(table: Table) -> Iterator[dict[str, Any]]:
    """Each row with its line, the texts of `REQUIRED`, its kick-off in seconds since 1970, and its odds."""
    there = [name for name in ("Time", *AVERAGE) if name in table.header]
    columns: dict[str, Any] = {name: table.column(name) for name in (*REQUIRED, *there)}
    absent = [pl.lit("").alias(name) for name in ("Time", *AVERAGE) if name not in there]
    types = dict.fromkeys(columns, pl.String)
    rows = pl.DataFrame(columns | {"line": table.lines}, schema_overrides=types).with_columns(absent)
    return rows.with_columns(_kickoff(), *map(number, AVERAGE)).iter_rows(named=True)


def _kickoff() -> pl.Expr:
    """In seconds since 1970; null where the date is none."""
    date = pl.when(day("Date").dt.year().is_between(FIRST_YEAR, LAST_YEAR)).then(day("Date"))
    told, usual = (
        (date.cast(pl.Datetime("ms")) + pl.duration(minutes=of_day)).dt.replace_time_zone(
            LONDON, ambiguous="earliest", non_existent="null"
        )
        for of_day in (minutes("Time"), pl.lit(USUAL_KICKOFF))
    )
    return pl.coalesce(told, usual).dt.epoch("s").alias("kickoff")


def _odds(row: dict[str, Any]) -> Odds | None:
    offer = [row[name] for name in AVERAGE]
    if None in offer:
        return None
    odds = Odds(*offer)
    return odds if are_offered(odds) else None
