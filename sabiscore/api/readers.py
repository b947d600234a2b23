"""Those who wait, for the body of a request or for its answer: whoever waits for too long is ended."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from sabiscore.api.limits import BODY_SECONDS
from sabiscore.api.problems import SLOW_BODY, Kind, ProblemError
from sabiscore.clock import CLOCK, Clock

T = TypeVar("T")

SWEEP_SECONDS = 1.0
"""How often is looked for late ones, while anybody reads. A timer a body would cost a tenth of a stored answer."""

_LATE = "waited for too long"


class Readers:
    """Tasks that wait, and since when, the first one first."""

    def __init__(
        self, seconds: float = BODY_SECONDS, late: Kind = SLOW_BODY, *, clock: Clock = CLOCK
    ) -> None:
        """They may wait so long, or else it is a problem of this kind: by default for a body."""
        self._seconds = seconds
        self._late = late
        self._now = clock.seconds
        self._since: dict[asyncio.Task[Any], float] = {}
        self._sweeps = False

    async def read(self, reading: Awaitable[T]) -> T:
        """What ``reading`` reads.

        Raises:
            ProblemError: that took too long; at most `SWEEP_SECONDS` after that.
        """
        reader: Any = asyncio.current_task()
        self._since[reader] = self._now()
        if not self._sweeps:
            self._sweep_later()
        try:
            return await reading
        except asyncio.CancelledError as error:
            if error.args != (_LATE,):
                raise
            reader.uncancel()
            raise ProblemError(self._late) from None
        finally:
            self._since.pop(reader, None)

    def sweep(self) -> None:
        """End the late ones, and look again later if there are others."""
        latest = self._now() - self._seconds
        while self._since:
            reader, since = next(iter(self._since.items()))
            if since > latest:
                self._sweep_later()
                return
            del self._since[reader]
            reader.cancel(_LATE)
        self._sweeps = False

    def _sweep_later(self) -> None:
        self._sweeps = True
        asyncio.get_running_loop().call_later(SWEEP_SECONDS, self.sweep)
