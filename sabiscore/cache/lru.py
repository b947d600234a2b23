"""The most recently used of many things, within a number and a size."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lru(Generic[K, V]):
    """Values by key; what was not used for longest goes first. Every step takes constant time."""

    def __init__(self, *, entries: int, size: int) -> None:
        """Room for ``entries`` values and, together, ``size`` of whatever `keep` is told (bytes, mostly)."""
        self._entries = entries
        self._room = size
        self._held: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        """How many values are held."""
        return len(self._held)

    def __contains__(self, key: K) -> bool:
        """Whether ``key`` has a value, which is not used by that."""
        return key in self._held

    @property
    def size(self) -> int:
        """The sizes of all that is held."""
        return self._size

    def find(self, key: K) -> V | None:
        """The value of ``key``, which has been used now."""
        held = self._held.get(key)
        if held is None:
            return None
        self._held.move_to_end(key)
        return held[0]

    def keep(self, key: K, value: V, size: int) -> None:
        """Hold a value, if it fits at all; what does not fit beside it goes."""
        self.drop(key)
        if size > self._room:
            return
        self._held[key] = (value, size)
        self._size += size
        while len(self._held) > self._entries or self._size > self._room:
            _, (_, gone) = self._held.popitem(last=False)
            self._size -= gone

    def drop(self, key: K) -> None:
        """Hold ``key`` no longer."""
        held = self._held.pop(key, None)
        if held is not None:
            self._size -= held[1]
