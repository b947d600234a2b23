"""Storing behind the answer: `put` returns at once, the work goes on in a bounded set of tasks."""

import asyncio
from collections.abc import Mapping, Sequence

from sabiscore.cache.entry import Entry
from sabiscore.cache.protocol import Cache, CacheHook

PENDING = 1024
"""Entries that may wait to be stored; what comes on top is dropped, which costs one model call later."""

GATHER = 0.005
"""Seconds for which entries wait to be stored together: among eight, each costs a third of what it costs alone."""

PATIENCE = 1.0
"""Seconds that `close` gives to what is under way."""


class WriteBehind(Cache):
    """A cache whose `put` never makes the answer wait; those of `GATHER` seconds are one."""

    def __init__(self, cache: Cache, *, hook: CacheHook, pending: int = PENDING) -> None:
        self._cache = cache
        self._hook = hook
        self._room = pending
        self._gathered: dict[str, Entry] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, keys: Sequence[str]) -> list[Entry | None]:
        """The stored entry of each key, in order."""
        return await self._cache.get(keys)

    async def put(self, items: Mapping[str, Entry]) -> None:
        """Begin to store the entries; dropped, and told to the hook, while too many wait already."""
        if len(self._gathered) + len(items) > self._room:
            self._hook.failed(operation="put", reason="dropped")
            return
        if not self._gathered:
            asyncio.get_running_loop().call_later(GATHER, self._send)
        self._gathered.update(items)

    async def close(self) -> None:
        """Let what is under way end, for `PATIENCE` seconds at most, then close the cache behind."""
        self._send()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=PATIENCE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._cache.close()

    def _send(self) -> None:
        items, self._gathered = self._gathered, {}
        if not items:
            return
        self._room -= len(items)
        task = asyncio.create_task(self._store(items))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _store(self, items: Mapping[str, Entry]) -> None:
        try:
            await self._cache.put(items)
        finally:
            self._room += len(items)
