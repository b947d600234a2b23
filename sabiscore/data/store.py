"""Notes on which version of each match file is here."""

from pathlib import Path

import msgspec
from msgspec import Struct

from sabiscore.data import disk
from sabiscore.data.download import Validators

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
    disk.write(directory / NOTES, msgspec.json.format(msgspec.json.encode(notes, order="sorted"), indent=1))
