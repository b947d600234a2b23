"""What the service asks of a cache, and what a cache tells whoever measures it."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from sabiscore.cache.entry import Entry

Layer: TypeAlias = Literal["body", "memory", "valkey"]
"""Where an answer was looked for: by the request's very bytes; by key in this process; by key in Valkey."""


class Cache(Protocol):
    """Entries by key. A cache that is slow or broken behaves as an empty one; it never raises."""

    def holds(self, key: str) -> bool:  # noqa: ARG002 - for those that keep it elsewhere
        """Whether this process has a fresh entry, which `get` finds without waiting for anything."""
        return False

    async def get(self, keys: Sequence[str]) -> list[Entry | None]:
        """The stored entry of each key, in order; None where there is none (or no cache)."""

    async def put(self, items: Mapping[str, Entry]) -> None:
        """Store each entry for as long as it may be used."""

    async def close(self) -> None:
        """Give connections back."""


class NoCache(Cache):
    """The cache of a service that has none: holds nothing; every `get` is a miss that nobody counts."""

    async def get(self, keys: Sequence[str]) -> list[Entry | None]:
        """None for each key."""
        return [None] * len(keys)

    async def put(self, items: Mapping[str, Entry]) -> None:
        """Forget them."""

    async def close(self) -> None:
        """Nothing to give back."""


class CacheHook(Protocol):
    """Told what happened, so that the cache knows no metrics library."""

    def looked_up(self, *, layer: Layer, hits: int, misses: int) -> None:
        """A layer was asked for some keys; what a failure kept from being found is a miss."""

    def failed(self, *, operation: str, reason: str) -> None:
        """A `get` or `put` failed, wholly or in part, and was survived.

        Reasons: ``timeout``, ``connection``, ``auth``, ``refused`` (by the server: out of memory,
        read-only), ``corrupt`` (not what we stored), ``too_large``, ``dropped`` (too many `put` under
        way), ``open`` (not tried: the circuit breaker is open), ``other``.
        """

    def circuit(self, *, is_open: bool) -> None:
        """The circuit breaker opened (Valkey is left alone for a while) or closed again."""
