"""A site that stands in for football-data.co.uk: a season's files as they were on any of its days."""

import csv
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from msgspec import Struct

from sabiscore.data.seasons import label_of, start_of
from sabiscore.data.table import read_table

LISTED = ("Div", "Date", "Time", "HomeTeam", "AwayTeam", "AvgH", "AvgD", "AvgA")
"""The columns of the list of fixtures that are made from the season's file."""

FOLDER = "mmz4281"


class _Season(Struct, frozen=True):
    """The file of one league: its header, and its rows with their days."""

    header: list[str]
    rows: list[tuple[date, list[str]]]


class Site:
    """What is at the address on a day: earlier seasons whole, this one until the day before, fixtures from it on."""

    def __init__(self, root: Path, files: Path, leagues: Sequence[str], since: int, season: int) -> None:
        """``files`` is a directory of season files, of which the site has ``leagues`` from ``since`` on."""
        self._root, self._label = root, label_of(season)
        self._seasons: dict[str, _Season] = {}
        for path in sorted(files.glob("[0-9][0-9][0-9][0-9]/*.csv")):
            year = start_of(path.parent.name)
            if path.stem not in leagues or not since <= year <= season:
                continue
            if year == season:
                self._seasons[path.stem] = _read(path)
            else:
                place = root / FOLDER / path.parent.name / path.name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(path.read_bytes())

    @property
    def days(self) -> list[date]:
        """The season's match days."""
        return sorted({day for season in self._seasons.values() for day, _ in season.rows})

    def show(self, day: date, until: date) -> None:
        """Have results until the day before ``day``, and fixtures from it on, those before ``until``."""
        fixtures: list[Iterable[str]] = [LISTED]
        files = [self._root / "fixtures.csv"]
        for code, season in self._seasons.items():
            played = [row for when, row in season.rows if when < day]
            files.append(self._root / FOLDER / self._label / f"{code}.csv")
            _write(files[-1], [season.header, *played])
            at = [season.header.index(name) for name in LISTED]
            fixtures += [[row[k] for k in at] for when, row in season.rows if day <= when < until]
        _write(files[0], fixtures)
        for file in files:  # whoever asks whether they have changed is told by their second
            os.utime(
                file, times=(shown := datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp(), shown)
            )

    @contextmanager
    def served(self) -> Iterator[str]:
        """The base address of its season files."""
        with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(self._root))) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/{FOLDER}"
            finally:
                server.shutdown()
                thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _read(path: Path) -> _Season:
    table = read_table(path.read_bytes(), path)
    at = table.header.index("Date")
    return _Season(table.header, [(_day(row[at]), row) for row in table.rows])


def _day(text: str) -> date:
    layout = "%d/%m/%Y" if len(text) > len("01/01/24") else "%d/%m/%y"
    return datetime.strptime(text, layout).date()  # noqa: DTZ007 - a day has no zone


def _write(path: Path, rows: Iterable[Iterable[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
