"""Answers in a Valkey, which may be slow, dead or lying: then this is an empty cache."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from valkey import exceptions
from valkey.asyncio import ConnectionPool, Valkey
from valkey.asyncio.retry import Retry
from valkey.backoff import NoBackoff

from sabiscore.cache.envelope import MAX_SIZE, seal, unseal
from sabiscore.cache.protocol import CacheHook
from sabiscore.cache.url import connection_options, shown

T = TypeVar("T")

CONNECTIONS = 16
"""Most connections of one worker; a call waits for a free one within its deadline."""

QUIET = 60.0
"""Seconds between two log lines about failures; the hook hears of each."""

log = logging.getLogger(__name__)


def connect(url: str, *, ttl: int, timeout: float, hook: CacheHook) -> "ValkeyCache":
    """The cache at ``url``; nothing is sent yet, so a Valkey that is down is no error.

    Args:
        url: as `sabiscore.cache.url` describes.
        ttl: seconds that a value is kept.
        timeout: seconds that a call may last in all, its wait for a free connection included.
        hook: told of each look-up and each failure.

    Raises:
        SettingsError: the URL makes no sense.
    """
    options = connection_options(url) | {
        "client_name": "sabiscore",
        "max_connections": CONNECTIONS,
        "protocol": 2,
        "retry": Retry(NoBackoff(), 0),
        "socket_connect_timeout": timeout,
        # None, not `timeout`: the deadline around each call covers every step, 30 us cheaper.
        "socket_timeout": None,
    }
    client = Valkey.from_pool(ConnectionPool(**options))
    return ValkeyCache(client, place=shown(url), ttl=ttl, timeout=timeout, hook=hook)


class ValkeyCache:
    """Bytes by key in a Valkey. Whatever happens to it, `get` and `put` return in time and never raise."""

    def __init__(self, client: Valkey, *, place: str, ttl: int, timeout: float, hook: CacheHook) -> None:
        self._client = client
        self._place = place
        self._ttl = ttl
        self._timeout = timeout
        self._hook = hook
        # Not valkey's BlockingConnectionPool: cancelled in its `release`, it can lose the connection.
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._quiet_until = 0.0

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """The payload stored under each key, in order; None where there is none that can be trusted."""
        if not keys:
            return []
        stored = await self._survive("get", lambda: self._read(keys))
        found = [self._open(*pair) for pair in zip(keys, stored or [None] * len(keys), strict=True)]
        misses = found.count(None)
        self._hook.looked_up(hits=len(found) - misses, misses=misses)
        return found

    async def put(self, items: Mapping[str, bytes]) -> None:
        """Store each payload for the TTL; one too large to be an answer is left out."""
        sealed = {key: seal(key, payload) for key, payload in items.items() if len(payload) <= MAX_SIZE}
        if len(sealed) < len(items):
            self._failed("put", "too_large")
        if sealed:
            await self._survive("put", lambda: self._write(sealed))

    async def close(self) -> None:
        """Close the connections."""
        with suppress(exceptions.ValkeyError, OSError):
            await self._client.aclose()

    async def _read(self, keys: Sequence[str]) -> list[bytes | None]:
        if len(keys) == 1:
            return [await self._client.get(keys[0])]
        found: list[bytes | None] = await self._client.mget(keys)
        return found

    async def _write(self, sealed: Mapping[str, bytes]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for key, value in sealed.items():
            pipeline.set(key, value, ex=self._ttl)
        for reply in await pipeline.execute(raise_on_error=False):
            if isinstance(reply, Exception):
                raise reply

    def _open(self, key: str, stored: bytes | None) -> bytes | None:
        if stored is None:
            return None
        payload = unseal(key, stored)
        if payload is None:
            self._failed("get", "corrupt")
        return payload

    async def _survive(self, operation: str, call: Callable[[], Awaitable[T]]) -> T | None:
        try:
            async with asyncio.timeout(self._timeout), self._slots:
                return await call()
        except Exception as error:  # noqa: BLE001 - whatever a cache comes up with, the answer goes out
            self._failed(operation, _reason(error))
            return None

    def _failed(self, operation: str, reason: str) -> None:
        self._hook.failed(operation=operation, reason=reason)
        now = time.monotonic()
        if now >= self._quiet_until:
            self._quiet_until = now + QUIET
            log.warning("cache at %s: %s failed (%s); answering without it", self._place, operation, reason)


def _reason(error: BaseException | None) -> str:
    """One of a few words, for a metric's label."""
    match error:
        case TimeoutError() | exceptions.TimeoutError():
            return "timeout"
        case exceptions.AuthenticationError():
            return "auth"
        case exceptions.ConnectionError() if isinstance(error.__cause__, exceptions.AuthenticationError):
            return "auth"
        case exceptions.ConnectionError() | OSError():
            return "connection"
        case exceptions.ResponseError():
            return "corrupt" if str(error).startswith("WRONGTYPE") else "refused"
    return "other"
