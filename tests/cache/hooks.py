from collections import Counter

from sabiscore.cache.protocol import Layer


class RecordingHook:
    """A `CacheHook` that remembers."""

    def __init__(self) -> None:
        self.hits: Counter[Layer] = Counter()
        self.misses: Counter[Layer] = Counter()
        self.failures: Counter[tuple[str, str]] = Counter()
        self.circuits: list[bool] = []

    def looked_up(self, *, layer: Layer, hits: int, misses: int) -> None:
        self.hits[layer] += hits
        self.misses[layer] += misses

    def failed(self, *, operation: str, reason: str) -> None:
        self.failures[operation, reason] += 1

    def circuit(self, *, is_open: bool) -> None:
        self.circuits.append(is_open)
