"""The parent of the workers: Granian's, but that it replaces one worker by another only when that one is ready.

Granian starts and stops processes as it always does; which, and when, is `Pool`'s decision. A worker is forked from
the parent, so that all share what that has loaded; nothing of it may run in a thread when it does.
"""

import logging
import multiprocessing
import signal
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any, TypeAlias, TypeVar, cast

from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.mp import MPServer
from msgspec import Struct

from sabiscore.clock import CLOCK
from sabiscore.server.control import ANSWER, LEAVE, QUESTION, READY, SERVICE_ENDS, Closable, Control
from sabiscore.server.listeners import Listeners
from sabiscore.server.machine import dying_with_parent
from sabiscore.server.pool import Hook, Pool, Times

log = logging.getLogger(__name__)

Load: TypeAlias = Callable[[Control], Any]
"""In a worker: the application, which has its control opened where it starts."""

T = TypeVar("T")

TICK = 0.25
"""Seconds between two looks at the workers, if nothing happens."""


class Process:
    """A worker as its supervisor sees it."""

    def __init__(self, process: BaseProcess, line: socket.socket) -> None:
        self._process = process
        self._line = line
        self._heard = b""

    def fileno(self) -> int:
        """What is readable when it says something, or ends."""
        return self._line.fileno()

    def close(self) -> None:
        """Hear no more of it."""
        self._line.close()

    def is_alive(self) -> bool:
        """Whether it runs, or hangs."""
        self._listen()
        alive = self._process.is_alive()
        if not alive:
            self.close()
        return alive

    def is_ready(self) -> bool:
        """Whether it has said that it listens."""
        self._listen()
        return READY in self._heard

    def ask(self) -> None:
        """Have its loop answer."""
        self._heard = b""
        self._say(QUESTION)

    def has_answered(self) -> bool:
        """Whether it answered what it was asked last."""
        self._listen()
        return ANSWER in self._heard

    def end_service(self) -> None:
        """Tell it that the service ends: it serves on, and says that it is not ready."""
        self._say(SERVICE_ENDS)

    def leave(self) -> None:
        """Have it end what it has begun, and itself."""
        self._say(LEAVE)

    def kill(self) -> None:
        """End it now; one that hangs, too."""
        self._process.kill()

    def _say(self, word: bytes) -> None:
        with suppress(OSError):
            self._line.send(word)

    def _listen(self) -> None:
        with suppress(OSError):
            self._heard += self._line.recv(64)


class Duties(Struct, frozen=True):
    """What a supervisor does beside keeping workers.

    ``reload`` runs in a thread on SIGHUP; it returns what, in the main one, makes how the new workers shall load.
    Either may raise, of which ``refused`` is told. ``chores`` are done several times a second. ``hook`` is told what
    happens to workers.
    """

    reload: Callable[[], Callable[[], Load]]
    refused: Callable[[Exception], None]
    hook: Hook
    chores: Sequence[Callable[[], None]] = ()


class Supervisor(MPServer):
    """Granian with workers that are watched over."""

    def supervise(self, load: Load, times: Times, duties: Duties, *, told: Callable[[], bool]) -> None:
        """Serve until SIGTERM or SIGINT; not at all if we were ``told`` to stop before.

        Raises:
            SystemExit: with 1, when no worker got ready.
        """
        self._told_before = told
        self._delay = times.delay
        self._listeners = Listeners(self.bind_addr, self.bind_port, self.workers)
        self._duties = duties
        self._reloading: Future[Callable[[], Load]] | None = None
        multiprocessing.set_start_method("fork", force=True)
        self._pool = Pool(partial(self._start, load), self.workers, times, duties.hook)
        del load  # the pool lets go of it after a reload
        try:
            self.serve()
        finally:
            for (
                process
            ) in self._processes():  # none, but after a fault of ours, whose end would wait for them
                process.kill()

    def _init_shared_socket(self) -> None:
        """Called by Granian before that; the sockets are ours."""
        self._sso = None

    def _spawn_workers(self, spawn_target: Any, _: object) -> None:  # noqa: ANN401
        """Called by Granian when it has started up; from then on it hears the signals itself."""
        self.interrupt_signal = self.interrupt_signal or self._told_before()
        self._target = spawn_target
        self._wake, wakes = socket.socketpair()
        for end in (self._wake, wakes):
            end.settimeout(0)
        self._wakes = wakes
        signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)

    def signal_handler_interrupt(self, *_: object) -> None:
        """End; takes no lock, as Granian's own does: a signal during the one before would wait for itself for ever."""
        self.interrupt_signal = True

    def signal_handler_reload(self, *_: object) -> None:
        """Reload, likewise."""
        self.reload_signal = True

    def _serve_loop(self, _: object, __: object) -> None:
        while not self.interrupt_signal:
            self._look_after_workers()
            if self._pool.has_failed():
                log.critical("no worker could start")
                self.shutdown(1)  # type: ignore[no-untyped-call]
            self._reload_if_told()
            self._wait()

    def _look_after_workers(self) -> None:
        now = CLOCK.seconds()
        self._pool.tick(now)
        for number in self._pool.resting(now):
            self._listeners.close(number)
        for chore in self._duties.chores:
            chore()

    def _stop_workers(self) -> None:
        """Called by Granian when it shuts down."""
        if self._delay:
            self._serve_on()
        self._pool.stop(CLOCK.seconds())
        self._listeners.close()
        while self._pool.workers():
            self._wait()
            self._pool.tick(CLOCK.seconds())
        signal.set_wakeup_fd(-1)

    def _serve_on(self) -> None:
        """Until whoever sends traffic has seen that the service ends; a second signal cuts it short."""
        self.interrupt_signal = False
        self._pool.announce_end()
        until = CLOCK.seconds() + self._delay
        while CLOCK.seconds() < until and self._pool.workers() and not self.interrupt_signal:
            self._wait()
            self._look_after_workers()

    def _processes(self) -> list[Process]:
        return cast("list[Process]", self._pool.workers())

    def _wait(self) -> None:
        wait([self._wake, *self._processes()], TICK)  # type: ignore[list-item]
        with suppress(BlockingIOError):
            self._wake.recv(1024)

    def _start(self, load: Load, number: int) -> Process:
        line, theirs = socket.socketpair()
        line.settimeout(0)
        listener = self._listeners.open(number)
        self._ssp = None
        self._shd = SocketHolder(listener.fileno(), False, self.backlog)  # type: ignore[assignment, call-arg]  # noqa: FBT003
        mine: list[Closable] = [line, self._wake, self._wakes, *self._processes()]
        others = [*mine, *self._listeners.all_but(listener)]
        control = Control(theirs, self.bind_port, of_others=others, die_with_parent=dying_with_parent())
        worker = self._spawn_worker(number, self._target, partial(load, control))
        worker.inner.start()
        theirs.close()
        return Process(worker.inner, line)

    def _reload_if_told(self) -> None:
        if self.reload_signal and not self._reloading:
            self.reload_signal = False
            self._reloading = _in_a_thread(self._duties.reload)
        if self._reloading and self._reloading.done():
            done, self._reloading = self._reloading, None
            try:
                self._pool.renew(partial(self._start, done.result()()))
            except Exception as error:  # noqa: BLE001 - whatever it is, those that serve serve on
                self._duties.refused(error)


def _in_a_thread(do: Callable[[], T]) -> "Future[T]":
    """A daemon: a service that ends does not wait for it."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(do())
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future
