"""The directory of match files: whole files only, and a note of which version of each is here."""

import hashlib
import os
from pathlib import Path

import msgspec
from msgspec import Struct

from sabiscore.data.download import Validators
from sabiscore.errors import DataError

NOTES = ".pull.json"


class Note(Struct, frozen=True):
    """Where a file came from, what the server called that version, and the digest of what we wrote."""

    url: str
    sha256: str
    validators: Validators


_NOTES = msgspec.json.Decoder(dict[str, Note])


def read_notes(directory: Path) -> dict[str, Note]:
    """The notes on the files of ``directory`` by name ("2425/E0.csv"); none if they cannot be read.

    A note whose validators could not be sent back is left out.
    """
    try:
        notes = _NOTES.decode((directory / NOTES).read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return {name: note for name, note in notes.items() if note.validators == note.validators.usable}


def write_notes(directory: Path, notes: dict[str, Note]) -> None:
    """Keep ``notes``; raises DataError when it cannot be written."""
    write(directory / NOTES, msgspec.json.format(msgspec.json.encode(notes, order="sorted"), indent=1))


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
    make(path.parent)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise DataError(path, 0, f"cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
