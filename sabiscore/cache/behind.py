"""Storing behind the answer: `put` returns at once, the work goes on in a bounded set of tasks."""

import asyncio
from collections.abc import Mapping, Sequence

from sabiscore.cache.protocol import Cache, CacheHook

PENDING = 64
"""How many `put` may be under way; what comes on top is dropped, which costs one model call later."""

PATIENCE = 1.0
"""Seconds that `close` gives to the ones under way."""


class WriteBehind:
    """A cache whose `put` never makes the answer wait."""

    def __init__(self, cache: Cache, *, hook: CacheHook, pending: int = PENDING) -> None:
        self._cache = cache
        self._hook = hook
        self._pending = pending
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """The stored value of each key, in order."""
        return await self._cache.get(keys)

    async def put(self, items: Mapping[str, bytes]) -> None:
        """Begin to store the items; dropped, and told to the hook, while too many wait already."""
        if len(self._tasks) >= self._pending:
            self._hook.failed(operation="put", reason="dropped")
            return
        task = asyncio.create_task(self._cache.put(items))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let what is under way end, for `PATIENCE` seconds at most, then close the cache behind."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=PATIENCE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._cache.close()
