"""The record and what was sealed, as files of a bundle: `record.json` and `sealed.json`.

Either may be missing. What is loaded has to be exactly what was written: other content of the same meaning is refused.
"""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec import structs

from sabiscore.data.untrusted import decoded
from sabiscore.ledger.ledger import Kept
from sabiscore.ledger.schemas import Record, Sealed

RECORD, SEALED = "record.json", "sealed.json"
MOST_BYTES = 16 * 2**20
"""Of either file."""

SEASONS = 2
"""The last seasons whose fixtures `sealed.json` has: with all leagues some 7 MB."""

_SEALED = msgspec.json.Decoder(Sealed)
_ROUNDING = 1e-6


def dump_record(record: Record) -> bytes:
    """The record as JSON."""
    return msgspec.json.encode(record) + b"\n"


def load_record(content: bytes) -> Record:
    """Read what `dump_record` wrote.

    Raises:
        ValueError: the content is not that.
    """
    record = decoded(content, Record, most=MOST_BYTES, otherwise="no record")
    if dump_record(record) != content:
        raise ValueError("no record: not as it is written")
    return record


def dump_sealed(fixtures: Mapping[str, Kept]) -> bytes:
    """What counts of the fixtures of the last seasons, by id, as JSON."""
    said = {id_: kept.sealed for id_, kept in fixtures.items() if kept.sealed is not None}
    last = max((one.season for one in said.values()), default=0)
    chosen = {id_: one for id_, one in said.items() if one.season > last - SEASONS}
    return _encoded(chosen)


def load_sealed(content: bytes) -> "SealedFixtures":
    """Read what `dump_sealed` wrote.

    Raises:
        ValueError: the content is not that, or cannot be right.
    """
    found = decoded(content, dict[str, Sealed], most=MOST_BYTES, otherwise="no sealed fixtures")
    if _encoded(found) != content:
        raise ValueError("no sealed fixtures: not as they are written")
    for id_, one in found.items():
        if one.id != id_ or not _can_be(one):
            raise ValueError(f"no sealed fixtures: {id_[:100]!r} cannot be right")
    return SealedFixtures(content)


class SealedFixtures(Mapping[str, Sealed]):
    """What was said of each fixture, by its id: kept as JSON, which is a tenth of the memory, until it is asked for."""

    def __init__(self, content: bytes) -> None:
        self._raw = msgspec.json.decode(content, type=dict[str, msgspec.Raw])

    def __getitem__(self, id_: str) -> Sealed:
        """What was said of a fixture; raises KeyError."""
        return _SEALED.decode(self._raw[id_])

    def __iter__(self) -> Iterator[str]:
        """The ids."""
        return iter(self._raw)

    def __len__(self) -> int:
        """How many fixtures."""
        return len(self._raw)


def _encoded(said: Mapping[str, Sealed]) -> bytes:
    return msgspec.json.encode(said) + b"\n"


def _can_be(one: Sealed) -> bool:
    """Whether probabilities are some, and it was said before kick-off."""
    said = [structs.astuple(each) for each in (one.probabilities, one.with_odds) if each is not None]
    are_some = all(min(triple) >= 0.0 and abs(sum(triple) - 1.0) < _ROUNDING for triple in said)
    return are_some and one.sealed_at < one.kickoff_time
