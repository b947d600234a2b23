"""What an update costs: the whole history from nothing, a match day, a late correction, and nothing new.

    uv run python -m benchmarks.updates --data DIR [--until 2025-04-13] [--only-matches] [--only E0]

Each is `sabiscore update --no-pull` in a process of its own, imports included, held to one core: seconds of CPU, and
seconds by the clock. The match day is the last before --until; the correction is of a result some 60 days before. With
--only-matches the season is shown when it is over, so that no table is projected; with --only there are no other
leagues. Takes one or two minutes.
"""

import os
import resource
import shutil
import subprocess
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from benchmarks.season.site import FOLDER, Site
from benchmarks.serving import SABISCORE
from sabiscore.data import catalogue

SEASON, FIRST_SEASON = 2024, 1993
ONE_CORE = {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
WEEK = timedelta(days=7)
OVER = date(2025, 6, 2)
"""After the season's last match."""


class Spent(Struct, frozen=True):
    """What an update was for, and the seconds of it."""

    what: str
    cpu: float
    wall: float


def measure(files: Path, until: date, directory: Path, only: Sequence[str] = ()) -> list[Spent]:
    """The updates of an empty directory, one after the other."""
    codes = [league.code for league in catalogue.load().leagues if not only or league.code in only]
    site = Site(directory / "site", files, codes, FIRST_SEASON, SEASON)
    data = directory / "data"
    data.mkdir()
    (data / "matches").symlink_to(directory / "site" / FOLDER)
    season = directory / "site" / FOLDER / "2425"

    def updated(what: str) -> Spent:
        shutil.copy(directory / "site" / "fixtures.csv", directory / "site" / FOLDER)
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        command = [str(SABISCORE), "update", "--no-pull", "--data", str(data)]
        subprocess.run(command, check=True, env=os.environ | ONE_CORE, stdout=subprocess.DEVNULL)
        after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Spent(what, cpu, ended - began)

    day = max(one for one in site.days if one < until)
    site.show(day, day + WEEK)
    found = [updated("the whole history from nothing")]
    site.show(until, until + WEEK)
    found.append(updated("a match day, its results and the next fixtures"))
    _correct(season / "E0.csv")
    found.append(updated("a result corrected two months late"))
    found.append(updated("nothing new"))
    return found


def _correct(file: Path) -> None:
    """Another goal for the winner of a match of some 60 days ago."""
    lines = file.read_text().splitlines(keepends=True)
    header = lines[0].rstrip().split(",")
    at = [header.index(name) for name in ("FTHG", "FTAG")]
    number = len(lines) - 85
    cells = lines[number].split(",")
    chosen = at[0] if int(cells[at[0]]) >= int(cells[at[1]]) else at[1]
    cells[chosen] = str(int(cells[chosen]) + 1)
    cells[header.index("FTR")] = "H" if chosen == at[0] else "A"
    lines[number] = ",".join(cells)
    file.write_text("".join(lines))


@click.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Directory of season files.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2025-04-13",
    show_default=True,
    help="The day after the match day.",
)
@click.option("--only", multiple=True, help="Code of a league; all unless one is named.")
@click.option("--only-matches", is_flag=True, help="Take the season's last match day: nothing is projected.")
def main(data: Path, until: datetime, only: tuple[str, ...], *, only_matches: bool) -> None:
    """Print what updates cost."""
    with TemporaryDirectory(prefix="updates") as name:
        found = measure(data, OVER if only_matches else until.date(), Path(name), only)
    table = Table()
    for column in ("update", "CPU s", "clock s"):
        table.add_column(column, justify="left" if column == "update" else "right")
    for one in found:
        table.add_row(one.what, f"{one.cpu:.2f}", f"{one.wall:.2f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.updates")
