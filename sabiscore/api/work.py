"""How much one worker has in work: what comes on top is refused at once, so that memory and waiting stay bounded."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType, TracebackType
from typing import TypeVar

from litestar.types import Scope

from sabiscore.api.admission import Limit, LookUps, Rate
from sabiscore.api.limits import ANSWER_SECONDS, MAX_FIXTURES
from sabiscore.api.problems import OVERLOADED, TOO_LATE, ProblemError
from sabiscore.api.readers import Readers
from sabiscore.clock import CLOCK, Clock
from sabiscore.telemetry.families import RoomOf
from sabiscore.telemetry.instruments import Admission

T = TypeVar("T")

ONES = (64, 64, 128)
MANY = (MAX_FIXTURES, MAX_FIXTURES, 64 * MAX_FIXTURES)
"""Fixtures that are admitted at first, at least and at most, asked for one by one and in batches."""

READS = (16, 16, 64)
"""Lists, tables, clubs and pages, likewise: each takes as long as some fixtures."""

BEFORE = 3
"""Requests of its size that one may find in work in any case: for a large one that is more than the least."""

NOBODY: Mapping[RoomOf, Admission] = MappingProxyType({})

SWITCH_AFTER = 0.0005
"""Seconds that the event loop may keep the interpreter under load, when the server's own thread wants it.

That thread needs it several times a request: with the usual 5 ms, whoever asks beside 64 clients with batches waits for
forty times as long. Without load the usual is a twentieth faster.
"""


class Handover:
    """Has the interpreter change hands sooner while anybody wants that; with ``with``, for the time of the block."""

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

    def __enter__(self) -> None:
        """Want it."""
        self.want()

    def __exit__(self, *_: object) -> None:
        """Leave it."""
        self.leave()


class Room:
    """Room for so many fixtures as its limit says, whatever a request asks for; what comes on top is refused."""

    def __init__(
        self,
        limit: Limit,
        *,
        handover: Handover | None = None,
        loaded: int = 1,
        told: Admission | None = None,
        clock: Clock = CLOCK,
    ) -> None:
        """``handover`` is wanted while so many fixtures are in work as make a load; ``told`` is what measures it.

        ``taken`` is how much is in work.
        """
        self.limit = limit
        self._told = told
        self.clock = clock
        self._rate = Rate(clock)
        self.taken = 0
        self._handover = handover or Handover()
        self._loaded = loaded
        if told:
            told.limit.set(limit.value)

    @property
    def full(self) -> bool:
        """Whether a request for one fixture will be refused."""
        return not self.has_room(1)

    def has_room(self, cost: int) -> bool:
        """Whether a request for so many fixtures will not be."""
        return self.taken < self.limit.value or self.taken <= BEFORE * cost

    def place(self, cost: int = 1) -> "Place":
        """To be entered with ``with`` by a request for ``cost`` fixtures, if there is room.

        Raises:
            ProblemError: there is none.
        """
        if not self.has_room(cost):
            raise self.refused(cost)
        return Place(self, cost)

    def refused(self, cost: int = 1) -> ProblemError:
        """What a request is told that finds no room."""
        if self._told:
            self._told.refused.add()
        return ProblemError(OVERLOADED, headers=[("retry-after", str(self._rate.refused(cost)))])

    def take(self, cost: int) -> int:
        """Take room; how much was taken before."""
        before = self.taken
        self.taken += cost
        if before < self._loaded <= self.taken:
            self._handover.want()
        return before

    def give_back(self, cost: int) -> None:
        """Give it back."""
        before = self.taken
        self.taken -= cost
        if self.taken < self._loaded <= before:
            self._handover.leave()

    def answered(self, place: "Place", seconds: float) -> None:
        """A request was answered, so soon."""
        self._rate.answered(place.cost)
        self.limit.learn(place.cost, place.found, seconds, place.began + seconds)
        if self._told:
            self._told.limit.set(self.limit.value)


class Place:
    """What a request takes of a room while it is in work."""

    __slots__ = ("_room", "began", "cost", "found")

    def __init__(self, room: Room, cost: int) -> None:
        self._room = room
        self.cost = cost
        self.found = 0
        self.began = 0.0

    def __enter__(self) -> None:
        """Take it."""
        self.began = self._room.clock.seconds()
        self.found = self._room.take(self.cost)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give it back; the limit learns from who was answered."""
        self._room.give_back(self.cost)
        if kind is None:
            self._room.answered(self, self._room.clock.seconds() - self.began)


class Work:
    """The rooms of one worker, and who reads or waits.

    Batches have their ``turns`` one by one: of two threads the event loop would wait longer.
    """

    def __init__(self, told: Mapping[RoomOf, Admission] = NOBODY) -> None:
        self.handover = usual = Handover()
        self.one = Room(Limit(*ONES), handover=usual, loaded=ONES[0] // 2, told=told.get("one"))
        self.many = Room(Limit(*MANY), handover=usual, told=told.get("batch"))
        self.reads = Room(Limit(*READS), handover=usual, told=told.get("read"))
        self.look_ups = LookUps()
        self.rooms: Mapping[RoomOf, Room] = {"one": self.one, "batch": self.many, "read": self.reads}
        self.turns = asyncio.Lock()
        self._reader = asyncio.Semaphore()
        self.readers = Readers()
        self.answers = Readers(ANSWER_SECONDS, TOO_LATE)

    def has_no_time(self) -> bool:
        """Whether there is no room for one more fixture, nor time to see whether its answer is at hand."""
        return self.one.full and not self.look_ups.allowed()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """One turn of the event loop for what reads a season, so that whatever takes less goes between two of them.

        Raises:
            ProblemError: there is no room for it.
        """
        with self.reads.place():
            async with self._reader:
                await asyncio.sleep(0)
                yield

    async def read(self, reading: Callable[[], T]) -> T:
        """What is read of a season, in a thread: the event loop has its turns meanwhile.

        Raises:
            ProblemError: there is no room for it.
        """
        async with self.reading():
            return await to_its_end(reading)


async def to_its_end(doing: Callable[[], T]) -> T:
    """What a thread does; whoever is cancelled meanwhile keeps what it holds until the thread has ended."""
    thread = asyncio.ensure_future(asyncio.to_thread(doing))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        raise


def work_of(scope: Scope) -> Work:
    """What the worker that answers has in work."""
    work: Work = scope["litestar_app"].state["work"]
    return work
