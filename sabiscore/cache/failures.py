"""When a Valkey fails: the reason in a word, a line in the log now and then, and a pause in which it is left alone."""

import logging
from collections.abc import Callable

from valkey import exceptions

from sabiscore.clock import CLOCK, Clock

QUIET = 60.0
"""Seconds between two log lines about failures; the hook hears of each."""

FAILURES = 3
"""Failures one after another that open the circuit."""

PAUSE = 1.0
"""Seconds for which it is then left alone, until one probe."""


def reason(error: Exception) -> str:
    """One of the reasons that `CacheHook.failed` knows."""
    match error:
        case TimeoutError() | exceptions.TimeoutError():
            return "timeout"
        case exceptions.AuthenticationError():
            return "auth"
        case exceptions.ConnectionError() if isinstance(error.__cause__, exceptions.AuthenticationError):
            return "auth"
        case exceptions.ConnectionError() | OSError():
            return "connection"
        case exceptions.ResponseError():
            return "corrupt" if str(error).startswith("WRONGTYPE") else "refused"
    return "other"


class Complaints:
    """Warnings about one place, one in `QUIET` seconds."""

    def __init__(self, log: logging.Logger, place: str) -> None:
        self._log = log
        self._place = place
        self._quiet_until = 0.0

    def about(self, operation: str, reason: str) -> None:
        """Say that an operation failed, unless something was said shortly before."""
        now = CLOCK.seconds()
        if now >= self._quiet_until:
            self._quiet_until = now + QUIET
            self._log.warning(
                "cache at %s: %s failed (%s); answering without it", self._place, operation, reason
            )


class Breaker:
    """A circuit breaker. Closed, everything is admitted; open, one probe in each pause.

    A probe that ends well closes the circuit. One that fails, or of which nobody hears again because it was
    cancelled, is followed by another one after the next pause: there is no third state to be stuck in.
    """

    def __init__(
        self,
        *,
        tell: Callable[[bool], None],
        failures: int = FAILURES,
        pause: float = PAUSE,
        clock: Clock = CLOCK,
    ) -> None:
        """A closed circuit.

        Args:
            tell: called with whether it is open, on each change.
            failures: how many open it, one after another.
            pause: seconds between probes; longer than a call may take, so that only one is ever under way.
            clock: by whose seconds pauses are.
        """
        self._tell = tell
        self._limit = failures
        self._pause = pause
        self._clock = clock
        self._failures = 0
        self._next_probe: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether all but probes are turned away."""
        return self._next_probe is not None

    def admits(self) -> bool:
        """Whether a call may be made now; report its end by `succeeded` or `failed`, or not if it was cancelled."""
        if self._next_probe is None:
            return True
        now = self._clock.seconds()
        if now < self._next_probe:
            return False
        self._next_probe = now + self._pause
        return True

    def succeeded(self) -> None:
        """A call was answered."""
        self._failures = 0
        if self._next_probe is not None:
            self._next_probe = None
            self._tell(False)  # noqa: FBT003 - the one thing that is told

    def failed(self) -> None:
        """A call was not answered."""
        self._failures += 1
        if self._next_probe is None and self._failures >= self._limit:
            self._next_probe = self._clock.seconds() + self._pause
            self._tell(True)  # noqa: FBT003 - the one thing that is told
