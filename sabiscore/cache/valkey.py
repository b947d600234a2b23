"""Answers in one Valkey server, which may be slow, dead or lying: then this is an empty cache."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from msgspec import structs
from valkey import exceptions
from valkey.asyncio import Valkey

from sabiscore.cache.clients import CONNECTIONS
from sabiscore.cache.entry import MAX_SIZE, Age, Entry, Lifetime, seal, shifted, unseal
from sabiscore.cache.failures import PAUSE, Breaker, Complaints, reason
from sabiscore.cache.protocol import Cache, CacheHook
from sabiscore.clock import CLOCK, Clock

T = TypeVar("T")

ANSWERED = frozenset({"corrupt", "refused"})
"""Failures of a server that is there all the same."""

AHEAD = 60.0
"""Seconds by which the clock of another machine may be ahead; an entry made later than that is none."""

log = logging.getLogger(__name__)


class ValkeyCache(Cache):
    """Entries in a Valkey. Whatever happens to it, `get` and `put` return in time and never raise."""

    def __init__(
        self,
        client: Valkey,
        *,
        place: str,
        lifetime: Lifetime,
        timeout: float,
        hook: CacheHook,
        across_slots: bool = False,
        clock: Clock = CLOCK,
    ) -> None:
        """A cache behind a client that is this cache's own.

        Args:
            client: its pool may have `CONNECTIONS`.
            place: what the log calls it.
            lifetime: how long entries are kept and may be used.
            timeout: seconds that a call may last in all, its wait for a free connection included.
            hook: told of each look-up, each failure and each turn of the circuit breaker.
            across_slots: whether this is a cluster's node, which has no MGET of keys in several slots.
            clock: by whose seconds entries age here; what is stored has Unix time, which other machines know, too.
        """
        self._client = client
        self._place = place
        self._lifetime = lifetime
        self._expire = math.ceil(lifetime.longest)
        self._timeout = timeout
        self._hook = hook
        self._across_slots = across_slots
        self._clock = clock
        # Not valkey's BlockingConnectionPool: cancelled in its `release`, it can lose the connection.
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._breaker = Breaker(tell=self._circuit, pause=max(PAUSE, timeout))
        self._probe: asyncio.Task[object] | None = None
        self._complaints = Complaints(log, place)

    async def get(self, keys: Sequence[str]) -> list[Entry | None]:
        """The entry stored under each key, in order; None where there is none that may be used."""
        if not keys:
            return []
        stored = await self._survive("get", lambda: self._read(keys))
        found = [self._open(*pair) for pair in zip(keys, stored or [None] * len(keys), strict=True)]
        misses = found.count(None)
        self._hook.looked_up(layer="valkey", hits=len(found) - misses, misses=misses)
        return found

    async def put(self, items: Mapping[str, Entry]) -> None:
        """Store each entry for as long as it may be used; one too large to be an answer is left out."""
        shift = self._clock.unix() - self._clock.seconds()
        sealed = {
            key: seal(key, shifted(entry, shift))
            for key, entry in items.items()
            if len(entry.body) <= MAX_SIZE
        }
        if len(sealed) < len(items):
            self._failed("put", "too_large")
        if sealed:
            await self._survive("put", lambda: self._write(sealed))

    async def close(self) -> None:
        """Close the connections."""
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.gather(self._probe, return_exceptions=True)
        with suppress(exceptions.ValkeyError, OSError):
            await self._client.aclose()

    async def _read(self, keys: Sequence[str]) -> list[bytes | None]:
        if len(keys) == 1:
            return [await self._client.get(keys[0])]
        if self._across_slots:
            return await self._read_apart(keys)
        found: list[bytes | None] = await self._client.mget(keys)
        return found

    async def _read_apart(self, keys: Sequence[str]) -> list[bytes | None]:
        pipeline = self._client.pipeline(transaction=False)
        for key in keys:
            pipeline.get(key)
        replies = await pipeline.execute(raise_on_error=False)
        error = next((reply for reply in replies if isinstance(reply, Exception)), None)
        if error is not None:
            self._failed("get", reason(error))
        return [None if isinstance(reply, Exception) else reply for reply in replies]

    async def _write(self, sealed: Mapping[str, bytes]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for key, value in sealed.items():
            pipeline.execute_command("SET", key, value, "EX", self._expire)  # `set` takes seven times as long
        for reply in await pipeline.execute(raise_on_error=False):
            if isinstance(reply, Exception):
                raise reply

    def _open(self, key: str, stored: bytes | None) -> Entry | None:
        if stored is None:
            return None
        entry = unseal(key, stored)
        if entry is None:
            self._failed("get", "corrupt")
            return None
        now = self._clock.unix()
        if entry.made > now + AHEAD or self._lifetime.age(entry, now) is Age.EXPIRED:
            return None
        # However long another clock thinks it fresh, it is not fresh for longer than one made now.
        fresh_until = min(entry.fresh_until, now + self._lifetime.freshest)
        return shifted(structs.replace(entry, fresh_until=fresh_until), self._clock.seconds() - now)

    async def _survive(self, operation: str, call: Callable[[], Awaitable[T]]) -> T | None:
        if not self._breaker.is_open:
            return await self._attempt(operation, call)
        if self._breaker.admits():
            # Nobody waits for the probe, and nobody's cancelling ends it.
            self._probe = asyncio.create_task(self._attempt(operation, call))
        self._hook.failed(operation=operation, reason="open")
        return None

    async def _attempt(self, operation: str, call: Callable[[], Awaitable[T]]) -> T | None:
        try:
            async with asyncio.timeout(self._timeout), self._slots:
                result = await call()
        except Exception as error:  # noqa: BLE001 - whatever a cache comes up with, the answer goes out
            why = reason(error)
            self._failed(operation, why)
            if why not in ANSWERED:
                self._breaker.failed()
                return None
            result = None
        self._breaker.succeeded()
        return result

    def _failed(self, operation: str, why: str) -> None:
        self._hook.failed(operation=operation, reason=why)
        self._complaints.about(operation, why)

    def _circuit(self, is_open: bool) -> None:  # noqa: FBT001 - the one thing that is told
        self._hook.circuit(is_open=is_open)
        if not is_open:
            log.info("cache at %s answers again", self._place)
