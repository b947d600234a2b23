"""Files that are there whole or not at all."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sabiscore.errors import DataError

_PART = ".part"


def digest(body: bytes) -> str:
    """The sha256 of ``body`` in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def read(path: Path) -> bytes:
    """The bytes at ``path``, none if there is no such file."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def make(directory: Path) -> None:
    """Make sure of ``directory``; raises DataError when it cannot be one."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(directory, 0, f"no directory to write to: {error.strerror}") from error


def write(path: Path, body: bytes) -> None:
    """Put ``body`` at ``path`` whole or not at all: an old file stays until the new one is on the disk.

    Raises:
        DataError: it cannot be written.
    """
    with replacing(path) as part:
        part.write_bytes(body)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write what takes the place of ``path`` once it is whole and on the disk; where that fails, it is gone.

    Raises:
        DataError: it cannot be written.
    """
    make(path.parent)
    part = path.with_name(f".{path.name}.{os.getpid()}{_PART}")
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise DataError(path, 0, f"cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def sweep(directory: Path) -> None:
    """Remove what `write` left below ``directory`` where it was killed; nobody may be writing there."""
    for part in directory.rglob(f".*{_PART}"):
        part.unlink(missing_ok=True)
