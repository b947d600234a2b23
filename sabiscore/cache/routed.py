"""Answers in several Valkeys of which each has some keys, and which come, go and change places.

In place of valkey-py's own cluster client: cancelled calls cost that its connections for ever.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from sabiscore.cache.entry import Entry
from sabiscore.cache.failures import Complaints, reason
from sabiscore.cache.protocol import Cache, CacheHook, Layer
from sabiscore.cache.topology import Guide, Map
from sabiscore.cache.url import Address
from sabiscore.clock import CLOCK

ASK_AGAIN = 0.5
"""Seconds between two questions for the map, while something fails."""

ASK_WITHIN = 2.0
"""Seconds that the answer may take, which no request waits for."""

HARMLESS = frozenset({"corrupt", "too_large", "dropped"})
"""Failures that say nothing about who has which key."""

log = logging.getLogger(__name__)


class RoutedCache(Cache):
    """Asks, for each key, the server that the map names.

    The map is asked for in the background, at first and whenever a server fails or refuses: it may have died,
    been demoted, or given its slots away. Redirections are not followed; what they keep from being found is a
    miss. Each server has its own connections, deadline and circuit breaker.
    """

    def __init__(
        self,
        guide: Guide,
        open_server: Callable[[Address, CacheHook], Cache],
        *,
        place: str,
        timeout: float,
        hook: CacheHook,
    ) -> None:
        """A cache that has asked nobody yet.

        Args:
            guide: gives the map.
            open_server: makes the cache at an address, which is to tell its hook what happens.
            place: what the log calls it.
            timeout: seconds that the first calls may wait for the first map.
            hook: told of each look-up and each failure, and of the first circuit to open and the last to close.
        """
        self._guide = guide
        self._open_server = open_server
        self._timeout = timeout
        self._hook = hook
        self._complaints = Complaints(log, place)
        self._map: Map | None = None
        self._servers: dict[Address, Cache] = {}
        self._open_circuits: set[Address] = set()
        self._asking: asyncio.Task[None] | None = None
        self._ask_at = 0.0
        self._patient_until: float | None = None
        self._why = "connection"

    async def get(self, keys: Sequence[str]) -> list[Entry | None]:
        """The entry stored under each key, in order."""
        found: list[Entry | None] = [None] * len(keys)
        await self._learn_first()

        async def ask(server: Cache, places: list[int]) -> None:
            for place, entry in zip(places, await server.get([keys[n] for n in places]), strict=True):
                found[place] = entry

        await asyncio.gather(*(ask(*share) for share in self._shares("get", keys).items()))
        return found

    async def put(self, items: Mapping[str, Entry]) -> None:
        """Store each entry where it belongs."""
        await self._learn_first()
        keys = list(items)
        await asyncio.gather(
            *(
                server.put({keys[n]: items[keys[n]] for n in places})
                for server, places in self._shares("put", keys).items()
            )
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        await asyncio.gather(*(server.close() for server in self._servers.values()))

    def _shares(self, operation: str, keys: Sequence[str]) -> dict[Cache, list[int]]:
        """The positions of the keys that each server has; those that none has have failed."""
        shares: dict[Cache, list[int]] = {}
        nowhere = 0
        for n, key in enumerate(keys):
            address = self._map.server(key) if self._map is not None else None
            if address is None:
                nowhere += 1
            else:
                shares.setdefault(self._servers[address], []).append(n)
        if nowhere:
            self._failed_nowhere(operation, nowhere)
        return shares

    def _failed_nowhere(self, operation: str, count: int) -> None:
        if operation == "get":
            self._hook.looked_up(layer="valkey", hits=0, misses=count)
        self._hook.failed(operation=operation, reason=self._why)
        self._complaints.about(operation, self._why)
        self._ask()

    async def _learn_first(self) -> None:
        """Wait for the map; only in the first moments, for then it may never come."""
        if self._map is not None:
            return
        now = CLOCK.seconds()
        if self._patient_until is None:
            self._patient_until = now + self._timeout
        self._ask()
        if self._asking is not None and now < self._patient_until:
            await asyncio.wait([self._asking], timeout=self._patient_until - now)

    def _ask(self) -> None:
        """Begin to ask for the map, unless that was done shortly before."""
        now = CLOCK.seconds()
        if now < self._ask_at or (self._asking is not None and not self._asking.done()):
            return
        self._ask_at = now + ASK_AGAIN
        self._asking = asyncio.create_task(self._learn())

    async def _learn(self) -> None:
        try:
            async with asyncio.timeout(ASK_WITHIN):
                found = await self._guide(self._servers)
        except Exception as error:  # noqa: BLE001 - the old map stays, and is asked for again
            self._why = reason(error)
            return
        gone = [self._servers.pop(address) for address in self._servers.keys() - found.servers]
        for address in found.servers - self._servers.keys():
            self._servers[address] = self._open_server(address, _ServerHook(self, address))
        self._map = found
        for address in self._open_circuits - found.servers:
            self.circuit_of(address, is_open=False)
        await asyncio.shield(asyncio.gather(*(server.close() for server in gone)))

    def looked_up(self, layer: Layer, hits: int, misses: int) -> None:
        """A server was asked."""
        self._hook.looked_up(layer=layer, hits=hits, misses=misses)

    def failed(self, operation: str, why: str) -> None:
        """A server failed, and may no longer be the one to ask."""
        self._hook.failed(operation=operation, reason=why)
        if why not in HARMLESS:
            self._ask()

    def circuit_of(self, address: Address, *, is_open: bool) -> None:
        """The circuit of one server opened or closed."""
        before = bool(self._open_circuits)
        if is_open:
            self._open_circuits.add(address)
        else:
            self._open_circuits.discard(address)
        if bool(self._open_circuits) != before:
            self._hook.circuit(is_open=is_open)


class _ServerHook:
    """What one server tells the cache that asks it."""

    def __init__(self, cache: RoutedCache, address: Address) -> None:
        self._cache = cache
        self._address = address

    def looked_up(self, *, layer: Layer, hits: int, misses: int) -> None:
        self._cache.looked_up(layer, hits, misses)

    def failed(self, *, operation: str, reason: str) -> None:
        self._cache.failed(operation, reason)

    def circuit(self, *, is_open: bool) -> None:
        self._cache.circuit_of(self._address, is_open=is_open)
