"""Entries to be stored, and what is found of them."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from sabiscore.cache.entry import Entry, Lifetime
from sabiscore.cache.protocol import Cache
from tests.waiting import LONG

LIFETIME = Lifetime(ttl=60, stale=600)


def fresh(body: bytes, *, age: float = 0.0) -> Entry:
    """An answer made ``age`` seconds ago, fresh for a minute."""
    made = time.monotonic() - age
    return Entry(body, made, made + LIFETIME.ttl)


async def bodies(cache: Cache, keys: Sequence[str]) -> list[bytes | None]:
    """The body found under each key."""
    return [None if entry is None else entry.body for entry in await cache.get(keys)]


async def soon(cache: Cache, items: Mapping[str, bytes]) -> None:
    """Wait until the cache stores and finds again, by itself."""
    async with asyncio.timeout(LONG):
        while await bodies(cache, list(items)) != list(items.values()):
            await cache.put({key: fresh(body) for key, body in items.items()})
            await asyncio.sleep(0.02)


class DictCache(Cache):
    """A `Cache` in a dictionary, which stores and finds when it is let, and remembers how often it was asked."""

    def __init__(self, stored: Mapping[str, Entry] | None = None) -> None:
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.stored = dict(stored or {})
        self.asked: list[list[str]] = []
        self.told: list[list[str]] = []
        self.closed = False

    async def get(self, keys: Sequence[str]) -> list[Entry | None]:
        self.asked.append(list(keys))
        await self.may_go_on.wait()
        return [self.stored.get(key) for key in keys]

    async def put(self, items: Mapping[str, Entry]) -> None:
        self.told.append(list(items))
        await self.may_go_on.wait()
        self.stored.update(items)

    async def close(self) -> None:
        self.closed = True
