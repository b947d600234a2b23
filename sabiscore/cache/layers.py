"""Two layers: this process's memory over what its workers share.

Most answers are asked for once. So one goes behind when this process is asked for it again, or has no room for it.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from sabiscore.cache.entry import Age, Entry, Lifetime
from sabiscore.cache.lru import Lru
from sabiscore.cache.protocol import Cache, CacheHook
from sabiscore.clock import CLOCK, Clock
from sabiscore.stages import found_in

OVERHEAD = 400
"""Bytes that an entry takes in memory beside its body and its key (390 in CPython 3.11, measured)."""


class Held(Struct, frozen=True, gc=False):
    """An entry in memory, and whether it is from behind or was given there."""

    entry: Entry
    shared: bool


Memory: TypeAlias = Lru[str, Held]


class LayeredCache(Cache):
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

    def holds(self, key: str) -> bool:
        """Whether memory has a fresh entry."""
        held = self._memory.find(key)
        return held is not None and self._clock.seconds() < held.entry.fresh_until

    async def get(self, keys: Sequence[str]) -> list[Entry | None]:
        """The entry of each key, in order; of a stale one and one that another worker made, the fresher."""
        now = self._clock.seconds()
        held = [self._recall(key, now) for key in keys]
        misses = held.count(None)
        self._hook.looked_up(layer="memory", hits=len(held) - misses, misses=misses)
        await self._share(
            {key: one for key, one in zip(keys, held, strict=True) if one and not one.shared}, now
        )
        found_in("memory")
        found = [None if one is None else one.entry for one in held]
        wanted = [n for n, entry in enumerate(found) if entry is None or now >= entry.fresh_until]
        if wanted:
            others = await self._behind.get([keys[n] for n in wanted])
            found_in("valkey")
            for n, other in zip(wanted, others, strict=True):
                found[n] = self._fresher(keys[n], other) or found[n]
        return found

    async def put(self, items: Mapping[str, Entry]) -> None:
        """Keep each entry at once, and store behind what renews one or finds no room here."""
        renewed = {key for key in items if key in self._memory}
        for key, entry in items.items():
            self._keep(key, entry, shared=key in renewed)
        behind = {k: entry for k, entry in items.items() if k in renewed or k not in self._memory}
        if behind:
            await self._behind.put(behind)

    async def close(self) -> None:
        """Close the cache behind."""
        await self._behind.close()

    def _recall(self, key: str, now: float) -> Held | None:
        held = self._memory.find(key)
        if held is not None and self._lifetime.age(held.entry, now) is Age.EXPIRED:
            self._memory.drop(key)
            return None
        return held

    def _keep(self, key: str, entry: Entry, *, shared: bool) -> None:
        self._memory.keep(key, Held(entry, shared), size_of(key, entry))

    async def _share(self, asked_again: Mapping[str, Held], now: float) -> None:
        """Store behind what is fresh; what is stale will be renewed, and goes there then."""
        fresh = {key: held.entry for key, held in asked_again.items() if now < held.entry.fresh_until}
        for key, entry in fresh.items():
            self._keep(key, entry, shared=True)
        if fresh:
            await self._behind.put(fresh)

    def _fresher(self, key: str, other: Entry | None) -> Entry | None:
        """What memory has by now or the other one, which it then keeps."""
        held = self._memory.find(key)
        mine = None if held is None else held.entry
        if other is None or (mine is not None and mine.fresh_until >= other.fresh_until):
            return mine
        self._keep(key, other, shared=True)
        return other


def size_of(key: str, entry: Entry) -> int:
    """Bytes that an entry takes in memory."""
    return len(key) + len(entry.body) + OVERHEAD
