"""Which worker am I? Slots 0, 1, 2... in a run directory, each held by a lock that dies with its process."""

import errno
import fcntl
import os
from collections.abc import Iterable
from itertools import chain, count
from pathlib import Path
from typing import IO

LARGEST = 1024 * 1024
"""Bytes that one worker's metrics may have; some 15,000 they do."""


class Slot:
    """One worker's place among the workers of a `serve`; another worker takes it over when that one is gone."""

    def __init__(self, directory: Path, *, rather: Iterable[int] = ()) -> None:
        """Claim a free slot: one of ``rather``, else the first.

        Raises:
            OSError: the directory can't be written, or is not private to this user.
        """
        if not is_private(directory):
            raise PermissionError(errno.EPERM, "belongs to or may be written by other users, too")
        self._directory = directory
        self.number, self._lock = next(
            (number, lock)
            for number in chain(rather, count())
            if (lock := _try_lock(directory / f"worker-{number}.lock"))
        )

    @property
    def socket(self) -> Path:
        """Where this worker answers the others."""
        return _socket(self._directory, self.number)

    def others(self) -> list[int]:
        """All other slots that have a worker, or had one that left something."""
        left = (path.stem for path in self._directory.glob("metrics-*"))
        return sorted({int(stem.removeprefix("metrics-")) for stem in left} - {self.number})

    def socket_of(self, number: int) -> Path:
        """Where another worker answers, if it lives."""
        return _socket(self._directory, number)

    def is_lost(self) -> bool:
        """Whether the directory, or our file in it, has been removed."""
        try:
            return not os.path.samestat(
                (self._directory / f"worker-{self.number}.lock").stat(), os.fstat(self._lock.fileno())
            )
        except OSError:
            return True

    def again(self) -> "Slot":
        """The same in a directory made again.

        Raises:
            OSError: it cannot be made.
        """
        self._directory.mkdir(mode=0o700, exist_ok=True)
        return Slot(self._directory, rather=[self.number])

    def hand_over(self, text: str) -> None:
        """Leave a text to those that come after us: whole or not at all."""
        fresh = self._directory / f"worker-{self.number}.new"
        fresh.write_text(text)
        fresh.replace(_left(self._directory, self.number))

    def left_by(self, number: int) -> str:
        """What the last worker of a slot handed over; empty if that is nothing."""
        return read_bounded(_left(self._directory, number))

    def forget(self) -> None:
        """What was handed over to us is shown by us from now on."""
        _left(self._directory, self.number).unlink(missing_ok=True)

    def release(self) -> None:
        """Give the slot back."""
        if not self.is_lost():
            self.socket.unlink(missing_ok=True)
        self._lock.close()


def is_private(directory: Path) -> bool:
    """Whether it is this user's, and nobody else can put anything there."""
    found = directory.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def read_bounded(path: Path) -> str:
    """A small file of text; empty if there is none or it is not small."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        return content.decode() if len(content) <= LARGEST else ""
    except (OSError, ValueError):
        return ""


def _socket(directory: Path, number: int) -> Path:
    return directory / f"metrics-{number}.sock"


def _left(directory: Path, number: int) -> Path:
    return directory / f"metrics-{number}.prom"


def _try_lock(path: Path) -> IO[bytes] | None:
    lock = path.open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock
