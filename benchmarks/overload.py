"""What a worker still does when more is asked of it than it can do.

    uv run --group bench python -m benchmarks.overload [--seconds 8] [--times 3] [--proxy] [--markdown]

One worker on one core, asked from another for fixtures that nobody asked for before, one by one and in batches: as much
as it can do (a closed loop), half of that and ``times`` that (open loops, which do not wait for answers). Exits with 1
where under overload less than nine tenths of the best is answered, or the 99th percentile of what is answered is over
five times the ordinary one, that at half the load. With ``--proxy`` all goes through a real HAProxy with the shipped
configuration, on the core of those who ask.
"""

import asyncio
import itertools
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from functools import partial
from typing import cast

import click
import numpy as np
import uvloop
from msgspec import Struct
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.abuse.raw import BATCH, PREDICT, batch, bodies, request
from benchmarks.process import DRIVER_CORE, SERVER_CORE, this_process_on
from benchmarks.proxy import proxied
from benchmarks.serving import serving, started

LEAST_GOODPUT = 0.9
MOST_SLOWER = 5.0
CONNECTIONS = 512
HALF = 0.5
WITHOUT_END = str(10**9)
"""Requests of one address, as there is but one."""

GOOD, REFUSED = 200, 503
END_OF_HEAD = b"\r\n\r\n"


class Workload(Struct, frozen=True):
    """So many new fixtures a request; as many clients in the closed loop as keep the worker busy."""

    name: str
    fixtures: int
    clients: int


WORKLOADS = (Workload("one by one", 1, 48), Workload("batches of 64", 64, 6))


class Found(Struct, frozen=True):
    """What was answered, in requests and milliseconds, and with what it was refused."""

    rate: float
    good: float
    p99: float
    statuses: dict[int, int]


class Client(asyncio.Protocol):
    """A connection with one request under way at most."""

    def __init__(self, driver: "Driver") -> None:
        self._driver = driver
        self._received = b""
        self._length = -1
        self._transport: asyncio.Transport | None = None
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is free."""
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, said: bytes, due: float) -> None:
        """Ask, what was due then."""
        assert self._transport
        self._sent, self._received, self._length = due, b"", -1
        self._transport.write(said)

    def data_received(self, data: bytes) -> None:
        """Tell the driver of a whole answer."""
        self._received += data
        if self._length < 0 and (end := self._received.find(END_OF_HEAD)) >= 0:
            head = self._received[:end].lower()
            self._length = end + 4 + int(head.partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
        if len(self._received) == self._length:
            self._driver.answered(self, int(self._received[9:12]), time.perf_counter() - self._sent)

    def connection_lost(self, _: Exception | None) -> None:
        """The service closes what asked nothing for some seconds."""
        self._driver.lost(self)

    def close(self) -> None:
        """End it."""
        if self._transport:
            self._transport.abort()


class Driver:
    """Asks over connections of its own, and remembers how long good answers took."""

    def __init__(self, port: int, requests: Iterator[bytes], until: float, *, closed: bool) -> None:
        self.free: deque[Client] = deque()
        self.statuses: Counter[int] = Counter()
        self.took: list[float] = []
        self.asked = 0
        self._port = port
        self._requests = requests
        self._until = until
        self._closed = closed
        self._opening: set[asyncio.Task[Client]] = set()

    async def open(self) -> Client:
        """A connection."""
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(partial(Client, self), "127.0.0.1", self._port))[1]

    def lost(self, client: Client) -> None:
        """One that was free is opened again, as clients do."""
        if client in self.free and time.perf_counter() < self._until:
            self.free.remove(client)
            task = asyncio.ensure_future(self.open())
            self._opening.add(task)
            task.add_done_callback(self._opened)

    def _opened(self, task: "asyncio.Task[Client]") -> None:
        self._opening.discard(task)
        if not task.cancelled() and task.exception() is None:
            self.free.append(task.result())

    def ask(self, client: Client, due: float) -> None:
        """The next request."""
        self.asked += 1
        client.ask(next(self._requests), due)

    def answered(self, client: Client, status: int, seconds: float) -> None:
        """An answer came; in a closed loop the client asks again."""
        self.statuses[status] += 1
        if status == GOOD:
            self.took.append(seconds)
        now = time.perf_counter()
        if self._closed and now < self._until:
            self.ask(client, now)
        else:
            self.free.append(client)


async def drive(
    port: int, requests: Iterator[bytes], seconds: float, *, clients: int = 0, rate: float = 0.0
) -> Found:
    """Ask for so long, from so many ``clients`` or so many a second."""
    began = time.perf_counter()
    driver = Driver(port, requests, began + seconds, closed=bool(clients))
    connections = [await driver.open() for _ in range(clients or CONNECTIONS)]
    began = time.perf_counter()
    driver._until = began + seconds  # noqa: SLF001 - connecting took its time
    if clients:
        for client in connections:
            driver.ask(client, began)
        await asyncio.sleep(seconds)
    else:
        driver.free.extend(connections)
        await _pace(driver, began, seconds, rate)
    elapsed, good = time.perf_counter() - began, driver.statuses[GOOD]
    await asyncio.sleep(0.5)
    for client in (*connections, *driver.free):
        client.close()
    p99 = 1e3 * float(np.percentile(driver.took, 99)) if driver.took else float("inf")
    return Found(driver.asked / elapsed, good / elapsed, p99, dict(driver.statuses))


async def _pace(driver: Driver, began: float, seconds: float, rate: float) -> None:
    """A request that finds no free connection is not asked later: it is gone, as a client that gives up."""
    due = 0
    while (now := time.perf_counter()) < began + seconds:
        while began + due / rate <= now:
            if driver.free:
                driver.ask(driver.free.popleft(), began + due / rate)
            due += 1
        await asyncio.sleep(max(0.0, began + due / rate - time.perf_counter()))


def requests_of(workload: Workload) -> Iterator[bytes]:
    """Requests for new fixtures, without end."""
    asked = bodies()
    if workload.fixtures == 1:
        return (request(PREDICT, body) for body in asked)
    return (
        request(BATCH, batch(list(itertools.islice(asked, workload.fixtures)))) for _ in itertools.count()
    )


async def measure(port: int, workload: Workload, seconds: float, times: float) -> tuple[Found, ...]:
    """The best, the ordinary and the overload."""
    requests = requests_of(workload)
    await drive(port, requests, 1.0, clients=workload.clients)
    best = await drive(port, requests, seconds, clients=workload.clients)
    ordinary = await drive(port, requests, seconds, rate=HALF * best.good)
    wanted = int(times * best.good * (seconds + 1))
    ready = iter(list(itertools.islice(requests, wanted)))
    overload = await drive(port, ready, seconds, rate=times * best.good)
    return best, ordinary, overload


def shortfalls(best: Found, ordinary: Found, overload: Found) -> list[str]:
    """What is not as it must be."""
    share, slower = overload.good / best.good, overload.p99 / ordinary.p99
    held = {
        f"answered {share:.0%} of the best": share >= LEAST_GOODPUT,
        f"p99 is {slower:.1f} times the ordinary": slower <= MOST_SLOWER,
        f"statuses {overload.statuses}": overload.statuses.keys() <= {GOOD, REFUSED},
    }
    return [what for what, so in held.items() if not so]


@click.command()
@click.option("--seconds", default=8.0, show_default=True, help="Of each measurement.")
@click.option("--times", default=3.0, show_default=True, help="The overload, in terms of the best.")
@click.option("--only", type=click.Choice([each.name for each in WORKLOADS]), help="One of them.")
@click.option("--proxy", is_flag=True, help="Ask through HAProxy with deploy/haproxy.cfg.")
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
def main(seconds: float, times: float, only: str | None, *, proxy: bool, markdown: bool) -> None:
    """Print what was asked, answered and refused."""
    table = Table(box=box.MARKDOWN if markdown else box.SIMPLE)
    table.add_column("asked", no_wrap=True)
    for column in ("load", "asked/s", "answered/s", "of the best", "p99 ms", "refused"):
        table.add_column(column, justify="right")
    short = []
    with this_process_on(DRIVER_CORE):
        for workload in WORKLOADS:
            if only in {None, workload.name}:
                rows = uvloop.run(_of(workload, seconds, times, proxy=proxy))
                for load, row in zip(("best", "half", f"{times:g} x"), rows, strict=True):
                    share = f"{row.good / rows[0].good:.0%}"
                    figures = [f"{row.rate:,.0f}", f"{row.good:,.0f}", share, f"{row.p99:.1f}"]
                    table.add_row(workload.name, load, *figures, f"{row.statuses.get(REFUSED, 0):,}")
                short += [f"{workload.name}: {each}" for each in shortfalls(*rows)]
    Console(width=110).print(table)
    for each in short:
        click.echo(each, err=True)
    sys.exit(bool(short))


async def _of(workload: Workload, seconds: float, times: float, *, proxy: bool) -> tuple[Found, ...]:
    pinned = ("taskset", "--cpu-list", str(SERVER_CORE))
    async with serving(started(prefix=pinned)) as target:
        if not proxy:
            return await measure(target.port, workload, seconds, times)
        async with proxied([target.port], connections=str(2 * CONNECTIONS), requests=WITHOUT_END) as front:
            return await measure(front.port, workload, seconds, times)


if __name__ == "__main__":
    main()
