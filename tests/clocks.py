"""Clocks that do what a test says."""


class Hand:
    """Seconds of a clock that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
