"""What may go wrong with a Valkey, in the few words of a metric's label, and told to the log now and then."""

import logging
import time

from valkey import exceptions

QUIET = 60.0
"""Seconds between two log lines about failures; the hook hears of each."""


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
        now = time.monotonic()
        if now >= self._quiet_until:
            self._quiet_until = now + QUIET
            self._log.warning(
                "cache at %s: %s failed (%s); answering without it", self._place, operation, reason
            )
