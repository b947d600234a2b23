"""Files of rows, CSV or Parquet as they are named: read in pieces, written whole or not at all, of any length."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from polars.exceptions import PolarsError

from sabiscore.data.disk import replacing
from sabiscore.errors import DataError, SabiScoreError

SUFFIXES = (".csv", ".parquet")

AT_ONCE = 65_536
"""Rows of a piece."""


def check_place(path: Path) -> None:
    """Whether rows can be written there; minutes later is too late to find out.

    Raises:
        SabiScoreError: it ends in neither .csv nor .parquet, or is a directory.
    """
    _suffix(path)
    if path.is_dir():
        raise SabiScoreError(f"{path} is a directory: give a file")


class Rows:
    """The rows of a file; those of a CSV file are texts, as they stand there."""

    def __init__(self, path: Path) -> None:
        """Look at the file.

        Raises:
            SabiScoreError: it ends in neither .csv nor .parquet.
            DataError: it cannot be read as what it is named.
        """
        self._path = path
        with _reading(path):
            self._scanned = (
                pl.scan_csv(path, infer_schema=False)
                if _suffix(path) == ".csv"
                else pl.scan_parquet(path, glob=False)
            )
            self.schema = self._scanned.collect_schema()
            self.total: int = self._scanned.select(pl.len()).collect().item()

    def pieces(self) -> Iterator[pl.DataFrame]:
        """All rows in order, at most `AT_ONCE` at a time; one piece without rows if there are none.

        Raises:
            DataError: a row cannot be read.
        """
        if not self.total:
            yield self.schema.to_frame()
            return
        with _reading(self._path):
            yield from self._scanned.collect_batches(chunk_size=AT_ONCE)


@contextmanager
def writing(path: Path) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Takes pieces of a file, which is at ``path`` when all are written, and not at all if anything fails.

    Raises:
        SabiScoreError: it ends in neither .csv nor .parquet, or is a directory.
        DataError: it cannot be written.
    """
    check_place(path)
    writer = _writing_csv if _suffix(path) == ".csv" else _writing_parquet
    with replacing(path) as part, writer(part) as write:
        yield write


@contextmanager
def _writing_csv(part: Path) -> Iterator[Callable[[pl.DataFrame], None]]:
    with part.open("wb") as file:
        yield lambda piece: piece.write_csv(file, include_header=not file.tell())


@contextmanager
def _writing_parquet(part: Path) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Pieces are files of their own until there are no more."""
    with TemporaryDirectory(prefix=f"{part.name}.", dir=part.parent) as directory:
        pieces: list[Path] = []

        def write(piece: pl.DataFrame) -> None:
            pieces.append(Path(directory) / f"{len(pieces)}.parquet")
            with _on_disk():
                piece.write_parquet(pieces[-1])

        yield write
        with _on_disk():
            pl.scan_parquet(pieces, glob=False).sink_parquet(part)


@contextmanager
def _on_disk() -> Iterator[None]:
    """What Polars says of the disk is said as Python would."""
    try:
        yield
    except PolarsError as error:
        raise OSError(_first_line(error)) from error


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, PolarsError) as error:
        raise DataError(path, 0, f"cannot be read: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise SabiScoreError(f"{path}: give a file that ends in {' or '.join(SUFFIXES)}")
    return suffix
