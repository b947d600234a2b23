"""Another client's view: asks all the time, on connections of its own and in a process of its own.

    python -m benchmarks.abuse.probe PORT

In turn whether the service lives, and for one prediction that is stored already. Prints when it begins whether it
goes `first`, and, when standard input ends, a JSON array of ``[begin, seconds, status]`` (monotonic seconds; status 0
for no answer within `PATIENCE`).
"""

import asyncio
import itertools
import json
import os
import sys
import time

from benchmarks.faults.load import fixtures

PERIOD = 0.02
PATIENCE = 5.0
SEVERAL = 64
"""Probes that may be under way: one that hangs does not keep the next from asking."""

FIRST = "first"

ALIVE = b"GET /health/live HTTP/1.1\r\nhost: probe\r\nconnection: close\r\n\r\n"
STORED = fixtures(1)[0].replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1)


def go_first() -> bool:
    """Have a core whenever we want one, as a client on a machine of its own does; whether we may (see sched(7)).

    Else what is measured has in it how long this process waits for those who attack.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(os.sched_get_priority_min(os.SCHED_RR)))
    except (AttributeError, OSError):
        return False
    return True


async def ask(port: int, request: bytes) -> int:
    """The status of the answer, 0 if there was none."""
    writer = None
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            answer = await reader.read()
            return int(answer.split(b" ", 2)[1])
    except (OSError, IndexError, ValueError):
        return 0
    finally:
        if writer is not None:
            writer.transport.abort()


async def probe(port: int) -> list[tuple[float, float, int]]:
    """What became of each probe until standard input ended."""
    samples: list[tuple[float, float, int]] = []

    async def one(request: bytes) -> None:
        began = time.monotonic()
        samples.append((began, time.monotonic() - began, await ask(port, request)))
        samples[-1] = (began, time.monotonic() - began, samples[-1][2])

    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    under_way: set[asyncio.Task[None]] = set()
    for request in itertools.cycle((ALIVE, STORED)):
        if ended.done():
            break
        if len(under_way) < SEVERAL:
            task = asyncio.create_task(one(request))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.sleep(PERIOD)
    await asyncio.gather(*under_way)
    return samples


if __name__ == "__main__":
    print(FIRST if go_first() else "in turn", flush=True)
    print(json.dumps(asyncio.run(probe(int(sys.argv[1])))))
