"""Counts in memory that workers share: whoever counts may die at any time, what it counted stays, and all can read it.

One file without a name, which the workers of a service inherit, has a block for each worker and one for the service.
A worker claims its block with a lock that dies with it; its successor goes on from what is there.
"""

import errno
import fcntl
import os
import struct
import sys
import tempfile
from collections.abc import Iterator
from mmap import mmap
from pathlib import Path
from threading import Lock
from typing import Self, TypeAlias

import msgspec
from msgspec import Struct

BLOCK_SIZE = 256 * 1024
"""Bytes; some 1,000 series fit. Those that are not touched cost nothing."""

BLOCKS = 256

SERVICE = 0
"""The block of the service as a whole."""

LEADER = BLOCKS * BLOCK_SIZE
"""The byte whose lock makes a process the one that does what one has to do for all."""

CELL = 8
"""Bytes: a float."""

HEAD = struct.Struct("=QQ")
"""At the beginning of a block: bytes of records, and the process that claimed it last."""

RECORD = struct.Struct("=II")
"""At the beginning of a record: bytes of its key, and cells. What follows begins at a multiple of `CELL`."""

LOCK = struct.Struct("qqihh" if sys.platform == "darwin" else "hhqqi")
"""The system's ``struct flock``."""

NAME = "counts"
"""The file where workers that inherit nothing meet."""


Cells: TypeAlias = "memoryview[float]"
"""The numbers of a series."""


class Record(Struct, frozen=True):
    """A series: the name of its family, the values of its labels, and the numbers."""

    name: str
    labels: tuple[str, ...]
    cells: Cells


class Block:
    """Series of one worker. Written by one process, read by any; only ever grows."""

    def __init__(self, view: memoryview | None = None) -> None:
        """``view`` are its bytes, by default such as nobody else sees."""
        self._view = memoryview(bytearray(BLOCK_SIZE)) if view is None else view
        self._read = 0
        self._records: dict[str, list[Record]] = {}
        self._reading = Lock()

    @property
    def pid(self) -> int:
        """The process that claimed it last; 0 if none did."""
        return int(HEAD.unpack_from(self._view)[1])

    @pid.setter
    def pid(self, pid: int) -> None:
        HEAD.pack_into(self._view, 0, self._used, pid)

    def cells(self, name: str, labels: tuple[str, ...], width: int) -> Cells:
        """The numbers of a series, zero at first; where there is no room for it, they are nobody's."""
        known = (each.cells for each in self.of(name) if each.labels == labels and len(each.cells) == width)
        return next(known, None) or self._append(msgspec.json.encode([name, *labels]), width)

    def of(self, name: str) -> list[Record]:
        """The series of a family, in the order of their first use."""
        with self._reading:
            used = self._used
            while self._read < used:
                self._read_one()
        return self._records.get(name, [])

    @property
    def _used(self) -> int:
        return int(HEAD.unpack_from(self._view)[0])

    def _append(self, key: bytes, width: int) -> Cells:
        start = HEAD.size + self._used
        cells = start + RECORD.size + _padded(len(key))
        end = cells + CELL * width
        if end > len(self._view):
            return memoryview(bytearray(CELL * width)).cast("d")
        RECORD.pack_into(self._view, start, len(key), width)
        self._view[start + RECORD.size : start + RECORD.size + len(key)] = key
        HEAD.pack_into(self._view, 0, end - HEAD.size, self.pid)  # last: a record is there as a whole, or not
        return self._view[cells:end].cast("d")

    def _read_one(self) -> None:
        start = HEAD.size + self._read
        size, width = RECORD.unpack_from(self._view, start)
        cells = start + RECORD.size + _padded(size)
        end = cells + CELL * width
        name, *labels = msgspec.json.decode(
            self._view[start + RECORD.size : start + RECORD.size + size], type=list[str]
        )
        record = Record(name, tuple(labels), self._view[cells:end].cast("d"))
        self._records.setdefault(name, []).append(record)
        self._read = end - HEAD.size


class Memory:
    """The blocks of all workers."""

    def __init__(self, file: int) -> None:
        """``file`` is inherited or opened by every worker, and never closed: with it the locks would go."""
        self._file = file
        os.ftruncate(file, LEADER + 1)
        self._view = memoryview(mmap(file, LEADER))
        self._blocks: dict[int, Block] = {}
        self.number: int | None = None

    @classmethod
    def inherited(cls) -> Self:
        """Memory of this process and of all that are forked from it."""
        if sys.platform == "linux":
            return cls(os.memfd_create("sabiscore"))
        with tempfile.TemporaryFile() as file:
            return cls(os.dup(file.fileno()))

    @classmethod
    def inside(cls, directory: Path) -> Self:
        """Memory of all that say so of this directory, which is private to their user.

        Raises:
            OSError: it can't be used.
        """
        if not is_private(directory):
            raise PermissionError(errno.EPERM, "belongs to or may be written by other users, too")
        file = os.open(directory / NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        return cls(file)

    def claim(self) -> Block:
        """The first block that is free, from now on this process's own.

        Raises:
            OSError: there is none.
        """
        self.number = next((k for k in range(SERVICE + 1, BLOCKS) if self._try_lock(k * BLOCK_SIZE)), None)
        if self.number is None:
            raise OSError(errno.EUSERS, f"{BLOCKS - 1} workers are there already")
        block = self.block(self.number)
        block.pid = os.getpid()
        return block

    def release(self) -> None:
        """Give the block back; what was counted stays."""
        if self.number is not None:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, self.number * BLOCK_SIZE)
            self.number = None

    def leads(self) -> bool:
        """Whether this process is the one among all, until it ends."""
        return self._try_lock(LEADER)

    def block(self, number: int) -> Block:
        """One of them, claimed or not."""
        if number not in self._blocks:
            self._blocks[number] = Block(self._view[number * BLOCK_SIZE : (number + 1) * BLOCK_SIZE])
        return self._blocks[number]

    def workers(self) -> Iterator[tuple[int, Block, bool]]:
        """The blocks in which a worker counts or has counted: number from 0, block, and whether the worker lives."""
        for number in range(SERVICE + 1, BLOCKS):
            block = self.block(number)
            if not block.pid:
                return
            yield number - 1, block, self._lives(number)

    def _lives(self, number: int) -> bool:
        if number == self.number:
            return True
        asked = (fcntl.F_WRLCK, os.SEEK_SET, number * BLOCK_SIZE, 1, 0)
        if sys.platform == "darwin":
            asked = (number * BLOCK_SIZE, 1, 0, fcntl.F_WRLCK, os.SEEK_SET)
        answer = LOCK.unpack(fcntl.fcntl(self._file, fcntl.F_GETLK, LOCK.pack(*asked)))
        return bool(answer[3 if sys.platform == "darwin" else 0] != fcntl.F_UNLCK)

    def _try_lock(self, place: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):
            return False
        return True


def is_private(directory: Path) -> bool:
    """Whether it is this user's, and nobody else can put anything there."""
    found = directory.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _padded(size: int) -> int:
    return -(-size // CELL) * CELL
