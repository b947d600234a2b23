"""One attack on a running service, and what others notice of it."""

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from copy import copy

import numpy as np
from msgspec import Struct, field

from benchmarks.abuse.probe import FIRST
from benchmarks.process import core_ticks
from benchmarks.proxy import proxied
from benchmarks.serving import Service, serving, started

Samples = list[tuple[float, float, int]]

SAMPLED_EVERY = 0.1
"""Seconds between two looks at the memory."""

CALM = 0.5
"""Seconds before and after an attack in which probes run alone."""

GOOD = 200


class Attack(Struct, frozen=True):
    """Something hostile or unlucky, and how much of it others may notice.

    ``run`` does it, ``scale`` of it (1 is the long form), and returns in a few words what came of it; it raises
    AssertionError where the service did not do as it must. ``grows`` is by how many MB the largest worker may grow
    meanwhile, ``outage`` the longest time in seconds without a good answer to others, ``p99`` their 99th
    percentile in milliseconds. With ``own_bundle`` the service's bundle is a copy that may be spoilt;
    not ``behind_proxy`` is what has services of its own, of which no proxy knows.
    """

    name: str
    run: Callable[[Service, float], Awaitable[str]]
    grows: float = 64.0
    outage: float = 1.0
    p99: float = 80.0
    workers: tuple[int, ...] = (1, 2)
    settings: Mapping[str, str] = field(default_factory=dict)
    own_bundle: bool = False
    behind_proxy: bool = True


class Row(Struct, frozen=True):
    """What one attack did. MB of the largest worker; seconds and milliseconds of the probes; cores that were busy.

    ``first`` says whether the probes had a core whenever they wanted one.
    """

    attack: str
    workers: int
    came_of_it: str
    before: float
    peak: float
    after: float
    probes: int
    failed: int
    outage: float
    p99: float
    busy: float
    first: bool
    shortfalls: tuple[str, ...]


class Probed(Struct):
    """What another client saw meanwhile, and whether it went first."""

    first: bool
    samples: Samples = field(default_factory=list)


async def measure(attack: Attack, *, workers: int, scale: float = 1.0, proxy: bool = False) -> Row:
    """A service of its own for the attack, on request behind a proxy; what it did."""
    starting = started(workers=workers, settings=attack.settings, own_bundle=attack.own_bundle)
    async with (
        serving(starting) as service,
        fronted(service) if proxy else nullcontext(service) as target,
        _probed(target) as probed,
    ):
        await asyncio.sleep(CALM)
        memory = [target.memory()]
        watching = asyncio.create_task(_watch(target, memory))
        wrong: list[str] = []
        cores = _Cores()
        try:
            came_of_it = await attack.run(target, scale)
        except AssertionError as error:
            came_of_it = f"not as it must be: {error}"
            wrong = [came_of_it]
        busy = cores.busy()
        await asyncio.sleep(CALM)
        watching.cancel()
        memory.append(target.memory())
    return _row(attack, workers, came_of_it, wrong, memory=memory, probed=probed, busy=busy)


@asynccontextmanager
async def fronted(service: Service) -> AsyncIterator[Service]:
    """The service as its clients see it through the shipped proxy."""
    async with proxied([service.port]) as proxy:
        behind = copy(service)
        behind.port, behind.behind_proxy = proxy.port, True
        yield behind


class _Cores:
    """Those of the machine, from now on."""

    def __init__(self) -> None:
        self._began = self._ticks()

    def busy(self) -> float:
        """How many were busy on average, whoever used them."""
        return sum(
            (busy - busy_before) / max(1, ticks - before)
            for (busy_before, before), (busy, ticks) in zip(self._began, self._ticks(), strict=True)
        )

    def _ticks(self) -> list[tuple[int, int]]:
        return [core_ticks(core) for core in range(os.cpu_count() or 1)]


def _row(
    attack: Attack,
    workers: int,
    came_of_it: str,
    wrong: list[str],
    *,
    memory: list[float],
    probed: Probed,
    busy: float,
) -> Row:
    before, peak, after = memory[0], max(memory), memory[-1]
    samples = probed.samples
    longest, p99 = outage(samples), 1000.0 * float(np.percentile([one[1] for one in samples], 99))
    held = {
        f"grew by {peak - before:.0f} MB": peak - before <= attack.grows,
        f"out for {longest:.1f} s": longest <= attack.outage,
        f"p99 {p99:.0f} ms": p99 <= attack.p99,
    }
    return Row(
        attack=attack.name,
        workers=workers,
        came_of_it=came_of_it,
        before=before,
        peak=peak,
        after=after,
        probes=len(samples),
        failed=sum(status != GOOD for _, _, status in samples),
        outage=longest,
        p99=p99,
        busy=busy,
        first=probed.first,
        shortfalls=(*wrong, *(what for what, so in held.items() if not so)),
    )


def outage(samples: Samples) -> float:
    """The longest time in seconds in which nobody who asked got a good answer."""
    asked = [began for began, _, _ in samples]
    answered = sorted(began + seconds for began, seconds, status in samples if status == GOOD)
    moments = [min(asked), *answered, max(asked)]
    return max((later - earlier for earlier, later in itertools.pairwise(moments)), default=0.0)


@asynccontextmanager
async def _probed(target: Service) -> AsyncIterator[Probed]:
    """Another client asks while the block lasts; its samples are there when it is left."""
    prober = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.abuse.probe", str(target.port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert prober.stdout
    probed = Probed(first=await prober.stdout.readline() == FIRST.encode() + b"\n")
    try:
        yield probed
    finally:
        said, _ = await prober.communicate(b"")
        probed.samples += [(began, seconds, status) for began, seconds, status in json.loads(said)]


async def _watch(target: Service, memory: list[float]) -> None:
    while True:
        memory.append(target.memory())
        await asyncio.sleep(SAMPLED_EVERY)
