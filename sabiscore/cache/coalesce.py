"""Looking up together what is asked for at the same time."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sabiscore.cache.entry import Entry
from sabiscore.cache.protocol import Cache

MOST = 256
"""Keys that are looked up together; more are not waited for."""

Found: TypeAlias = list[Entry | None]


class Coalescing(Cache):
    """A cache that is asked once for all `get` of one turn of the event loop.

    A `get` that is cancelled disturbs no other, and no connection: what was asked is heard out.
    """

    def __init__(self, cache: Cache, *, most: int = MOST) -> None:
        self._cache = cache
        self._most = most
        self._keys: list[str] = []
        self._waiting: list[tuple[asyncio.Future[Found], int]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, keys: Sequence[str]) -> Found:
        """The stored entry of each key, in order."""
        if not keys:
            return []
        loop = asyncio.get_running_loop()
        if len(self._keys) + len(keys) > self._most:
            self._send()
        if not self._waiting:
            loop.call_soon(self._send)
        mine: asyncio.Future[Found] = loop.create_future()
        self._waiting.append((mine, len(keys)))
        self._keys.extend(keys)
        return await mine

    async def put(self, items: Mapping[str, Entry]) -> None:
        """Store each entry."""
        await self._cache.put(items)

    async def close(self) -> None:
        """Hear out what was asked, then close the cache behind."""
        self._send()
        await asyncio.gather(*self._tasks)
        await self._cache.close()

    def _send(self) -> None:
        if not self._waiting:
            return
        task = asyncio.create_task(self._ask(self._keys, self._waiting))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._keys, self._waiting = [], []

    async def _ask(self, keys: list[str], waiting: list[tuple[asyncio.Future[Found], int]]) -> None:
        found: Found = [None] * len(keys)
        try:
            found = await self._cache.get(keys)
        finally:
            begin = 0
            for future, count in waiting:
                if not future.done():
                    future.set_result(found[begin : begin + count])
                begin += count
