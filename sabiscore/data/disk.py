"""Files that are there whole or not at all."""

import ctypes
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from sabiscore.errors import DataError

_PART = ".part"
_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux."""


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


def opened(path: Path) -> IO[str]:
    """The file at ``path``, to be written anew; raises DataError when it cannot be."""
    try:
        return path.open("w")
    except OSError as error:
        raise DataError(path, 0, f"cannot be written: {error.strerror}") from error


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
        raise DataError(path, 0, f"cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def replacing_directory(directory: Path, mark: str) -> Iterator[Path]:
    """Where to write what takes the place of ``directory`` in one step once it is whole; where that fails, it is gone.

    Only a directory with a file called ``mark`` is ever replaced, which the new one gets, or one without files.

    Raises:
        DataError: there is another, or it cannot be written.
    """
    if directory.exists() and not (directory.is_dir() and _is_free(directory, mark)):
        raise DataError(
            directory, 0, "is there, and not ours to replace: give another directory, or remove it"
        )
    make(directory.parent)
    try:
        with TemporaryDirectory(prefix=f".{directory.name}.", dir=directory.parent) as workshop:
            fresh = Path(workshop) / directory.name
            fresh.mkdir()
            yield fresh
            (fresh / mark).touch()
            _swap(fresh, directory)
    except OSError as error:
        raise DataError(directory, 0, f"cannot be written: {error.strerror or error}") from error


def _is_free(directory: Path, mark: str) -> bool:
    return (directory / mark).exists() or next(directory.iterdir(), None) is None


def _swap(fresh: Path, directory: Path) -> None:
    """Give ``fresh`` the name of ``directory``, and the other way round if there is one, at once where that exists."""
    if not directory.exists():
        fresh.rename(directory)
        return
    names = os.fsencode(fresh), os.fsencode(directory)
    exchange = getattr(ctypes.CDLL(None), "renameat2", None)
    if exchange is None or exchange(_HERE, names[0], _HERE, names[1], _EXCHANGE):
        old = fresh.with_name(f"{fresh.name}.old")
        directory.rename(old)
        fresh.rename(directory)


def sweep(directory: Path) -> None:
    """Remove what `write` left below ``directory`` where it was killed; nobody may be writing there."""
    for part in directory.rglob(f".*{_PART}"):
        part.unlink(missing_ok=True)
