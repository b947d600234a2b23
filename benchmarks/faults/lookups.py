"""How many of the service's look-ups found an answer, read from its own /metrics."""

import asyncio
import re
import time
from http import HTTPStatus
from typing import NamedTuple

from benchmarks.faults.load import Connection

STEP = 0.2
"""Seconds over which a hit rate is taken while one waits for it to come back."""

_METRICS = b"GET /metrics HTTP/1.1\r\nhost: faults\r\n\r\n"
_SAMPLE = re.compile(r"^cache_lookups_total\{(.*)\} (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class Lookups(NamedTuple):
    """Answers found in any layer, and those that had to be made."""

    hits: float
    misses: float

    @property
    def rate(self) -> float:
        """The share that was found; 0 if nothing was looked for."""
        return self.hits / (self.hits + self.misses) if any(self) else 0.0

    def since(self, before: "Lookups") -> "Lookups":
        """Those that came after."""
        return Lookups(self.hits - before.hits, self.misses - before.misses)


class Meter:
    """Reads the look-ups of one service."""

    def __init__(self, port: int) -> None:
        self._connection = Connection(port)

    async def lookups(self) -> Lookups:
        """All so far; raises RuntimeError if the service does not say."""
        status, body, _ = await self._connection.ask(_METRICS)
        self._connection.close()  # the service would, before the next look
        if status != HTTPStatus.OK:
            raise RuntimeError(f"/metrics answered {status}: {body.decode()}")
        hits = misses = 0.0
        for labels, value in _SAMPLE.findall(body.decode()):
            match dict(_LABEL.findall(labels)):
                case {"result": "hit"}:
                    hits += float(value)
                case {"result": "miss", "layer": "valkey"}:  # the last layer that is asked
                    misses += float(value)
        return Lookups(hits, misses)

    async def rate_for(self, seconds: float) -> float:
        """The hit rate over so long."""
        before = await self.lookups()
        await asyncio.sleep(seconds)
        return (await self.lookups()).since(before).rate

    async def seconds_to(self, rate: float, *, within: float) -> float | None:
        """How long until the hit rate is at least that, to the end of the `STEP` it is seen in; None if never."""
        began = time.monotonic()
        while time.monotonic() < began + within:
            if await self.rate_for(STEP) >= rate:
                return time.monotonic() - began
        return None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
