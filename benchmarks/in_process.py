"""What one process costs without HTTP or cache, beside 0.1: answers, by how many at once; and ours to load and update.

    uv run python -m benchmarks.in_process [--data DIR] [--runs 5]

CPU time of one process, medians of runs in which ours and 0.1 take turns; with season files in DIR also the pass over
all matches. The machine and its versions are printed beside them.
"""

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec
import polars as pl

from benchmarks import fixtures
from benchmarks.command import machine
from benchmarks.contenders import BEFORE, BY_NAME, OURS, ROOT, Contender
from benchmarks.environments import prepare, versions
from benchmarks.fixtures import Asked
from benchmarks.process import plain_environment
from benchmarks.workloads import LEAGUES
from sabiscore.bulk.score import score
from sabiscore.cache.keys import fixture_key
from sabiscore.data import catalogue
from sabiscore.data.parse import read_matches
from sabiscore.domain import Fixture
from sabiscore.features import Parameters, build_history
from sabiscore.forecaster import Forecaster
from sabiscore.service import PredictionService

AT_ONCE = (1, 8, 16, 32, 64, 256)
FIXTURES = max(AT_ONCE)
ROWS_OF_EACH = 128
SCRIPT = Path(__file__).with_name("answering.py")

Answering = Callable[[int], float]
"""Seconds of CPU a fixture, by how many are asked at once."""


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--runs", default=5, show_default=True, type=click.IntRange(1))
def main(data: Path | None, runs: int) -> None:
    """Print a line for each question."""
    sides = [BY_NAME[OURS], BY_NAME[BEFORE]]
    prepare(sides[1])
    print(", ".join(f"{name} {value}" for name, value in (machine() | versions(sides)).items()))
    print(f"{'CPU, ms':36s} {'ours':>10s} {BEFORE:>10s} {'ratio':>7s}")
    for what, times, work in _of_ours(data):
        spent = statistics.median([_spent(work) for _ in range(runs + 1)][1:])
        print(f"{what:36s} {1000 * spent / times:10.4f}")
    asked = list(islice(fixtures.coming(fixtures.pairs(LEAGUES), fixtures.midnight()), FIXTURES))
    with ExitStack() as stack:
        answering = [stack.enter_context(_answering(side, asked)) for side in sides]
        for size in AT_ONCE:
            ours, theirs = in_turn(answering, size, runs)
            what = f"an answer, {size} at once"
            print(f"{what:36s} {1000 * ours:10.4f} {1000 * theirs:10.4f} {ours / theirs:6.2f}x")


def in_turn(answering: Sequence[Answering], at_once: int, runs: int) -> list[float]:
    """The median of each, one run of all after another; the first counts for nothing."""
    rounds = [[ask(at_once) for ask in answering] for _ in range(runs + 1)]
    return [statistics.median(each) for each in zip(*rounds[1:], strict=True)]


@contextmanager
def _answering(side: Contender, asked: Sequence[Asked]) -> Iterator[Answering]:
    """A process that answers these fixtures with what a contender's environment has."""
    process = subprocess.Popen(
        [side.directory / "bin" / "python", SCRIPT],
        cwd=ROOT,
        env=plain_environment() | {"PYTHONSAFEPATH": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        given, said = process.stdin, process.stdout
        assert given is not None
        assert said is not None
        print(msgspec.json.encode(asked).decode(), file=given, flush=True)

        def ask(at_once: int) -> float:
            print(at_once, file=given, flush=True)
            return float(said.readline()) / len(asked)

        yield ask


def _of_ours(data: Path | None) -> Iterator[tuple[str, int, Callable[[], object]]]:
    """Questions about ours alone: what, of how many, and the work."""
    service = PredictionService.load()
    start, known = fixtures.midnight(), fixtures.pairs(LEAGUES)[:FIXTURES]

    def resolve() -> list[Fixture]:
        return [
            service.resolve(**msgspec.structs.asdict(pair), kickoff_time=start, odds=None) for pair in known
        ]

    found = resolve()
    if data is not None:
        frame = read_matches(data, catalogue.load())
        yield "one pass over all matches", 1, lambda: build_history(frame, Parameters())
    yield "loading and verifying the bundle", 1, Forecaster.load
    yield "resolving a fixture", FIXTURES, resolve
    yield "its key", FIXTURES, lambda: [fixture_key(service.version, one) for one in found]
    with TemporaryDirectory() as directory:
        given, out = (Path(directory) / name for name in ("fixtures.csv", "predictions.parquet"))
        rows = [(start.date(), one.league.name, one.home.name, one.away.name) for one in found]
        pl.DataFrame(rows * ROWS_OF_EACH, ["date", "league", "home", "away"], orient="row").write_csv(given)
        forecaster = Forecaster.load()
        yield (
            "a row of a file of fixtures",
            len(rows) * ROWS_OF_EACH,
            lambda: score(given, out, forecaster, lambda *_: None),
        )


def _spent(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


if __name__ == "__main__":
    main()
