"""Tables: in the terminal, and in Markdown."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from rich.console import Console
from rich.table import Table as RichTable

from benchmarks import contenders, workloads
from benchmarks.contenders import ARTICLE, BEFORE, LOOKUP
from benchmarks.results import Measure, Run
from benchmarks.targets import MEGABYTE, judged, ratio

HERE = Path(__file__).parent
RESULTS, CHART, NOTES = HERE / "RESULTS.md", HERE / "results.svg", HERE / "NOTES.md"

COMMAND = "uv run --group bench python -m benchmarks"

MEANINGS = """\
Each contender runs alone, all its processes on one core (unless its row says both), and is driven from the other core,
where the Valkey that ours and the article's design use runs too. Rounds alternate: every contender once, then all
again; figures are medians of the rounds. Each measurement follows a second of warm-up, and everybody's code is compiled
to bytecode before. `wrk -t1 -c16` (`-c4` for batches) drives as fast as answers come. An answer that is not 2xx, a
broken connection or a late answer voids the run, and up to 20 times a second an answer is asked for and looked at: its
status, its fields, the sum of its probabilities.

What is new is a pair of clubs on a day that nobody has asked about, in no workload before: of the five leagues that
0.1 knew too, on the coming 350 days, each a day later than the one before it.

CPU is user and system time of all processes of a contender, a request. Memory is what all of them have resident, pages
that they share counted once; private is what one worker alone has. Driver is how much of its core was in use, by
whomever: near 100 % it is the driver, the Valkey or a stranger that is measured. Hits are fixtures answered without the
model, by the contender's own counters. Latencies are milliseconds.

The paced workloads ask at fixed times, evenly spaced, and whatever has been answered (`benchmarks/open_loop.py`):
latencies count from when a request was due. Who cannot do `hot get` is compared by `hot`. Start is from the command to
the first 200 of readiness."""


COMPARED = (ARTICLE, LOOKUP, BEFORE)


class Table(Struct, frozen=True):
    """A title, a header and rows of text."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


HEADER = (
    "contender",
    "requests/s",
    "p50",
    "p95",
    "p99",
    "CPU, us",
    "memory, MB",
    "private, MB",
    "to the article's",
    "to the RSGI floor",
    "to 0.1's",
    "hits",
    "driver",
    "cores",
)


def tables(run: Run) -> Iterator[Table]:
    """One for each workload."""
    for name in run.workloads():
        workload = workloads.BY_NAME[name]
        rows = [_row(run, contender, name) for contender in run.contenders(name)]
        rows += [
            _missing(each.contender) for each in run.missing if name in _contender(each.contender).workloads
        ]
        yield Table(f"{name}: {workload.title}", HEADER, rows)


def _row(run: Run, contender: str, workload: str) -> list[str]:
    found = run.of(contender, workload)
    if found is None:
        return _missing(contender)
    paced = workloads.BY_NAME[workload].rate
    compared = [ratio(found, run.beside(rival, workload)) for rival in COMPARED]
    return [
        contender,
        _rate(found),
        *(f"{each:.2f}" for each in (found.p50, found.p95, found.p99)),
        f"{found.cpu:.0f}",
        f"{found.memory / MEGABYTE:.0f}",
        f"{found.private / MEGABYTE:.0f}",
        *([""] * len(COMPARED) if paced else compared),
        "" if found.hit_rate is None else f"{found.hit_rate:.1%}",
        f"{found.driver_busy:.0%}",
        _cores(_contender(contender)),
    ]


def _cores(contender: contenders.Contender) -> str:
    return "both" if contender.both_cores else "one"


def _rate(found: Measure) -> str:
    batch = workloads.BY_NAME[found.workload].batch
    if not batch:
        return f"{found.rate:,.0f}"
    return f"{found.rate:,.1f} ({batch * found.rate:,.0f} fixtures/s)"


def _missing(contender: str) -> list[str]:
    return [contender, "missing", *[""] * (len(HEADER) - 2)]


def _contender(name: str) -> contenders.Contender:
    return contenders.BY_NAME[name]


def starts(run: Run) -> Table:
    """How long each took to be ready."""
    found = [(each, run.start_seconds(each.name)) for each in contenders.ALL]
    rows = [(each.name, f"{seconds:.2f}", _cores(each)) for each, seconds in found if seconds is not None]
    return Table("Start", ("contender", "seconds until it is ready", "cores"), rows)


def targets(run: Run) -> Table:
    """Each target beside what was found."""
    header = ("workload", "figure of ours", "wanted", "found", "")
    rows = [(each.workload, each.what, each.wanted, each.found, each.verdict) for each in judged(run)]
    return Table("Targets", header, rows)


def show(run: Run, console: Console) -> None:
    """Print all tables, and who is missing."""
    for table in (*tables(run), starts(run), targets(run)):
        shown = RichTable(title=table.title, title_justify="left")
        for number, name in enumerate(table.header):
            right = number and table.header is HEADER
            shown.add_column(name, justify="right" if right else "left", no_wrap=not number)
        for row in table.rows:
            shown.add_row(*(cell.replace("**", "") for cell in row))
        console.print(shown)
    for each in run.missing:
        console.print(f"missing: {each.contender}: {each.reason}", markup=False)


def markdown(run: Run, notes: str) -> str:
    """The text of RESULTS.md; ``notes`` are put in as they are."""
    parts = [
        "# What the benchmark found",
        f"Written by `{COMMAND}` on {run.date}: {run.rounds} rounds, {run.seconds:g} seconds a measurement.",
        "\n".join(f"- {name}: {value}" for name, value in run.machine.items()),
        ", ".join(f"{name} {version}" for name, version in run.versions.items()) + ".",
        "## Targets",
        _markdown(targets(run)),
        f"![Requests a second of every contender]({CHART.name})",
        notes.strip(),
        "## How it is measured",
        MEANINGS,
        "\n".join(f"- **{each.name}**: {each.what}" for each in contenders.ALL),
    ]
    if run.missing:
        parts += ["## Missing", "\n".join(f"- {each.contender}: {each.reason}" for each in run.missing)]
    for table in (*tables(run), starts(run)):
        parts += [f"## {table.title}", _markdown(table)]
    return "\n\n".join(parts) + "\n"


def _markdown(table: Table) -> str:
    aligned = "--:" if table.header is HEADER else ":--"
    lines = [table.header, [":--", *[aligned] * (len(table.header) - 1)], *table.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
