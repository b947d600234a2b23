"""One worker as a queue: requests come, hits go out at once, all that wait for the model share its next call.

What of it is random is drawn from what was measured of requests that were alone.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from random import Random

from msgspec import Struct

from sabiscore.batching import MAX_BATCH_SIZE


class Pauses(Struct, frozen=True):
    """Seconds from which and until which nothing is done, ascending; they come again in every ``period``."""

    begins: Sequence[float] = ()
    ends: Sequence[float] = ()
    period: float = 1.0

    def done(self, begun: float, work: float) -> float:
        """When so many seconds of work are done that were begun then."""
        if not self.ends:
            return begun + work
        turn, within = divmod(begun, self.period)
        number = bisect_right(self.ends, within)
        while True:
            if number == len(self.ends):
                number, turn = 0, turn + 1
            begin, end = (turn * self.period + each[number] for each in (self.begins, self.ends))
            if begun + work <= begin:
                return begun + work
            work -= max(0.0, begin - begun)
            begun, number = end, number + 1


class Alone(Struct, frozen=True):
    """What is measured of requests of a kind that do not meet each other.

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
    pauses: Pauses = Pauses()


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
    done, now, busy = costs.pauses.done, 0.0, 0.0
    came = calls = rows = 0
    while came < len(times) or waiting:
        if not waiting and times[came] > now:
            now = done(times[came], costs.wake)
            busy += costs.wake
        while came < len(times) and times[came] <= now:
            if asked[came] in memory:
                now = done(now, costs.hit * draw.choice(costs.hits.spread))
                busy += costs.hit
                took[came] = now - times[came] + costs.hits.way
            else:
                waiting.setdefault(asked[came], []).append(came)
            came += 1
        batch = list(waiting)[:most]
        if batch:
            calls, rows = calls + 1, rows + len(batch)
            cost = costs.call + len(batch) * costs.row
            now = done(now, cost * draw.choice(costs.calls.spread))
            busy += cost
        for key in batch:
            memory.add(key)
            for request in waiting.pop(key):
                took[request] = now - times[request] + costs.calls.way
    return Served(took, calls, rows, busy / now if now else 0.0)
