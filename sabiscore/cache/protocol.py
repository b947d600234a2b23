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
        """A `get` ended; what a failure kept from being found is a miss."""

    def failed(self, *, operation: str, reason: str) -> None:
        """A `get` or `put` failed, wholly or in part, and was survived.

        Reasons: ``timeout``, ``connection``, ``auth``, ``refused`` (by the server: out of memory,
        read-only), ``corrupt`` (not what we stored), ``too_large``, ``dropped`` (too many `put` under
        way), ``other``.
        """
