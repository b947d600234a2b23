"""Rounds: each contender alone on its core, in turn, through its workloads."""

import re
import statistics
import time
from collections.abc import Callable, Sequence

import valkey
from msgspec import Struct

from benchmarks import drive
from benchmarks.check import looking
from benchmarks.contenders import ROOT, Contender
from benchmarks.drive import Driven, VoidError
from benchmarks.process import DRIVER_CORE, Server, core_ticks, running
from benchmarks.results import Measure, Start
from benchmarks.workloads import Requests

WARM_UP = 1.0
SETTLE = 0.1
"""Seconds; a server ends in the second what the warm-up left behind."""


class Settings(Struct, frozen=True):
    """Of a round: its number, ``seconds`` of each measurement, the port of everybody's Valkey, whom to tell."""

    round: int
    seconds: float
    valkey_port: int
    say: Callable[[str], None]

    @property
    def environment(self) -> dict[str, str]:
        """Where contenders find the Valkey, under the names that they know."""
        place = f"127.0.0.1:{self.valkey_port}"
        return {"SABISCORE_VALKEY_URL": f"valkey://{place}", "VALKEY_URL": f"redis://{place}"}


def play(
    contender: Contender, requests: Sequence[Requests], settings: Settings
) -> tuple[Start, list[Measure]]:
    """One round of one contender, on an empty cache.

    Raises:
        VoidError: an answer was not what it must be.
        StartError: it did not start.
    """
    with valkey.Valkey(port=settings.valkey_port) as cache:
        cache.flushall()
    started = running(
        contender.full_command,
        environment=settings.environment | contender.environment,
        cores=contender.cores,
        ready=contender.ready,
        directory=ROOT,
    )
    measures: list[Measure] = []
    with started as server:
        if contender.worker_ready:
            server.wait_until_logged(contender.worker_ready, contender.workers)
        for each in requests:
            workload = each.workload
            settings.say(f"round {settings.round}, {contender.name}: {workload.name}")
            try:
                measures.append(_measured(server, contender, each, settings))
            except VoidError as error:
                raise VoidError(f"{contender.name}, {workload.name}: {error}") from error
        return Start(contender.name, settings.round, server.start_seconds), measures


def _measured(server: Server, contender: Contender, requests: Requests, settings: Settings) -> Measure:
    workload = requests.workload
    warm = _drive(server.url, requests, seconds=WARM_UP, first=0)
    time.sleep(SETTLE)
    misses, cpu, core = _misses(server, contender), server.cpu_seconds(), core_ticks(DRIVER_CORE)
    with looking(workload, server.port, requests.probes) as looks:
        driven = _drive(server.url, requests, seconds=settings.seconds, first=warm.sent)
    answered = driven.requests + looks.count
    spent, busy = server.cpu_seconds() - cpu, _busy(core, core_ticks(DRIVER_CORE))
    memory = server.memory()
    missed = (_misses(server, contender) - misses) / (answered * workload.fixtures_per_request)
    return Measure(
        contender=contender.name,
        workload=workload.name,
        round=settings.round,
        requests=driven.requests,
        rate=driven.requests / driven.seconds,
        p50=driven.p50,
        p95=driven.p95,
        p99=driven.p99,
        cpu=1e6 * spent / answered,
        memory=memory.tree,
        private=round(statistics.mean(memory.private[: contender.workers])),
        driver_busy=busy,
        looked_at=looks.count,
        hit_rate=max(0.0, 1.0 - missed) if contender.misses else None,
    )


def _drive(url: str, requests: Requests, *, seconds: float, first: int) -> Driven:
    workload, lines = requests.workload, requests.path
    where, connections = url + workload.path, workload.connections
    if workload.rate:
        return drive.paced(
            where, lines, first=first, rate=workload.rate, seconds=seconds, connections=connections
        )
    return drive.wrk(
        where,
        lines,
        first=first,
        repeats=workload.repeats,
        seconds=seconds,
        connections=connections,
        lines_are="QUERY" if workload.by_get else "BODY",
    )


def _misses(server: Server, contender: Contender) -> float:
    """Fixtures that its model has predicted so far, if it counts them."""
    if not contender.misses:
        return 0.0
    _, text = server.get("/metrics")
    found = re.findall(rf"^{contender.misses}(?:\{{.*\}})? (\S+)", text.decode(), re.MULTILINE)
    return sum(map(float, found))


def _busy(before: tuple[int, int], after: tuple[int, int]) -> float:
    return (after[0] - before[0]) / (after[1] - before[1])
