"""What answers from a bundle as a file that the workers of a machine map: one process makes it, and all share it.

    8 bytes    how long the list of parts is
    list       where each part begins and how long it is, in MessagePack
    parts      what is not an array, pickled; then the arrays

It is passed on within one service, in the run directory, which nobody else may write to. A bundle, which may come from
anywhere, holds no pickle.
"""

import mmap
import pickle
from itertools import accumulate
from pathlib import Path

import msgspec

from sabiscore.server.ready import Ready

NAME = "bundle.mapped"
"""The file in a run directory."""

ALIGNED = 64
_HEAD = 4096
"""Bytes before the first part."""


def write(path: Path, ready: Ready) -> None:
    """Put it there in one step; who has the file before mapped keeps that."""
    arrays: list[pickle.PickleBuffer] = []
    rest = pickle.dumps(ready, protocol=5, buffer_callback=arrays.append)
    parts = [memoryview(rest), *(array.raw() for array in arrays)]
    ends = [_aligned(part.nbytes) for part in parts]
    places = list(zip(accumulate(ends, initial=_HEAD), (part.nbytes for part in parts), strict=False))
    table = msgspec.msgpack.encode(places)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(len(table).to_bytes(8, "little") + table)
        for (start, _), part in zip(places, parts, strict=True):
            file.seek(start)
            file.write(part)
    fresh.replace(path)


def read(path: Path) -> Ready:
    """What was written there; its arrays are the file's, in memory once for all who read it.

    Raises:
        OSError: it is not there.
    """
    with path.open("rb") as file:
        whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    table = whole[8 : 8 + int.from_bytes(whole[:8], "little")]
    rest, *arrays = (
        whole[start : start + size]
        for start, size in msgspec.msgpack.decode(table, type=list[tuple[int, int]])
    )
    ready: Ready = pickle.loads(rest, buffers=arrays)  # noqa: S301 - ours, see above
    return ready


def _aligned(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED


class Mapped:
    """What a worker answers from: the file that was put at a path last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None

    def has_changed(self) -> bool:
        """Whether there is another than was read last."""
        return self._stamp() not in {None, self._seen}

    def read(self) -> Ready:
        """What is there; raises OSError."""
        self._seen = self._stamp()
        return read(self._path)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns
