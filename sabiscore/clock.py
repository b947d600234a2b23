"""What time it is: whoever ages, waits or measures asks here, where a test can set another time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct


class Clock(Struct, frozen=True):
    """Two clocks.

    ``seconds`` only ever pass: ages, deadlines and durations, in this process. ``unix`` is the time of day, which
    other machines know too, and which whoever administers this one may change.
    """

    seconds: Callable[[], float] = time.monotonic
    unix: Callable[[], float] = time.time

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.fromtimestamp(self.unix(), UTC)


CLOCK = Clock()
"""This machine's."""
