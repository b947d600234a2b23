"""A worker's end of the line to its supervisor.

It says when it listens and that its event loop still turns, and is told when the service ends and when to leave.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_ISSOCK
from typing import Protocol

from sabiscore.api.leaving import Leaving
from sabiscore.api.limits import IDLE_SECONDS
from sabiscore.server.machine import wait_when_woken

READY = b"r"
QUESTION = b"?"
ANSWER = b"a"
SERVICE_ENDS = b"e"
LEAVE = b"l"

LOOK_EVERY = 0.01
"""Seconds between two looks whether the server listens."""


LINGER_SECONDS = 1.0
"""How long a worker of a service that ends waits for its clients to end their connections, as they are told to."""

HANDOVER_SECONDS = IDLE_SECONDS + 1.0
"""The same of a worker that is replaced: by then the server has closed each connection on which nothing was asked."""

LINGER_EVERY = 0.05
"""Seconds between two looks whether they did."""


class Closable(Protocol):
    """A line of somebody else."""

    def close(self) -> None:
        """Hear no more of it."""


class Control:
    """Made by the supervisor for one worker, used in it."""

    def __init__(
        self,
        line: socket.socket,
        port: int,
        *,
        of_others: Sequence[Closable] = (),
        die_with_parent: Callable[[], object] | None = None,
    ) -> None:
        """Nothing happens yet.

        Args:
            line: ours.
            port: where the worker will listen.
            of_others: what a fork inherits and must not keep, or others would not notice the supervisor's end.
            die_with_parent: to be called by the worker first.
        """
        self._line = line
        self._port = port
        self._of_others = of_others
        self._die_with_parent = die_with_parent
        self._tasks: list[asyncio.Task[None]] = []
        self._leaving = Leaving()

    def enter(self) -> None:
        """In the worker, before anything else: the supervisor's handlers would swallow its signals.

        A Ctrl-C or the end of a terminal reaches a worker through the supervisor.
        """
        if self._die_with_parent:
            self._die_with_parent()
        wait_when_woken(wait=True)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for other in self._of_others:
            other.close()

    async def open(self, leaving: Leaving) -> None:
        """On the worker's event loop: answer from now on, and say so once the server listens.

        ``leaving`` is told when it comes to that.
        """
        self._leaving = leaving
        self._line.settimeout(0)
        asyncio.get_running_loop().add_reader(self._line, self._hear)
        self._tasks.append(asyncio.create_task(self._announce()))

    async def _announce(self) -> None:
        while not listens(self._port):  # noqa: ASYNC110 - Granian tells nobody
            await asyncio.sleep(LOOK_EVERY)
        wait_when_woken(wait=False)  # the server has its threads by now
        self._say(READY)

    def _hear(self) -> None:
        try:
            told = self._line.recv(64)
        except BlockingIOError:
            return
        except OSError:
            told = b""
        if not told:  # the supervisor is gone, where the kernel does not kill us with it
            asyncio.get_running_loop().remove_reader(self._line)
            os.kill(os.getpid(), signal.SIGTERM)
        if QUESTION in told:
            self._say(ANSWER)
        if SERVICE_ENDS in told:
            self._leaving.end_service()
        if LEAVE in told:
            self._tasks.append(asyncio.create_task(self._leave()))

    async def _leave(self) -> None:
        """Accept nobody any more, wait until those who are there have gone, and have the server end.

        The server closes a connection on which no request has begun, also when one is on its way: so each is told
        first.
        """
        self._leaving.close_connections()
        accept_nobody(self._port)
        waited = 0.0
        while waited < self._patience and any(not listener for _, listener in sockets_on(self._port)):
            await asyncio.sleep(LINGER_EVERY)
            waited += LINGER_EVERY
        os.kill(os.getpid(), signal.SIGTERM)

    @property
    def _patience(self) -> float:
        return LINGER_SECONDS if self._leaving.service_ends else HANDOVER_SECONDS

    def _say(self, word: bytes) -> None:
        with suppress(OSError):
            self._line.send(word)


def listens(port: int) -> bool:
    """Whether this process has a socket that listens on ``port``."""
    return any(listener for _, listener in sockets_on(port))


def accept_nobody(port: int) -> None:
    """Leave whoever comes to ``port`` from now on to the other processes that have the same listening socket.

    The server cannot be told to. In place of the socket it gets one that nobody knows.
    """
    for number, listener in sockets_on(port):
        if listener:
            with socket.socket() as unknown:
                unknown.bind(("127.0.0.1", 0))
                unknown.listen()
                unknown.setblocking(False)  # noqa: FBT003 - its name for it
                os.dup2(unknown.fileno(), number, inheritable=False)


def sockets_on(port: int) -> Iterator[tuple[int, bool]]:
    """The sockets of this process whose own port is ``port``, each with whether it listens."""
    for path in Path("/dev/fd").iterdir():
        with suppress(OSError):
            if (listener := _is_listener(int(path.name), port)) is not None:
                yield int(path.name), listener


def _is_listener(number: int, port: int) -> bool | None:
    """None for what is no socket on that port; raises OSError for what is open no more."""
    if S_ISSOCK(os.fstat(number).st_mode):
        with socket.socket(fileno=os.dup(number)) as one:
            if one.family in {socket.AF_INET, socket.AF_INET6} and one.getsockname()[1] == port:
                return bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    return None
