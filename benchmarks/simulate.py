"""One worker as a queue: requests come, hits go out at once, all that wait for the model share its next call.

What of it is random is drawn from what was measured of requests that were alone.
"""

from collections.abc import Hashable, Iterable, Sequence
from random import Random

from msgspec import Struct

from sabiscore.batching import MAX_BATCH_SIZE


class Alone(Struct, frozen=True):
    """What is measured of requests of a kind that nobody else disturbs.

    ``spread``: how long each took, to their median; ``way``: seconds that one is under way and needs no core of ours.
    """

    spread: Sequence[float] = (1.0,)
    way: float = 0.0


class Costs(Struct, frozen=True):
    """Seconds of the worker's core: a request that is answered from memory; a call of the model, and each row of one.

    What a request costs that is no hit, its reading and writing too, is in ``row``. ``wake`` is what comes on top where
    the worker had nothing to do.
    """

    hit: float
    call: float
    row: float
    wake: float = 0.0
    hits: Alone = Alone()
    calls: Alone = Alone()


class Served(Struct, frozen=True):
    """Seconds from coming to answer of each request, in order; calls of the model, rows in all of them; core in use."""

    took: list[float]
    calls: int
    rows: int
    busy: float


def poisson(rate: float, count: int, seed: int) -> list[float]:
    """When requests come that know nothing of each other."""
    drawn, now, times = Random(seed), 0.0, []
    for _ in range(count):
        now += drawn.expovariate(rate)
        times.append(now)
    return times


def serve(
    times: Sequence[float],
    asked: Sequence[Hashable],
    costs: Costs,
    *,
    known: Iterable[Hashable] = (),
    most: int = MAX_BATCH_SIZE,
    seed: int = 1,
) -> Served:
    """Turns of the event loop: whatever has come is read, then one call for ``most`` rows that wait.

    Args:
        times: when requests come, ascending.
        asked: what each asks for; who asks for what is being made waits for it.
        costs: of this worker.
        known: what is in memory at the beginning.
        most: rows of a call.
        seed: of what is drawn.
    """
    draw = Random(seed)
    memory, waiting = set(known), dict[Hashable, list[int]]()
    took = [0.0] * len(times)
    now = busy = 0.0
    came = calls = rows = 0
    while came < len(times) or waiting:
        if not waiting and times[came] > now:
            now = times[came] + costs.wake
            busy += costs.wake
        while came < len(times) and times[came] <= now:
            if asked[came] in memory:
                now += costs.hit * draw.choice(costs.hits.spread)
                busy += costs.hit
                took[came] = now - times[came] + costs.hits.way
            else:
                waiting.setdefault(asked[came], []).append(came)
            came += 1
        batch = list(waiting)[:most]
        if batch:
            calls, rows = calls + 1, rows + len(batch)
            cost = costs.call + len(batch) * costs.row
            now += cost * draw.choice(costs.calls.spread)
            busy += cost
        for key in batch:
            memory.add(key)
            for request in waiting.pop(key):
                took[request] = now - times[request] + costs.calls.way
    return Served(took, calls, rows, busy / now if now else 0.0)
