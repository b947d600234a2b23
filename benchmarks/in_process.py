"""What one process costs without HTTP or cache: the pass over all matches, a start, and answers, by how many at once.

    uv run python -m benchmarks.in_process --data DIR

Medians of several runs, in CPU time of one thread; the machine and its versions are printed beside them.
"""

import asyncio
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import click
import polars as pl

from sabiscore.cache.keys import fixture_key
from sabiscore.clock import Clock
from sabiscore.data import catalogue
from sabiscore.data.parse import read_matches
from sabiscore.domain import Fixture
from sabiscore.features import Parameters, build_history
from sabiscore.forecaster import Forecaster
from sabiscore.service import PredictionService

AT_ONCE = (1, 16, 32, 64, 256)
FIXTURES = max(AT_ONCE)
KICKOFF = datetime(2025, 8, 30, 16, 30, tzinfo=UTC)


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--runs", default=5, show_default=True, type=click.IntRange(1))
def main(data: Path, runs: int) -> None:
    """Print a line for each question."""
    frame = read_matches(data, catalogue.load())
    service = PredictionService(Forecaster.load(), clock=Clock(unix=KICKOFF.timestamp))
    fixtures = _fixtures(service, frame)
    libraries = " ".join(f"{name} {version(name)}" for name in ("catboost", "numpy", "polars", "msgspec"))
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, {libraries}")
    _report("one pass over all matches", runs, 1, lambda: build_history(frame, Parameters()))
    _report("loading and verifying the bundle", runs, 1, Forecaster.load)
    _report("resolving a fixture", runs, FIXTURES, lambda: _fixtures(service, frame))
    _report("its key", runs, FIXTURES, lambda: [fixture_key(service.version, one) for one in fixtures])
    for size in AT_ONCE:
        _report(f"an answer, {size} at once", runs, FIXTURES, partial(_answer, service, fixtures, size))


def _fixtures(service: PredictionService, frame: pl.DataFrame) -> list[Fixture]:
    """The last matches again, on another day."""
    return [
        service.resolve(home_team=home, away_team=away, league=league, kickoff_time=KICKOFF, odds=None)
        for league, home, away in frame.tail(FIXTURES).select("league", "home", "away").rows()
    ]


def _answer(service: PredictionService, fixtures: list[Fixture], size: int) -> None:
    async def answer() -> None:
        for start in range(0, len(fixtures), size):
            await service.answer_many(fixtures[start : start + size])

    asyncio.run(answer())


def _report(what: str, runs: int, times: int, work: Callable[[], object]) -> None:
    """Print the median of what one of so many ``times`` costs."""
    spent = []
    for _ in range(runs + 1):
        begun = time.process_time()
        work()
        spent.append((time.process_time() - begun) / times)
    print(f"{what:36s} {1000 * statistics.median(spent[1:]):12.4f} ms")


if __name__ == "__main__":
    main()
