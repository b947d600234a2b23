"""What one process costs without HTTP or cache: the pass over all matches, a start, one answer, a batch.

    uv run python -m benchmarks.in_process --data DIR

Medians of several runs, in CPU time of one thread; the machine and its versions are printed beside them.
"""

import asyncio
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import click
import msgspec

from sabiscore.cache.none import NoCache
from sabiscore.data import catalogue
from sabiscore.data.parse import read_matches
from sabiscore.domain import Fixture
from sabiscore.features import Parameters, build_history
from sabiscore.forecaster import Forecaster
from sabiscore.service import PredictionService

BATCH = 256
KICKOFF = datetime(2025, 8, 30, 16, 30, tzinfo=UTC)


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--runs", default=5, show_default=True, type=click.IntRange(1))
def main(data: Path, runs: int) -> None:
    """Print a line for each question."""
    frame = read_matches(data, catalogue.load())
    forecaster = Forecaster.load()
    service = PredictionService(
        catalogue=catalogue.load(), forecaster=forecaster, cache=NoCache(), clock=lambda: KICKOFF
    )
    fixture = service.resolve(
        home_team="Arsenal", away_team="Chelsea", league="E0", kickoff_time=KICKOFF, odds=None
    )
    batch = [msgspec.structs.replace(fixture, kickoff=KICKOFF + timedelta(minutes=k)) for k in range(BATCH)]
    libraries = " ".join(f"{name} {version(name)}" for name in ("catboost", "numpy", "polars", "msgspec"))
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, {libraries}")
    _report("one pass over all matches", runs, 1, lambda: build_history(frame, Parameters()))
    _report("loading and verifying the bundle", runs, 1, Forecaster.load)
    _report("one answer", runs, 200, lambda: asyncio.run(_many(service, [fixture], 200)))
    _report(f"a batch of {BATCH}", runs, 1, lambda: asyncio.run(service.answer_many(batch)))


async def _many(service: PredictionService, fixtures: list[Fixture], times: int) -> None:
    for _ in range(times):
        await service.answer_many(fixtures)


def _report(what: str, runs: int, times: int, work: Callable[[], object]) -> None:
    spent = []
    for _ in range(runs + 1):
        begun = time.process_time()
        work()
        spent.append((time.process_time() - begun) / times)
    median = statistics.median(spent[1:])
    print(f"{what:36s} {1000 * median:10.3f} ms")


if __name__ == "__main__":
    main()
