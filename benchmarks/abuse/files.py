"""Bundles whose digests agree but whose contents are crafted: what becomes of thousands of them.

    uv run python -m benchmarks.abuse.files [--count 3000] [--seed 1] [--json FILE]

Each is the shipped bundle with something changed, sealed again, half of them with golden predictions forged to fit. It
is examined as `sabiscore.trial` does it, many in one process until one crashes that. What is let in must answer other
fixtures than the trial's, too: where it does not, it leaked. Exits with 1 if one did, or one took too long. Seconds are
those of a core, whoever else uses the machine. 3,000 take some 45 minutes of one.
"""

import asyncio
import json
import os
import random
import resource
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import click
import msgspec
from msgspec import Struct

from benchmarks.abuse.crafting import craft, forge, kind_of
from benchmarks.process import cpu_seconds_of
from sabiscore.data import catalogue
from sabiscore.domain import Fixture, Odds, Prediction
from sabiscore.errors import BundleError
from sabiscore.forecaster import Forecaster
from sabiscore.models.bundles import SHIPPED
from sabiscore.service import PredictionService
from sabiscore.trial import examine, try_bundle

SLOW, HUNG = 10.0, 30.0
"""Seconds for one bundle that are too many, and after which its process is ended."""

QUESTIONS = 200
RETRIED = 5
"""How many of those that crashed the process are given to the product's own trial."""


class Fate(Struct, frozen=True):
    """What became of one crafted bundle; ``what`` is "refused", "loaded", "leaked", "crashed" or "hung"."""

    number: int
    kind: str
    what: str
    reason: str = ""
    seconds: float = 0.0
    peak: float = 0.0


def examined(number: int, seed: int, place: Path) -> Fate:
    """The fate of one crafted bundle in this process, unless it ends it."""
    crafted = craft(number, seed)
    began = time.process_time()
    if number % 2:
        forge(crafted)
    crafted.write(place)
    try:
        forecaster = examine(place)
    except BundleError as error:
        return Fate(number, crafted.kind, "refused", error.reason, time.process_time() - began, _peak())
    seconds = time.process_time() - began
    try:
        _ask(forecaster, random.Random(number))
    except Exception as error:  # noqa: BLE001 - whatever it is, a user would have seen it
        return Fate(number, crafted.kind, "leaked", f"{type(error).__name__}: {error}", seconds, _peak())
    return Fate(number, crafted.kind, "loaded", "", seconds, _peak())


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _ask(forecaster: Forecaster, chance: random.Random) -> None:
    """Fixtures of any clubs on any day; raises unless each answer is one."""
    known = catalogue.load()
    service = PredictionService(forecaster, catalogue=known)
    leagues = [league for league in known.leagues if forecaster.rows.has_league(league.code)]
    fixtures = []
    for _ in range(QUESTIONS):
        league = chance.choice(leagues)
        home, away = chance.sample(known.clubs(league), 2)
        first = datetime.combine(forecaster.rows.first_date(league.code), datetime.min.time(), UTC)
        kickoff = first + timedelta(days=chance.randint(1, 12_000))
        odds = Odds(chance.uniform(1.2, 9.0), 3.4, 4.0) if chance.random() < 0.5 else None
        fixtures.append(Fixture(league, home, away, kickoff, odds))
    for answer in asyncio.run(service.answer_many(fixtures, "full")):
        said = msgspec.json.decode(answer.body, type=Prediction)
        triple = (said.home_win_prob, said.draw_prob, said.away_win_prob)
        assert min(triple) >= 0.0
        assert abs(sum(triple) - 1.0) < 1e-6
    msgspec.json.encode(service.card)


def fates(numbers: Sequence[int], seed: int, place: Path) -> Iterator[Fate]:
    """Examine these, in as many processes one after another as it takes; ``place`` is a copy of the shipped one."""
    left = list(numbers)
    while left:
        for fate in _in_a_process(left, seed, place):
            left.remove(fate.number)
            yield fate


def _in_a_process(numbers: Sequence[int], seed: int, place: Path) -> Iterator[Fate]:
    """The fates of these, until the process ends or hangs at one."""
    command = (sys.executable, "-m", "benchmarks.abuse.files", "--examine", str(place), "--seed", str(seed))
    with subprocess.Popen(
        command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(msgspec.json.encode(numbers))
        child.stdin.close()
        for number in list(numbers):
            speaks = _speaks(child.stdout, child.pid)
            line = child.stdout.readline() if speaks else b""
            if not line.endswith(b"\n"):
                child.kill()
                what = "crashed" if speaks else "hung"
                yield Fate(number, kind_of(number, seed), what, f"status {child.wait()}")
                return
            yield msgspec.json.decode(line, type=Fate)


def _speaks(said: IO[bytes], pid: int) -> bool:
    """Wait for a process to say something, or end; False where it works, or does nothing, for `HUNG` seconds before."""
    began = latest = cpu_seconds_of(pid)
    while not select.select([said], [], [], HUNG)[0]:
        before, latest = latest, cpu_seconds_of(pid)
        if latest <= before or latest > began + HUNG:
            return False
    return True


def _examine(seed: int, place: Path) -> None:
    """What the child does with the numbers on its standard input."""
    said = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for number in json.load(sys.stdin):
        said.write(msgspec.json.encode(examined(number, seed, place)) + b"\n")
        said.flush()


def retried(fate: Fate, seed: int, place: Path) -> str:
    """What the product's own trial says of a bundle that crashed a process."""
    craft(fate.number, seed).write(place)
    try:
        return f"let in as {try_bundle(place)[:12]}"
    except BundleError as error:
        return error.reason


@click.command()
@click.option("--count", default=3000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write all fates there."
)
@click.option("--examine", "child", type=click.Path(path_type=Path), hidden=True)
def main(count: int, seed: int, file: Path | None, child: Path | None) -> None:
    """Print what became of crafted bundles."""
    if child:
        _examine(seed, child)
        return
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory) / "bundle"
        shutil.copytree(SHIPPED, place)
        found = []
        for fate in fates(range(count), seed, place):
            found.append(fate)
            if fate.what not in {"refused", "loaded"}:
                click.echo(f"{fate.number} {fate.kind}: {fate.what} {fate.reason}", err=True)
        crashed = [fate for fate in found if fate.what == "crashed"]
        for fate in crashed[:RETRIED]:
            click.echo(f"{fate.number} in a trial: {retried(fate, seed, place)}")
    _print(found)
    if file:
        file.write_text(json.dumps(msgspec.to_builtins(found), indent=1))
    if any(fate.what in {"leaked", "hung"} or fate.seconds > SLOW for fate in found):
        raise SystemExit(1)


def _print(found: list[Fate]) -> None:
    kinds = sorted({fate.kind for fate in found})
    for kind in (*kinds, ""):
        counts = Counter(fate.what for fate in found if kind in ("", fate.kind))
        click.echo(f"{kind or 'all':<28} " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    slowest = max(found, key=lambda fate: fate.seconds)
    click.echo(
        f"slowest {slowest.seconds:.1f} s ({slowest.kind}), peak {max(fate.peak for fate in found):.0f} MB"
    )


if __name__ == "__main__":
    main()
