"""The faults: each is brought on, held for some seconds and removed; when it returns, all is as it was."""

import asyncio
import random
import time
from asyncio import to_thread
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from benchmarks.faults.load import ALIVE, Connection, fixtures
from benchmarks.faults.scenes import PASSWORD, USER, Scene, Victim
from benchmarks.faults.servers import Cluster, Proxy, Sentinels, Server, wait_until

HANG_UPS = 10_000
HANG_UPS_A_SECOND = 1_000
HANG_UPS_AT_ONCE = 32
SPOILT_AT_ONCE, SPOILT_AGAIN = 5, 0.01
"""Keys, and seconds until the next: faster than requests come, since each writes its answer anew."""

ELECTED_WITHIN = 60.0
"""Seconds that sentinels may take among themselves, on a busy machine."""

FLUSHED_AGAIN = 0.1
"""Seconds."""

Fault: TypeAlias = Callable[[Scene[Victim], float], Awaitable[None]]
"""Given the scene and how many seconds to last; some take their own time."""


async def killed(scene: Scene[Server], seconds: float) -> None:
    """Killed with -9, and started again, empty."""
    await to_thread(scene.victim.kill)
    await asyncio.sleep(seconds)
    await to_thread(scene.victim.start)


async def restarted(scene: Scene[Server], _: float) -> None:
    """Ended in order and started again at once, empty."""
    await to_thread(scene.victim.stop)
    await to_thread(scene.victim.start)


async def frozen(scene: Scene[Server], seconds: float) -> None:
    """SIGSTOP: connections stay, and new ones are accepted by the kernel."""
    scene.victim.freeze()
    await asyncio.sleep(seconds)
    scene.victim.thaw()


async def mute(scene: Scene[Proxy], seconds: float) -> None:
    """Accepts and never answers."""
    scene.victim.delay = 3600.0
    await asyncio.sleep(seconds)
    scene.victim.delay = 0.0


async def late(scene: Scene[Proxy], seconds: float) -> None:
    """Each reply comes 200 ms late."""
    scene.victim.delay = 0.2
    await asyncio.sleep(seconds)
    scene.victim.delay = 0.0


async def cut(scene: Scene[Proxy], seconds: float) -> None:
    """Each reply ends after 20 bytes, and the connection with it."""
    scene.victim.cut = 20
    await asyncio.sleep(seconds)
    scene.victim.cut = None


async def locked_out(scene: Scene[Server], seconds: float) -> None:
    """The password is changed, and who came in with the old one is put out."""
    scene.victim.ask("ACL SETUSER", USER, "resetpass", ">other")
    scene.victim.ask("CLIENT KILL", "USER", USER)
    await asyncio.sleep(seconds)
    scene.victim.ask("ACL SETUSER", USER, "resetpass", f">{PASSWORD}")


async def wrong_type(scene: Scene[Server], seconds: float) -> None:
    """Lists where our answers were."""
    await _spoil(scene.victim, "redis.call('DEL', key) redis.call('RPUSH', key, 'x')", seconds)


async def garbage(scene: Scene[Server], seconds: float) -> None:
    """1 MB of noise where our answers were."""
    scene.victim.ask("SET", "garbage", random.randbytes(1_000_000))
    await _spoil(scene.victim, "redis.call('COPY', 'garbage', key, 'REPLACE')", seconds)
    scene.victim.ask("DEL", "garbage")


async def flushed(scene: Scene[Server], seconds: float) -> None:
    """FLUSHALL."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        scene.victim.ask("FLUSHALL")
        await asyncio.sleep(FLUSHED_AGAIN)


async def full(scene: Scene[Server], seconds: float) -> None:
    """No memory left, and nothing is given up for what is new: every write is refused."""
    scene.victim.ask("FLUSHALL")
    scene.victim.ask("CONFIG SET", "maxmemory-policy", "noeviction", "maxmemory", "1")
    await asyncio.sleep(seconds)
    scene.victim.ask("CONFIG SET", "maxmemory", "0")


async def hang_ups(scene: Scene[Proxy], _: float) -> None:
    """10,000 callers close their connection while their answer is looked for, which takes 5 ms."""
    scene.victim.delay = 0.005
    requests = iter(fixtures(100) * (HANG_UPS // 100))
    chance = random.Random(1)

    async def one_after_another() -> None:
        for request in requests:
            connection = Connection(scene.port)
            await connection.ask(ALIVE)  # hang-ups alone would come faster than any service takes them
            await connection.hang_up(request, after=chance.choice([0.0, 0.001, 0.002, 0.004]))
            await asyncio.sleep(HANG_UPS_AT_ONCE / HANG_UPS_A_SECOND)

    async with asyncio.TaskGroup() as callers:
        for _ in range(HANG_UPS_AT_ONCE):
            callers.create_task(one_after_another())
    scene.victim.delay = 0.0


async def node_killed(scene: Scene[Cluster], seconds: float) -> None:
    """One node of three is killed with -9; it comes back empty."""
    node = scene.victim.nodes[-1]
    await to_thread(node.kill)
    await asyncio.sleep(seconds)
    await to_thread(node.start)


async def master_killed(scene: Scene[Sentinels], seconds: float) -> None:
    """The master is killed with -9; over when the sentinels have a new one, which the old one then follows."""
    await to_thread(scene.victim.master.kill)
    await asyncio.gather(asyncio.sleep(seconds), to_thread(wait_until, scene.victim.promoted, ELECTED_WITHIN))
    await to_thread(scene.victim.master.start)


async def _spoil(server: Server, command: str, seconds: float) -> None:
    """Do this to ``key``, which is each of ours in turn, again and again; few at a time, so as not to block."""
    page = f"redis.call('SCAN', ARGV[1], 'MATCH', 'sabi:*', 'COUNT', {SPOILT_AT_ONCE})"
    script = f"local page = {page} for _, key in ipairs(page[2]) do {command} end return page[1]"
    cursor = b"0"
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        cursor = await to_thread(server.ask, "EVAL", script, "0", cursor)
        await asyncio.sleep(SPOILT_AGAIN)
