"""A CSV file as numbered rows of text: what can be said of it before its columns mean anything."""

import csv
import io
from operator import itemgetter
from pathlib import Path

from msgspec import Struct

from sabiscore.errors import DataError

MOST_ROWS = 2_000
MOST_COLUMNS = 500
LINES_A_ROW = 10
"""A season has some 500 rows of up to 200 columns, in files of up to a thousand lines; blank ones count as lines."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Table(Struct, frozen=True):
    """``header`` at ``line``; ``rows`` are as wide as it, ``lines`` say where each ends (1-based)."""

    line: int
    header: list[str]
    lines: list[int]
    rows: list[list[str]]

    def column(self, name: str) -> list[str]:
        """The cells below ``name``, stripped."""
        place = self.header.index(name)
        return list(map(str.strip, map(itemgetter(place), self.rows)))


def read_table(body: bytes, path: Path, most_rows: int = MOST_ROWS) -> Table:
    """The rows of ``body`` that are not blank, short ones filled up; ``path`` is for the errors.

    Raises:
        DataError: empty, a web page, bad quotes, far too large, a row wider than the header or cut off at the end.
    """
    text = _text(body, path)
    records = _records(text, path, most_rows)
    if not records:
        raise DataError(path, 0, "the file is empty")
    line, header = records[0]
    names = _without_blank_tail([name.strip() for name in header])
    for at, row in records[1:]:
        if len(row) > len(names) and "".join(row[len(names) :]).strip():
            raise DataError(path, at, f"more values than the {len(names)} columns")
    last, row = records[-1]
    if len(row) < len(names) and not text.endswith(("\n", "\r")):
        raise DataError(path, last, "the row is cut off: the file is not whole")
    blanks = [""] * len(names)
    rows = [row if len(row) == len(names) else (row + blanks)[: len(names)] for _, row in records[1:]]
    return Table(line, names, [at for at, _ in records[1:]], rows)


def _text(body: bytes, path: Path) -> str:
    body = body.removeprefix(_BYTE_ORDER_MARK)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    if text.lstrip().startswith("<"):
        raise DataError(path, 1, "a web page, not a match file")
    return text


def _records(text: str, path: Path, most_rows: int) -> list[tuple[int, list[str]]]:
    """Every row that is not blank, with its line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records = []
    try:
        for row in reader:
            if len(row) > MOST_COLUMNS:
                raise DataError(path, reader.line_num, f"more than {MOST_COLUMNS} columns")
            if "".join(row).strip():
                records.append((reader.line_num, row))
            if len(records) > most_rows or reader.line_num > LINES_A_ROW * most_rows:
                most = f"more than {most_rows} rows or {LINES_A_ROW * most_rows} lines"
                raise DataError(path, reader.line_num, most)
    except csv.Error as error:
        raise DataError(path, reader.line_num, str(error)) from error
    return records


def _without_blank_tail(names: list[str]) -> list[str]:
    width = max(place for place, name in enumerate(names, start=1) if name)
    return names[:width]
