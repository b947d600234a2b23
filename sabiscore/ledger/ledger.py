"""The ledger: what was said before kick-off and what happened, in lines that are only ever added.

    ledger.jsonl    a line an entry, `Sealed` or `Settled`; each has the sha256 of the line before it
    head.json       how many lines there are, and the sha256 of the last

A line that was changed no longer has the hash that the next one, or the head, says; one that is missing, moved or put
in breaks the chain where it was. Whoever can write both files can make them all anew, but not the heads that published
bundles carry in their record. Lines are on the disk before the head says so: what is behind the head was being written
when a writer ended. The next writer keeps what of it is whole, and cuts off the rest.

A fixture is sealed again only when something else is said of it: some five lines a fixture, half a kilobyte each, and
20 MB for a year of all leagues. There is one writer at a time (`sabiscore.update.place`); readers need no lock.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec
from msgspec import Struct, structs

from sabiscore.data import disk
from sabiscore.errors import DataError, LedgerError
from sabiscore.ledger.schemas import Head, Sealed, Settled

LINES, HEAD = "ledger.jsonl", "head.json"
START = Head(0, "0" * 64)
"""Of a ledger without lines."""

Entry: TypeAlias = Sealed | Settled

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Line(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A line: one of the two entries, behind the sha256 of the line before."""

    previous: str
    sealed: Sealed | None = None
    settled: Settled | None = None


class Kept(Struct, frozen=True):
    """All that the ledger has of a fixture, in order."""

    seals: list[Sealed]
    results: list[Settled]

    @property
    def settled(self) -> Settled | None:
        """How it ended, as it was last corrected."""
        return self.results[-1] if self.results else None

    @property
    def sealed(self) -> Sealed | None:
        """What counts: what was said last before kick-off.

        None where a match was brought forward to a day before anything was said.
        """
        if self.settled is None:
            return self.seals[-1]
        in_time = [one for one in self.seals if one.sealed_at.date() <= self.settled.date]
        return in_time[-1] if in_time else None


class Contents(Struct, frozen=True):
    """What a ledger has: where it ends, and its fixtures by id, in the order in which they were sealed first."""

    head: Head
    fixtures: dict[str, Kept]


class _Whole(Struct):
    """The lines of a file that are whole and chained, where they end, and how many bytes are behind them.

    ``known`` tells whether the head says so.
    """

    entries: list[Entry]
    head: Head
    known: bool
    size: int
    torn: int


class Verified(Struct, frozen=True):
    """A ledger whose past is as it was: its head, and how many bytes a writer left that ended in the midst of them."""

    head: Head
    torn: int


class Ledger:
    """The ledger of a directory, which may not be there yet."""

    def __init__(self, directory: Path) -> None:
        self._lines, self._head = directory / LINES, directory / HEAD

    def seal(self, said: Iterable[Sealed]) -> int:
        """Keep what is said of fixtures that have not begun, unless the same was said last; returns how many lines.

        Raises:
            LedgerError: the past was changed.
            DataError: it cannot be written.
        """
        whole = self._read()
        last = {id_: kept.seals[-1] for id_, kept in _by_fixture(whole.entries).items() if kept.seals}
        return self._append(
            whole,
            [
                one
                for one in said
                if one.sealed_at < one.kickoff_time and not _same_said(one, last.get(one.id))
            ],
        )

    def settle(self, ended: Iterable[Settled]) -> int:
        """Keep how fixtures ended that were sealed, unless that is known; returns how many lines.

        Raises:
            LedgerError: the past was changed.
            DataError: it cannot be written.
        """
        whole = self._read()
        kept = _by_fixture(whole.entries)
        return self._append(
            whole, [one for one in ended if one.id in kept and not _same_end(one, kept[one.id].settled)]
        )

    def read(self) -> Contents:
        """All that is kept.

        Raises:
            LedgerError: the past was changed.
        """
        whole = self._read()
        return Contents(whole.head, _by_fixture(whole.entries))

    def fixtures(self) -> dict[str, Kept]:
        """All that is kept of each fixture: see `read`."""
        return self.read().fixtures

    def verify(self, earlier: Iterable[Head] = ()) -> Verified:
        """Look whether the past is as it was, and as the heads of ``earlier`` times say.

        Raises:
            LedgerError: it is not.
        """
        whole = self._read([one for one in earlier if one.lines])
        return Verified(whole.head, whole.torn)

    def _read(self, earlier: Sequence[Head] = ()) -> _Whole:
        body = _content(self._lines)
        end = self._ends(body)
        lines = body.split(b"\n")[:-1]
        hashes = [hashlib.sha256(line).hexdigest() for line in lines]
        chained = self._chained(lines, hashes, end)
        for head in (end, *earlier):
            self._check(head, hashes[: len(chained)])
        size = sum(len(line) + 1 for line in lines[: len(chained)])
        last = Head(len(chained), hashes[len(chained) - 1]) if chained else START
        return _Whole(chained, last, last == end, size, len(body) - size)

    def _ends(self, body: bytes) -> Head:
        """Where the ledger ends by its head, which is there before the first line is."""
        content = _content(self._head)
        if not content and not body:
            return START
        try:
            head = msgspec.json.decode(content, type=Head)
        except _UNREADABLE as error:
            raise LedgerError(
                self._head, 0, "is missing" if not content else f"was changed: {error}"
            ) from error
        if _encoded(head) != content:
            raise LedgerError(self._head, 0, "was changed")
        return head

    def _chained(self, lines: Sequence[bytes], hashes: Sequence[str], end: Head) -> list[Entry]:
        """The entries of the lines that follow each other; all up to ``end`` have to."""
        entries: list[Entry] = []
        previous = START.sha256
        for number, line in enumerate(lines):
            said, entry = _decoded(line)
            if entry is None or said != previous:
                if number < end.lines:
                    raise self._broken(number, hashes, lines, end)
                break
            entries.append(entry)
            previous = hashes[number]
        return entries

    def _broken(self, number: int, hashes: Sequence[str], lines: Sequence[bytes], end: Head) -> LedgerError:
        """The chain ends before the line of this number, counted from 0: which of both was changed?

        If the line after it, or the head, knows this one, it is the one before.
        """
        after = _decoded(lines[number + 1])[0] if number + 1 < len(lines) else ""
        known = hashes[number] in (after, end.sha256)
        if known and number:
            return LedgerError(self._lines, number, "was changed, or lines after it are missing")
        return LedgerError(self._lines, number + 1, "the first lines are missing" if known else "was changed")

    def _check(self, head: Head, hashes: Sequence[str]) -> None:
        """Whether a head is of these lines."""
        if head.lines > len(hashes):
            raise LedgerError(self._lines, len(hashes) + 1, f"is missing: there were {head.lines} lines")
        if head.lines < 0 or head.sha256 != (hashes[head.lines - 1] if head.lines else START.sha256):
            raise LedgerError(self._lines, head.lines, "is not the line that it was")

    def _append(self, whole: _Whole, entries: Sequence[Entry]) -> int:
        """Write entries behind what is whole, then the head."""
        if not entries and whole.known and not whole.torn:
            return 0
        if not whole.head.lines:
            disk.write(self._head, _encoded(START))
        head, body = _lines(whole.head, entries)
        try:
            with open(self._lines, "r+b", opener=_or_new) as file:
                file.truncate(whole.size)
                file.seek(whole.size)
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise DataError(self._lines, 0, f"cannot be written: {error.strerror}") from error
        disk.write(self._head, _encoded(head))
        return len(entries)


def _content(path: Path) -> bytes:
    """All of a file, nothing where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise DataError(path, 0, f"cannot be read: {error.strerror}") from error


def _or_new(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o644)


def _lines(head: Head, entries: Iterable[Entry]) -> tuple[Head, bytes]:
    """The lines of entries behind ``head``, and where they end."""
    lines, previous = [], head.sha256
    for entry in entries:
        line = Line(previous, entry) if isinstance(entry, Sealed) else Line(previous, settled=entry)
        lines.append(msgspec.json.encode(line))
        previous = hashlib.sha256(lines[-1]).hexdigest()
    return Head(head.lines + len(lines), previous), b"".join(line + b"\n" for line in lines)


def _encoded(head: Head) -> bytes:
    return msgspec.json.encode(head) + b"\n"


_decode: Callable[[bytes], Line] = msgspec.json.Decoder(Line).decode


def _decoded(line: bytes) -> tuple[str, Entry | None]:
    """What a line says of the one before, and its entry; none if it is no line."""
    try:
        found = _decode(line)
    except _UNREADABLE:
        return "", None
    return found.previous, found.sealed or found.settled


def _by_fixture(entries: Iterable[Entry]) -> dict[str, Kept]:
    found: dict[str, Kept] = {}
    for entry in entries:
        kept = found.setdefault(entry.id, Kept([], []))
        if isinstance(entry, Sealed):
            kept.seals.append(entry)
        else:
            kept.results.append(entry)
    return found


def _same_said(one: Sealed, last: Sealed | None) -> bool:
    return last is not None and one == structs.replace(last, sealed_at=one.sealed_at, bundle=one.bundle)


def _same_end(one: Settled, last: Settled | None) -> bool:
    """Base rates stay what they were when the match was settled, whatever is corrected in those before it."""
    return last is not None and one == structs.replace(
        last, settled_at=one.settled_at, base_rates=one.base_rates
    )
