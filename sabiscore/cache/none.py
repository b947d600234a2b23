"""The cache of a service that has none."""

from collections.abc import Mapping, Sequence

from sabiscore.cache.entry import Entry


class NoCache:
    """Holds nothing; every `get` is a miss that nobody counts."""

    async def get(self, keys: Sequence[str]) -> list[Entry | None]:
        """None for each key."""
        return [None] * len(keys)

    async def put(self, items: Mapping[str, Entry]) -> None:
        """Forget them."""

    async def close(self) -> None:
        """Nothing to give back."""
