"""One fault while requests run, and what those who ask notice of it."""

import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Container
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, NamedTuple

import numpy as np
from msgspec import Struct

from benchmarks.faults import faults, scenes
from benchmarks.faults.faults import Fault
from benchmarks.faults.load import Load, Sample, fixtures
from benchmarks.faults.lookups import Meter
from benchmarks.faults.scenes import Scene, Victim

P99_WITHIN = 100.0
"""Milliseconds."""

BACK_WITHIN = 5.0
"""Seconds from the end of a fault until answers are found again."""

CONNECTIONS = 16
"""Most that a worker may have to one Valkey."""

NEARLY = 0.95
"""The share of the hit rate before that counts as back."""

GIVEN_UP = 20.0
"""Seconds after which a hit rate is not waited for any more."""


class Plan(Struct, frozen=True):
    """How requests run: fixtures in turn at ``rate`` a second; faults last ``held`` seconds, calm ``calm``."""

    rate: float = 300.0
    fixtures: int = 100
    connections: int = 16
    held: float = 5.0
    calm: float = 2.0


class Row(Struct, frozen=True):
    """What one fault did; "down" lasts from its beginning until the hit rate is back.

    ``failed`` are answers other than 2xx by status, "0" for none at all; ``changed`` those that differ from
    the first to the same request. ``p99`` and ``slowest`` are milliseconds while down, ``recovery`` seconds
    from the fault's end until the hit rate is back, None if it never was. Hit rates ``before``, ``during``
    and ``after`` are shares, the second one of ``lookups``. ``connections`` are those of the service to the
    Valkey that has most, afterwards.
    """

    fault: str
    requests: int
    failed: dict[str, int]
    changed: int
    p99: float
    slowest: float
    recovery: float | None
    before: float
    during: float
    lookups: int
    after: float
    connections: int

    def shortfalls(self, *, timed: bool = True) -> list[str]:
        """What is not as it must be; how soon answers came and were found again only if ``timed``.

        Where it is not, they have to be found again at some time: a busy machine takes many a look-up for late.
        """
        recovery = math.inf if self.recovery is None else self.recovery
        held = {
            f"answers other than 2xx: {self.failed}": not self.failed,
            f"{self.changed} answers changed": self.changed == 0,
            f"p99 {self.p99:.0f} ms": self.p99 < P99_WITHIN or not timed,
            f"recovery {recovery:.1f} s": recovery < (BACK_WITHIN if timed else math.inf),
            f"hit rate {self.after:.2f} after {self.before:.2f}": self.after >= NEARLY * self.before
            or not timed,
            f"{self.connections} connections": self.connections <= CONNECTIONS,
        }
        return [what for what, so in held.items() if not so]


class Setup(NamedTuple, Generic[Victim]):
    """A scene, and what happens there, one after the other, to the same service."""

    scene: Callable[[], AbstractAsyncContextManager[Scene[Victim]]]
    faults: dict[str, Fault[Victim]]


SETUPS: dict[str, Setup[Any]] = {
    "alone": Setup(
        scenes.alone,
        {
            "kill -9": faults.killed,
            "restart": faults.restarted,
            "SIGSTOP": faults.frozen,
            "wrong password": faults.locked_out,
            "lists under our keys": faults.wrong_type,
            "1 MB of noise under our keys": faults.garbage,
            "FLUSHALL, ten times a second": faults.flushed,
            "out of memory, noeviction": faults.full,
        },
    ),
    "proxy": Setup(
        scenes.behind_a_proxy,
        {
            "accepts, never answers": faults.mute,
            "answers 200 ms late": faults.late,
            "cuts each reply": faults.cut,
            "10,000 clients hang up": faults.hang_ups,
        },
    ),
    "cluster": Setup(scenes.in_a_cluster, {"one cluster node of three killed": faults.node_killed}),
    "sentinels": Setup(scenes.under_sentinels, {"master killed, Sentinel failover": faults.master_killed}),
    "all layers": Setup(scenes.with_all_layers, {"kill -9, in-process layer on": faults.killed}),
}


async def measure(setup: Setup[Any], plan: Plan, only: Container[str] | None = None) -> AsyncIterator[Row]:
    """A row for each fault of the setup, or for those named."""
    chosen = {name: fault for name, fault in setup.faults.items() if only is None or name in only}
    if not chosen:
        return
    async with setup.scene() as scene:
        for name, fault in chosen.items():
            yield await _measure(name, fault, scene, plan)


async def _measure(name: str, fault: Fault[Any], scene: Scene[Any], plan: Plan) -> Row:
    meter = Meter(scene.port)
    load = Load(scene.port, fixtures(plan.fixtures), rate=plan.rate, connections=plan.connections)
    async with load.running():
        if await meter.seconds_to(NEARLY, within=GIVEN_UP) is None:
            raise RuntimeError(f"before {name!r}: answers are not found in the cache")
        before = await meter.rate_for(plan.calm)
        came, unharmed = time.monotonic(), await meter.lookups()
        await fault(scene, plan.held)
        during = (await meter.lookups()).since(unharmed)
        recovery = await meter.seconds_to(NEARLY * before, within=GIVEN_UP)
        back = time.monotonic()
        after = await meter.rate_for(plan.calm)
    meter.close()
    down = [sample for sample in load.samples if came <= sample.due < back]
    return Row(
        fault=name,
        requests=len(load.samples),
        failed=Counter(str(sample.status) for sample in load.samples if not 200 <= sample.status < 300),
        changed=sum(sample.changed for sample in load.samples),
        p99=_milliseconds(down, 99),
        slowest=_milliseconds(down, 100),
        recovery=recovery,
        before=before,
        during=during.rate,
        lookups=round(sum(during)),
        after=after,
        connections=scene.connections(),
    )


def _milliseconds(samples: list[Sample], percentile: float) -> float:
    return 1000.0 * float(np.percentile([sample.seconds for sample in samples], percentile))
