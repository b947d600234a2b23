"""How much one worker has in work: what comes on top is refused at once, so that memory and waiting stay bounded."""

import asyncio
from types import TracebackType

from sabiscore.api.limits import IN_WORK
from sabiscore.api.problems import OVERLOADED, ProblemError

BATCHES_TOGETHER = 2
"""Batches that are worked at in turn: while one waits for Valkey or the model, another one is decoded."""


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


class Work:
    """The rooms of one worker. In that for batches, those of `BATCHES_TOGETHER` have their ``turns``."""

    def __init__(self) -> None:
        self.one = Room()
        self.many = Room()
        self.turns = asyncio.Semaphore(BATCHES_TOGETHER)
