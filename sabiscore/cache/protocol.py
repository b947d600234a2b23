"""What the service asks of a cache, and what a cache tells whoever measures it."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Cache(Protocol):
    """Bytes by key. A cache that is slow or broken behaves as an empty one; it never raises."""

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """The stored value of each key, in order; None where there is none (or no cache)."""

    async def put(self, items: Mapping[str, bytes]) -> None:
        """Store each value for the cache's TTL."""

    async def close(self) -> None:
        """Give connections back."""


class CacheHook(Protocol):
    """Told what happened, so that the cache knows no metrics library."""

    def looked_up(self, *, hits: int, misses: int) -> None:
        """A `get` was answered."""

    def failed(self, *, operation: str, reason: str) -> None:
        """A `get` or `put` failed (``reason``: timeout, connection, corrupt, ...) and was survived."""
