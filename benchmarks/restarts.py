"""How many requests are lost where services, workers or a worker's life end under load.

    uv run python -m benchmarks.restarts [--only NAME]... [--requests N] [--rate R] [--markdown]

Real services, and a real HAProxy (Debian: `haproxy`) with the shipped configuration before two of them. Clients keep
their connections, heed `Connection: close`, and ask for nothing twice. Exits with 1 where a request was lost that must
not be. Of a killed worker each client may lose the request on its connection and, where workers die again and again and
one is not replaced at once, the next, if it connects to the same place before that is closed; not behind a proxy.
"""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np
from msgspec import Struct
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.faults.load import Load, fixtures
from benchmarks.process import free_port
from benchmarks.proxy import Proxy, proxied
from benchmarks.serving import Service, serving, started

CONNECTIONS = 16
DELAY = 2.0
"""SABISCORE_DRAIN_DELAY of services behind the proxy, in seconds."""

WITHIN = 120.0
REST = 0.5
"""Seconds between one end and the next."""

GOOD = 200
LISTENS = "0A"
"""A socket's state in /proc/net/tcp."""


class Plan(Struct, frozen=True):
    """How many requests at least, and how many a second."""

    requests: int = 100_000
    rate: float = 800.0


class Row(Struct, frozen=True):
    """What became of a scene's requests; how often what it is about happened; milliseconds.

    ``lost`` has how often each status came in place of an answer, 0 where none came.
    """

    scene: str
    requests: int
    events: int
    lost: Mapping[int, int]
    p99: float
    slowest: float
    allowed: int

    @property
    def short(self) -> bool:
        """Whether more were lost than may be, or nothing happened."""
        return sum(self.lost.values()) > self.allowed or not self.events

    def told(self) -> str:
        """How many were lost, and what those who asked met."""
        met = ", ".join(f"{count:,} by {status or 'silence'}" for status, count in self.lost.items())
        return met or "0"


class Scene(Struct, frozen=True):
    """``again`` has something end and come back, under load; each time so many requests may be lost."""

    name: str
    run: Callable[["Scene", Plan], Coroutine[Any, Any, Row]]
    again: Callable[[Service], Awaitable[None]] | None = None
    may_lose: int = 0


async def rolling(scene: Scene, plan: Plan) -> Row:
    """Two services behind the proxy, each ended by SIGTERM and started again, in turn."""
    ports = [free_port(), free_port()]
    async with AsyncExitStack() as stack:
        services = [await _service(stack, port) for port in ports]
        proxy = await stack.enter_async_context(_proxy(ports))
        load, events = Load(proxy.port, fixtures(100), rate=plan.rate, connections=CONNECTIONS), 0
        async with load.running():
            while len(load.samples) < plan.requests:
                place = events % 2
                await services[place].aclose()
                services[place] = await _service(stack, ports[place])
                await proxy.wait_until_up(2)
                events += 1
    return _row(scene, load, events)


async def direct(scene: Scene, plan: Plan) -> Row:
    """Two workers of one service, and no proxy."""
    async with serving(started(workers=2)) as service:
        return await _again_and_again(scene, plan, service, service.port)


async def behind(scene: Scene, plan: Plan) -> Row:
    """Two services behind the proxy, of which one is hit."""
    async with (
        serving(started(workers=2)) as service,
        serving(started()) as other,
        _proxy([service.port, other.port]) as proxy,
    ):
        return await _again_and_again(scene, plan, service, proxy.port)


async def _again_and_again(scene: Scene, plan: Plan, service: Service, port: int) -> Row:
    assert scene.again
    load, events = Load(port, fixtures(100), rate=plan.rate, connections=CONNECTIONS), 0
    async with load.running():
        while len(load.samples) < plan.requests:
            await asyncio.sleep(REST)
            await scene.again(service)
            events += 1
    return _row(scene, load, events)


async def reload(service: Service) -> None:
    """SIGHUP, until all workers are others."""
    before = set(service.workers())
    os.kill(service.pid, signal.SIGHUP)
    await _until(lambda: not before & set(service.workers()) and len(service.workers()) == service.wanted)


async def kill(service: Service) -> None:
    """The oldest worker is killed, until there is another, and nobody would be refused without the others."""
    victim = service.workers()[0]
    os.kill(victim, signal.SIGKILL)
    await _until(lambda: victim not in service.workers() and len(service.workers()) == service.wanted)
    await _until(lambda: listening(service.port) == service.wanted)


def listening(port: int) -> int:
    """How many sockets of this machine listen there."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(
        state == LISTENS and int(local.rpartition(":")[2], 16) == port for _, local, _, state, *_ in rows
    )


async def _service(stack: AsyncExitStack, port: int) -> AsyncExitStack:
    """A service that ends when what is returned is closed."""
    own = await stack.enter_async_context(AsyncExitStack())
    chosen = {"drain_delay": str(DELAY)}
    await own.enter_async_context(serving(started("--port", str(port), settings=chosen)))
    return own


@asynccontextmanager
async def _proxy(ports: Sequence[int]) -> AsyncIterator[Proxy]:
    """One that takes all from one address."""
    async with proxied(ports, requests="1000000") as proxy:
        yield proxy


async def _until(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not happens():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {WITHIN:g} s")
        await asyncio.sleep(0.02)


def _row(scene: Scene, load: Load, events: int) -> Row:
    took = 1e3 * np.array([sample.seconds for sample in load.samples])
    return Row(
        scene=scene.name,
        requests=len(took),
        events=events,
        lost=Counter(sample.status for sample in load.samples if sample.status != GOOD),
        p99=float(np.percentile(took, 99)),
        slowest=float(took.max()),
        allowed=scene.may_lose * events,
    )


SCENES = (
    Scene("rolling restart behind the proxy", rolling),
    Scene("SIGHUP", direct, reload),
    Scene("worker kill -9 behind the proxy", behind, kill),
    Scene("worker kill -9", direct, kill, may_lose=2 * CONNECTIONS),
)


@click.command()
@click.option("--only", multiple=True, type=click.Choice([scene.name for scene in SCENES]))
@click.option("--requests", default=Plan().requests, show_default=True, help="In each scene, at least.")
@click.option("--rate", default=Plan().rate, show_default=True, help="Requests a second.")
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
def main(only: tuple[str, ...], requests: int, rate: float, *, markdown: bool) -> None:
    """Print the table of lost requests."""
    scenes = [scene for scene in SCENES if not only or scene.name in only]
    rows: list[Row] = [asyncio.run(scene.run(scene, Plan(requests, rate))) for scene in scenes]
    table = Table(box=box.MARKDOWN if markdown else box.SIMPLE)
    table.add_column("what ends", no_wrap=True)
    for column in ("times", "requests", "lost", "may be", "p99 ms", "max ms"):
        table.add_column(column, justify="right")
    for row in rows:
        counts = [f"{row.events:,}", f"{row.requests:,}", row.told(), f"{row.allowed:,}"]
        table.add_row(row.scene, *counts, f"{row.p99:.0f}", f"{row.slowest:.0f}")
    Console(width=120).print(table)
    sys.exit(any(row.short for row in rows))


if __name__ == "__main__":
    main()
