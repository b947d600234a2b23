from collections import Counter


class RecordingHook:
    """A `CacheHook` that remembers."""

    def __init__(self) -> None:
        self.hits = 0
        self.misses = 0
        self.failures: Counter[tuple[str, str]] = Counter()

    def looked_up(self, *, hits: int, misses: int) -> None:
        self.hits += hits
        self.misses += misses

    def failed(self, *, operation: str, reason: str) -> None:
        self.failures[operation, reason] += 1
