"""Waiting for what happens at its own time: for as long as a busy machine may take."""

import time
from collections.abc import Callable

LONG = 120.0
"""Seconds in which anything happens, however busy the machine; what never happens costs a test this much."""


def eventually(happens: Callable[[], object]) -> None:
    """Wait until something happens, for `LONG` at most."""
    deadline = time.monotonic() + LONG
    while not happens():
        assert time.monotonic() < deadline, f"did not happen in {LONG:.0f} s"
        time.sleep(0.02)
