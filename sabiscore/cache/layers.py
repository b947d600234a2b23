"""Two layers: this process's memory over what its workers share."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sabiscore.cache.entry import Age, Entry, Lifetime
from sabiscore.cache.lru import Lru
from sabiscore.cache.protocol import Cache, CacheHook
from sabiscore.clock import CLOCK, Clock

OVERHEAD = 400
"""Bytes that an entry takes in memory beside its body and its key (350 in CPython 3.11, measured)."""

Memory: TypeAlias = Lru[str, Entry]


class LayeredCache:
    """Looks in memory first, then behind it, and keeps in memory what it finds there."""

    def __init__(
        self,
        memory: Memory,
        behind: Cache,
        *,
        lifetime: Lifetime,
        hook: CacheHook,
        clock: Clock = CLOCK,
    ) -> None:
        """Two layers.

        Args:
            memory: bounded in bytes, `size_of` each entry.
            behind: what other workers use too; its `put` returns at once.
            lifetime: how long entries may be used.
            hook: told of look-ups in memory.
            clock: by whose seconds entries age.
        """
        self._memory = memory
        self._behind = behind
        self._lifetime = lifetime
        self._hook = hook
        self._clock = clock

    async def get(self, keys: Sequence[str]) -> list[Entry | None]:
        """The entry of each key, in order; of a stale one and one that another worker made, the fresher."""
        now = self._clock.seconds()
        found = [self._recall(key, now) for key in keys]
        misses = found.count(None)
        self._hook.looked_up(layer="memory", hits=len(found) - misses, misses=misses)
        wanted = [n for n, entry in enumerate(found) if entry is None or now >= entry.fresh_until]
        if wanted:
            others = await self._behind.get([keys[n] for n in wanted])
            for n, other in zip(wanted, others, strict=True):
                found[n] = self._fresher(keys[n], other) or found[n]
        return found

    async def put(self, items: Mapping[str, Entry]) -> None:
        """Keep each entry at once, and store it behind."""
        for key, entry in items.items():
            self._memory.keep(key, entry, size_of(key, entry))
        await self._behind.put(items)

    async def close(self) -> None:
        """Close the cache behind."""
        await self._behind.close()

    def _recall(self, key: str, now: float) -> Entry | None:
        entry = self._memory.find(key)
        if entry is not None and self._lifetime.age(entry, now) is Age.EXPIRED:
            self._memory.drop(key)
            return None
        return entry

    def _fresher(self, key: str, other: Entry | None) -> Entry | None:
        """What memory has by now or the other one, which it then keeps."""
        mine = self._memory.find(key)
        if other is None or (mine is not None and mine.fresh_until >= other.fresh_until):
            return mine
        self._memory.keep(key, other, size_of(key, other))
        return other


def size_of(key: str, entry: Entry) -> int:
    """Bytes that an entry takes in memory."""
    return len(key) + len(entry.body) + OVERHEAD
