"""A worker's end of the line to its supervisor: it says when it listens, and that its event loop still turns."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_ISSOCK
from typing import Protocol

READY = b"r"
QUESTION = b"?"
ANSWER = b"a"

LOOK_EVERY = 0.01
"""Seconds between two looks whether the server listens."""


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
        self._announcing: asyncio.Task[None] | None = None

    def enter(self) -> None:
        """In the worker, before anything else: the supervisor's handlers would swallow its signals.

        A Ctrl-C or the end of a terminal reaches a worker through the supervisor.
        """
        if self._die_with_parent:
            self._die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for other in self._of_others:
            other.close()

    async def open(self) -> None:
        """On the worker's event loop: answer from now on, and say so once the server listens."""
        self._line.settimeout(0)
        asyncio.get_running_loop().add_reader(self._line, self._answer)
        self._announcing = asyncio.create_task(self._announce())

    async def _announce(self) -> None:
        while not listens(self._port):  # noqa: ASYNC110 - Granian tells nobody
            await asyncio.sleep(LOOK_EVERY)
        self._say(READY)

    def _answer(self) -> None:
        try:
            asked = self._line.recv(64)
        except BlockingIOError:
            return
        except OSError:
            asked = b""
        if asked:
            self._say(ANSWER)
        else:  # the supervisor is gone, where the kernel does not kill us with it
            asyncio.get_running_loop().remove_reader(self._line)
            os.kill(os.getpid(), signal.SIGTERM)

    def _say(self, word: bytes) -> None:
        with suppress(OSError):
            self._line.send(word)


def listens(port: int) -> bool:
    """Whether this process has a socket that listens on ``port``."""
    return any(_is_listener(int(path.name), port) for path in Path("/dev/fd").iterdir())


def _is_listener(number: int, port: int) -> bool:
    with suppress(OSError):
        if S_ISSOCK(os.fstat(number).st_mode):
            with socket.socket(fileno=os.dup(number)) as one:
                return (
                    one.family in {socket.AF_INET, socket.AF_INET6}
                    and bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
                    and one.getsockname()[1] == port
                )
    return False
