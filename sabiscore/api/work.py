"""How much one worker has in work: what comes on top is refused at once, so that memory and waiting stay bounded."""

import asyncio
import sys
from types import TracebackType

from litestar.types import Scope

from sabiscore.api.limits import IN_WORK
from sabiscore.api.problems import OVERLOADED, ProblemError
from sabiscore.api.readers import Readers

BATCHES_TOGETHER = 2
"""Batches that are worked at in turn: while one waits for Valkey or the model, another one is decoded."""


SWITCH_AFTER = 0.0005
"""Seconds that the event loop may keep the interpreter under load, when the server's own thread wants it.

That thread needs it several times a request: with the usual 5 ms, whoever asks beside 64 clients with batches waits for
forty times as long. Without load the usual is a twentieth faster.
"""


class Handover:
    """Has the interpreter change hands sooner while anybody wants that."""

    def __init__(self) -> None:
        self._wanted = 0
        self._usual = sys.getswitchinterval()

    def want(self) -> None:
        """From now on."""
        self._wanted += 1
        sys.setswitchinterval(SWITCH_AFTER)

    def leave(self) -> None:
        """As far as this one is concerned, no more."""
        self._wanted -= 1
        if not self._wanted:
            sys.setswitchinterval(self._usual)


class Room:
    """A number of places. Entered with ``with``, if there is one."""

    def __init__(self, places: int = IN_WORK, *, handover: Handover | None = None, loaded: int = 1) -> None:
        """``handover`` is wanted while so many places are taken as make a load."""
        self._places = places
        self._taken = 0
        self._handover = handover or Handover()
        self._loaded = loaded

    @property
    def full(self) -> bool:
        """Whether the next one will be refused."""
        return self._taken >= self._places

    def __enter__(self) -> None:
        """Take a place.

        Raises:
            ProblemError: there is none.
        """
        if self.full:
            raise ProblemError(OVERLOADED)
        self._taken += 1
        if self._taken == self._loaded:
            self._handover.want()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give it back."""
        if self._taken == self._loaded:
            self._handover.leave()
        self._taken -= 1


class Work:
    """The rooms of one worker, and who reads. In the room for batches, `BATCHES_TOGETHER` have their ``turns``."""

    def __init__(self) -> None:
        handover = Handover()
        self.one = Room(handover=handover, loaded=IN_WORK // 2)
        self.many = Room(handover=handover)
        self.turns = asyncio.Semaphore(BATCHES_TOGETHER)
        self.readers = Readers()


def work_of(scope: Scope) -> Work:
    """What the worker that answers has in work."""
    work: Work = scope["litestar_app"].state["work"]
    return work
