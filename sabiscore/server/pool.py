"""Which worker is started, asked, sent away or killed, and when. Knows no process and no clock.

A worker that dies is replaced: at once, then after longer and longer pauses if its successors die too. One that
does not answer is killed and replaced. A renewal replaces one worker after the other, each only when its successor
is ready; if that one fails, the old ones stay.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from msgspec import Struct

from sabiscore.telemetry.report import Loss

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
"""Seconds before the start of a worker whose predecessors died early, too."""

STEADY = 60.0
"""Seconds after which a worker counts as one that lives."""

READY_WITHIN = 120.0
"""Seconds a worker may take to get ready; on a starved machine it takes long."""


class Worker(Protocol):
    """A process that serves."""

    def is_alive(self) -> bool:
        """Whether it runs, or hangs."""

    def is_ready(self) -> bool:
        """Whether it has said that it listens."""

    def ask(self) -> None:
        """Have its loop answer."""

    def has_answered(self) -> bool:
        """Whether it answered what it was asked last."""

    def end_service(self) -> None:
        """Tell it that the service ends: it serves on, and says that it is not ready."""

    def leave(self) -> None:
        """Have it end what it has begun, and itself."""

    def kill(self) -> None:
        """End it now."""


class Hook(Protocol):
    """Is told what happens."""

    def ready(self) -> None:
        """A worker is ready."""

    def lost(self, reason: Loss) -> None:
        """A worker had to be replaced."""

    def renewed(self, *, ok: bool) -> None:
        """All workers are new ones; or a new one failed, and the old ones that are left stay."""


Start: TypeAlias = Callable[[int], Worker]
"""Starts the worker of a place."""


class Times(Struct, frozen=True):
    """In seconds.

    ``patience`` is how long a worker may not answer, ``drain`` and ``handover`` how long it may take to leave where the
    service ends and where it is replaced, ``delay`` how long all serve on at the end.
    """

    patience: float
    drain: float
    handover: float
    delay: float = 0.0


@dataclass
class Member:
    """A worker, since when it is what it is, and until when it may leave."""

    worker: Worker
    since: float
    ready: bool = False
    asked: float | None = None
    answered: float = 0.0
    until: float = 0.0
    fate: Loss = "died"

    def end(self, fate: Loss) -> None:
        """Kill it; what is found dead next has this reason."""
        self.fate = fate
        self.worker.kill()


@dataclass
class Place:
    """One of the workers that there should be: the one that serves, and the one that is to take over."""

    current: Member | None = None
    successor: Member | None = None
    deaths: int = 0
    due: float = 0.0

    def members(self) -> Iterator[Member]:
        """Who is there."""
        yield from (each for each in (self.current, self.successor) if each)


class Pool:
    """The workers of a service; `tick` does whatever is due."""

    def __init__(self, start: Start, size: int, times: Times, hook: Hook) -> None:
        self._start = start
        self._times = times
        self._hook = hook
        self._places = [Place() for _ in range(size)]
        self._leaving: list[Member] = []
        self._renewing: Start | None = None
        self._still_old: deque[int] = deque()
        self._ticked: float | None = None
        self._ever_ready = False
        self._stopping = False

    def has_failed(self) -> bool:
        """Whether every worker died and none was ever ready."""
        return not self._ever_ready and all(place.deaths for place in self._places)

    def workers(self) -> list[Worker]:
        """All that may still run."""
        staying = [each for place in self._places for each in place.members()]
        return [each.worker for each in (*staying, *self._leaving)]

    def renew(self, start: Start) -> None:
        """Replace all workers by such as ``start`` starts, one after the other; begins again if one is under way."""
        self._renewing = start
        self._still_old = deque(range(len(self._places)))

    def tick(self, now: float) -> None:
        """Look at every worker and do what is due."""
        self._forgive_what_came_late(now)
        for number, place in enumerate(self._places):
            self._bury(place, now)
            self._promote(place, now)
            self._start_what_is_due(number, place, now)
            if place.current and place.current.ready:
                self._question(place.current, now)
        self._see_off(now)
        self._renew_next(now)

    def resting(self, now: float) -> list[int]:
        """The places that stay empty for a while, because those who had them died early."""
        return [
            number
            for number, place in enumerate(self._places)
            if now < place.due and not any(place.members())
        ]

    def announce_end(self) -> None:
        """Have all that are ready say that the service ends, and serve on; nobody is started any more."""
        self._stopping = True
        self._renewing = None
        for place in self._places:
            for member in place.members():
                member.worker.end_service()

    def stop(self, now: float) -> None:
        """Send all away; `tick` until there are no `workers`."""
        self._stopping = True
        self._renewing = None
        until = now + self._times.drain
        for member in self._leaving:
            member.worker.end_service()
            member.until = min(member.until, until)
        for place in self._places:
            for member in place.members():
                member.worker.end_service()
                self._send_away(member, until)
            place.current = place.successor = None

    def _forgive_what_came_late(self, now: float) -> None:
        """If we were held up ourselves, an answer may not have had its time."""
        if self._ticked is not None and now - self._ticked > self._times.patience / 4:
            for place in self._places:
                for member in place.members():
                    member.asked = member.asked and now
        self._ticked = now

    def _bury(self, place: Place, now: float) -> None:
        if place.current and not place.current.worker.is_alive():
            dead, place.current = place.current, None
            steady = dead.ready and now - dead.since >= STEADY
            place.deaths = 1 if steady else place.deaths + 1
            place.due = now + pause(place.deaths)
            log.error("lost a worker: it %s; the next starts in %g s", dead.fate, place.due - now)
            self._hook.lost(dead.fate)
        if place.successor and not place.successor.worker.is_alive():
            dead, place.successor = place.successor, None
            self._give_up_renewing(f"a new one {dead.fate} before it was ready")

    def _promote(self, place: Place, now: float) -> None:
        for member in place.members():
            if member.ready:
                continue
            if member.worker.is_ready():
                member.ready, member.since, member.answered = True, now, now
                self._ever_ready = True
                self._hook.ready()
            elif now - member.since > READY_WITHIN:
                member.end("late")
        if place.successor and place.successor.ready:
            if place.current:
                self._send_away(place.current, now + self._times.handover)
            place.current, place.successor = place.successor, None
            self._start = self._renewing or self._start

    def _start_what_is_due(self, number: int, place: Place, now: float) -> None:
        if self._stopping or any(place.members()) or now < place.due or self.has_failed():
            return
        try:
            place.current = Member(self._start(number), now)
        except OSError as error:
            place.deaths += 1
            place.due = now + pause(place.deaths)
            log.error("a worker cannot be started: %s", error)  # noqa: TRY400 - the reason says it all

    def _question(self, member: Member, now: float) -> None:
        """Killed is who was asked and did not answer for three quarters of the patience; the rest went by before."""
        if member.asked is not None and member.worker.has_answered():
            member.asked, member.answered = None, now
        if member.asked is None and now - member.answered >= self._times.patience / 4:
            member.asked = now
            member.worker.ask()
        elif member.asked is not None and now - member.asked >= self._times.patience * 3 / 4:
            member.end("hung")

    def _send_away(self, member: Member, until: float) -> None:
        """Who is not ready yet has begun nothing, and would not always hear."""
        member.until = until
        (member.worker.leave if member.ready else member.worker.kill)()
        self._leaving.append(member)

    def _see_off(self, now: float) -> None:
        self._leaving = [each for each in self._leaving if each.worker.is_alive()]
        for member in self._leaving:
            if now > member.until:
                log.warning("killed a worker: it did not end in time")
                member.worker.kill()

    def _renew_next(self, now: float) -> None:
        if not self._renewing or self._leaving or any(place.successor for place in self._places):
            return
        if not self._still_old:
            self._renewing = None
            self._hook.renewed(ok=True)
            return
        number = self._still_old.popleft()
        try:
            self._places[number].successor = Member(self._renewing(number), now)
        except OSError as error:
            self._give_up_renewing(f"a new one cannot be started: {error}")

    def _give_up_renewing(self, reason: str) -> None:
        self._renewing = None
        log.error("reload failed, the old workers stay: %s", reason)
        self._hook.renewed(ok=False)


def pause(deaths: int) -> float:
    """Seconds until the next start after so many early deaths in a row."""
    return 0.0 if deaths <= 1 else min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (min(deaths, 20) - 2))
