"""What a service holds of its machine: an address, a directory for its workers, files, children that end with it."""

import ctypes
import errno
import fcntl
import logging
import os
import resource
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

from sabiscore.clock import CLOCK
from sabiscore.errors import AddressError, SettingsError
from sabiscore.telemetry.memory import is_private

LONGEST_SOCKET = 103
"""Bytes that the path of a Unix socket may have on any system (107 on Linux)."""

LONGEST_NAME = "valkey.sock"
"""The longest name of a socket in a run directory."""

LOCKS = Path("/tmp") / f"sabiscore-{os.getuid()}"  # noqa: S108 - private to this user, and checked
"""Where addresses are locked: one place for all services of a user, whatever their TMPDIR."""

NAMED_WITHIN = 1.0
"""Seconds in which who locks an address leaves its number there."""

log = logging.getLogger(__name__)


@contextmanager
def run_directory(parent: str) -> Iterator[Path]:
    """A new directory, private to this user, for the time of the block.

    Args:
        parent: where; left as it is. Empty for the system's temporary directory, or /tmp where its name is too long.

    Raises:
        SettingsError: there is no place for one.
    """
    try:
        place = parent or tempfile.gettempdir()
        if _is_too_long(place) and not parent:
            place = "/tmp"  # noqa: S108 - mkdtemp is made for it
        if _is_too_long(place):
            raise SettingsError(
                f"SABISCORE_RUN_DIR={parent}: too long for a socket inside; choose a shorter one"
            )
        made = tempfile.TemporaryDirectory(prefix="sabiscore-", dir=place, ignore_cleanup_errors=True)
    except OSError as error:
        asked = (
            f"SABISCORE_RUN_DIR={parent}" if parent else "no SABISCORE_RUN_DIR, and no temporary directory"
        )
        raise SettingsError(f"{asked}: workers cannot meet there: {error}") from error
    with made as directory:
        yield Path(directory)


def _is_too_long(place: str) -> bool:
    return len(os.fsencode(f"{place}/sabiscore-12345678/{LONGEST_NAME}")) > LONGEST_SOCKET


@contextmanager
def address(host: str, port: int) -> Iterator[tuple[str, int]]:
    """An address to listen on, for the time of the block: resolved, free, and locked against other services.

    Granian shares its port with any process of this user, so that two services started together would both run.

    Raises:
        AddressError: it is not free, or no address of this machine.
    """
    with ExitStack() as locks:
        try:
            found = _found(host, port)
            _lock_address(locks, *found)
            _bind(*found).close()
        except OSError as error:
            raise AddressError(f"cannot listen on {host}:{port}: {error.strerror}") from error
        yield found


def _found(host: str, port: int) -> tuple[str, int]:
    """The address of a name, and a port in place of 0."""
    found = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    if port:
        return found, port
    with _bind(found, port) as probe:
        return found, int(probe.getsockname()[1])


def _bind(found: str, port: int) -> socket.socket:
    """Raises OSError where somebody else listens."""
    family, *_, wanted = socket.getaddrinfo(found, port, type=socket.SOCK_STREAM)[0]
    probe = socket.socket(family)
    try:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(wanted)
    except OSError:
        probe.close()
        raise
    return probe


def _lock_address(locks: ExitStack, found: str, port: int) -> None:
    """Who listens on all addresses has the port alone; others share it, each with an address of its own."""
    try:
        LOCKS.mkdir(mode=0o700, exist_ok=True)
        if not is_private(LOCKS):
            raise PermissionError(errno.EPERM, "not private to this user", str(LOCKS))
        files = [_open(locks, LOCKS / name) for name in (f"{port}", f"{found}-{port}")]
    except OSError as error:
        log.warning("no lock on the address, two services started together may both run: %s", error)
        return
    _lock(files[0], fcntl.LOCK_EX if ip_address(found).is_unspecified else fcntl.LOCK_SH)
    _lock(files[1], fcntl.LOCK_EX)


def _open(locks: ExitStack, path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    locks.callback(os.close, file)
    return file


def _lock(file: int, operation: int) -> None:
    """Lock the file, and leave our process's number in it; it is never removed."""
    try:
        fcntl.flock(file, operation | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OSError(errno.EADDRINUSE, f"{_holder(file)} serves there") from error
    os.ftruncate(file, 0)
    os.pwrite(file, f"{os.getpid()}\n".encode(), 0)


def _holder(file: int) -> str:
    """Who has locked the file; their number is there a moment later than the lock."""
    deadline = CLOCK.seconds() + NAMED_WITHIN
    while not (number := os.pread(file, 20, 0).decode(errors="replace").strip()):
        if CLOCK.seconds() > deadline:
            return "another process"
        time.sleep(0.01)
    return f"process {number}"


def allow_files(wanted: int) -> int:
    """Raise the limit of open files of this process and its children to ``wanted`` where it is lower; the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else soft


def dying_with_parent() -> Callable[[], object] | None:
    """What a child of ours has to call first to be killed when we end, however that happens; None but on Linux.

    The kernel's "parent" is the thread that starts the child: start it from the main one.
    """
    if sys.platform != "linux":
        return None
    prctl, parent, set_parent_death_signal = ctypes.CDLL(None).prctl, os.getpid(), 1

    def die_with_parent() -> None:
        prctl(set_parent_death_signal, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return die_with_parent


def wait_when_woken(*, wait: bool) -> None:
    """Whether this thread, and those that it starts from then on, let others end their slice of the processor first.

    Usually whoever wakes interrupts: a server's own thread on the core of the event loop does so several times a
    request. With ``wait`` it is SCHED_BATCH (see sched(7)). Nothing is done on other systems, nor to a thread that
    has a policy which somebody chose.
    """
    if sys.platform == "linux":
        before, after = (os.SCHED_OTHER, os.SCHED_BATCH) if wait else (os.SCHED_BATCH, os.SCHED_OTHER)
        with suppress(OSError):
            if os.sched_getscheduler(0) == before:
                os.sched_setscheduler(0, after, os.sched_param(0))


def give_back() -> None:
    """Give the system what memory is free: of what was let go of glibc keeps the most. Elsewhere nothing is done."""
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
