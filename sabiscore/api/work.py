"""How much one worker has in work: what comes on top is refused at once, so that memory and waiting stay bounded."""

import asyncio
import sys
from types import TracebackType

from sabiscore.api.limits import IN_WORK
from sabiscore.api.problems import OVERLOADED, ProblemError

BATCHES_TOGETHER = 2
"""Batches that are worked at in turn: while one waits for Valkey or the model, another one is decoded."""


SWITCH_AFTER = 0.0005
"""Seconds that the event loop may keep the interpreter, while it works at batches and the server's thread wants it.

That thread needs it several times a request: with the usual 5 ms, whoever asks beside 64 clients with batches waits for
forty times as long. Without batches the usual is a twentieth faster.
"""


class Room:
    """A number of places. Entered with ``with``, if there is one."""

    def __init__(self, places: int = IN_WORK) -> None:
        self._free = places

    @property
    def full(self) -> bool:
        """Whether the next one will be refused."""
        return self._free <= 0

    def __enter__(self) -> None:
        """Take a place.

        Raises:
            ProblemError: there is none.
        """
        if self._free <= 0:
            raise ProblemError(OVERLOADED)
        self._free -= 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give it back."""
        self._free += 1


class BatchRoom(Room):
    """The places of batches. While one is taken, the server's own thread gets the interpreter sooner."""

    def __init__(self, places: int = IN_WORK) -> None:
        super().__init__(places)
        self._places = places
        self._usual = sys.getswitchinterval()

    def __enter__(self) -> None:
        """Take a place, as in any room."""
        super().__enter__()
        sys.setswitchinterval(SWITCH_AFTER)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give it back."""
        super().__exit__(kind, error, traceback)
        if self._free == self._places:
            sys.setswitchinterval(self._usual)


class Work:
    """The rooms of one worker. In that for batches, those of `BATCHES_TOGETHER` have their ``turns``."""

    def __init__(self) -> None:
        self.one = Room()
        self.many = BatchRoom()
        self.turns = asyncio.Semaphore(BATCHES_TOGETHER)
