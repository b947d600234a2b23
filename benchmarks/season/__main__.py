"""A whole season lived through, update after update, and whether its record is what a walk forward says.

    uv run python -m benchmarks.season --data DIR [--league E0 ... | --all-leagues] [--every 4] [--since 2019] [--load]
        [--from 2025-04-01] [--until 2025-04-15]

A site that stands in for football-data.co.uk has 2024/25 as it was on every Nth match day, with the fixtures until the
next (made of the season's own odds and times). Each time an update pulls, publishes and seals, by a clock that stands
at six in the morning. With --load a service takes up every bundle while somebody asks it. At the end the ledger is
verified, and each forecast that counts is compared with one pass over all matches. One league takes about a minute of
a season, all of them about six seconds of CPU a match day; exits with 1 where anything differs or failed.
"""

import asyncio
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from benchmarks.season.asking import Asking, asking
from benchmarks.season.site import Site
from benchmarks.season.walked import Compared, compared
from benchmarks.serving import started
from sabiscore.clock import Clock
from sabiscore.data import catalogue
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.parse import read_matches
from sabiscore.data.pull import pull
from sabiscore.data.seasons import label_of
from sabiscore.forecaster import Forecaster
from sabiscore.ledger.files import RECORD, load_record
from sabiscore.ledger.schemas import Record
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED
from sabiscore.update.place import Place
from sabiscore.update.update import first_season, update

SEASON = 2024
DAY = click.DateTime(["%Y-%m-%d"])
MORNING = 6
"""The hour of updates, in UTC: before all kick-offs."""

AFTER = timedelta(days=7)
"""From the last match day to the last update."""

SAME = 1e-12
"""Forecasts of one fixture alone and among others may differ by so much, in the last digits of their arithmetic."""

_SERVE = """
import sys
from pathlib import Path
from sabiscore.models import bundles
bundles.SHIPPED = Path({!r})
from sabiscore.cli import main
main(sys.argv[2:])
"""
"""A service whose shipped bundle knows no later matches than those that are published: else it would refuse them."""


class Lived(Struct, frozen=True):
    """A season: its updates and the seconds of each, the record at its end, and what a walk forward says."""

    updates: list[date]
    seconds: list[float]
    lines: int
    record: Record
    compared: Compared
    asked: Asking | None


class Stretch(Struct, frozen=True):
    """What of the season is lived through: every Nth match day from one day until another."""

    every: int
    begin: date = date.min
    end: date = date.max

    def steps(self, days: Sequence[date]) -> list[tuple[date, date]]:
        """The days of updates, each with the next: until then its list of fixtures goes. The last lists none.

        Raises:
            click.UsageError: there is no match day.
        """
        chosen = [day for day in days if self.begin <= day < self.end][:: self.every]
        if not chosen:
            raise click.UsageError(f"no match day from {self.begin} until {self.end}")
        end = min(self.end, days[-1] + AFTER)
        return [*pairwise([*chosen, end]), (end, end)]


def live(
    data: Path, leagues: Sequence[str], stretch: Stretch, since: int, directory: Path, *, load: bool
) -> Lived:
    """Live through a stretch of the season in an empty directory."""
    site = Site(directory / "site", data, leagues, since, SEASON)
    place, known = Place(directory / "data"), catalogue.load()
    steps = stretch.steps(site.days)
    seconds, asked = [], None
    with ExitStack() as stack:
        url = stack.enter_context(site.served())
        for number, (day, until) in enumerate(steps):
            site.show(day, until)
            began = time.process_time()
            _update(place, known, leagues, url, day)
            seconds.append(time.process_time() - began)
            if load and number == 0:
                asked = stack.enter_context(asking(stack.enter_context(_serving(place, directory))))
    frame = read_matches(place.matches, known)
    fixtures = place.ledger.read().fixtures.values()
    pairs = [(kept.sealed, kept.settled) for kept in fixtures]
    ended = [(seal, end) for seal, end in pairs if seal is not None and end is not None]
    current = bundles.read(place.shelf.directory / place.shelf.version)
    record = load_record(current.files[RECORD])
    return Lived(
        updates=[day for day, _ in steps],
        seconds=seconds,
        lines=place.ledger.verify([record.ledger]).head.lines,
        record=record,
        compared=compared(ended, [day for day, _ in steps], frame, Forecaster.load(SHIPPED)),
        asked=asked,
    )


def _update(place: Place, known: Catalogue, leagues: Sequence[str], url: str, day: date) -> None:
    """What `sabiscore update` does, on a day that is long past."""
    moment = datetime(day.year, day.month, day.day, MORNING, tzinfo=UTC)
    with place.alone():
        report = asyncio.run(
            pull(
                place.matches,
                catalogue=known,
                leagues=[known.league(code) for code in leagues],
                since=first_season(place),
                until=label_of(SEASON),
                base_url=url,
            )
        )
        updated = update(place, SHIPPED, Clock(unix=moment.timestamp))
    if report.refused or updated.refused:
        raise click.ClickException(f"on {day}: {report.refused or updated.refused}")


@contextmanager
def _serving(place: Place, directory: Path) -> Iterator[str]:
    """The address of a service that takes up what is published."""
    oldest = directory / "oldest"
    shutil.copytree(place.shelf.directory / place.shelf.version, oldest)
    command = (sys.executable, "-c", _SERVE.format(str(oldest)))
    with started(prefix=command, settings={"data": str(place.directory)}) as service:
        service.wait_until_ready()
        yield service.url


@click.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Directory of season files.",
)
@click.option("--league", "leagues", multiple=True, default=("E0",), show_default=True, help="Its code.")
@click.option("--all-leagues", is_flag=True, help="Every league that is known.")
@click.option(
    "--every", default=4, show_default=True, type=click.IntRange(1), help="Match days between updates."
)
@click.option("--since", default=2019, show_default=True, help="The first season that the site has.")
@click.option("--from", "begin", type=DAY, help="The first day; by default that of the season.")
@click.option("--until", "end", type=DAY, help="The day after the last one; by default the season's end.")
@click.option("--load", is_flag=True, help="Have a service take up what is published, and ask it.")
def main(
    data: Path,
    leagues: tuple[str, ...],
    every: int,
    since: int,
    *,
    begin: datetime | None,
    end: datetime | None,
    all_leagues: bool,
    load: bool,
) -> None:
    """Live through 2024/25 by updates, and compare the record with a walk forward."""
    if all_leagues:
        leagues = tuple(league.code for league in catalogue.load().leagues)
    stretch = Stretch(every, begin.date() if begin else date.min, end.date() if end else date.max)
    with TemporaryDirectory(prefix="season") as name:
        lived = live(data, leagues, stretch, since, Path(name), load=load)
    Console(width=100).print(_table(lived))
    wrong = _wrong(lived)
    if wrong:
        raise click.ClickException("; ".join(wrong))


def _table(lived: Lived) -> Table:
    found, table = lived.compared, Table(show_header=False)
    rows = {
        "updates": f"{len(lived.updates)}, from {lived.updates[0]} to {lived.updates[-1]}",
        "CPU of an update": f"median {np.median(lived.seconds[1:]):.2f} s, most {max(lived.seconds[1:]):.2f} s; "
        f"the first {lived.seconds[0]:.2f} s",
        "lines of the ledger": f"{lived.lines}, verified",
        "fixtures sealed and settled": f"{lived.record.sealed} and {lived.record.settled}",
        "largest difference from the walk": f"{found.largest:.1e}",
        "RPS of the record": f"{_rps(lived.record):.15f}",
        "RPS of the walk": f"{found.walked:.15f}",
    }
    if lived.asked:
        came = ", ".join(f"{count:,} x {status}" for status, count in sorted(lived.asked.came.items()))
        rows["requests meanwhile"] = (
            f"{came}; {lived.asked.failed} failed; {len(lived.asked.versions)} bundles seen"
        )
    for what, figure in rows.items():
        table.add_row(what, figure)
    return table


def _wrong(lived: Lived) -> list[str]:
    """What is not as it should be."""
    found = lived.compared
    holds = {
        "not all that was sealed was settled": lived.record.sealed == lived.record.settled == found.n > 0,
        "a forecast is not that of the walk": found.largest <= SAME,
        "the record is not that of the walk": abs(_rps(lived.record) - found.walked) <= SAME,
        "no new bundle was seen": lived.asked is None or len(lived.asked.versions) > 1,
        "a request failed": lived.asked is None or lived.asked.failed == 0,
    }
    return [what for what, is_so in holds.items() if not is_so]


def _rps(record: Record) -> float:
    return record.overall.matches.forecasts["ours"].rps.value if record.overall else float("nan")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.season")
