"""Match files that are read again and again: what was parsed once is kept, and only files that changed are parsed."""

import hashlib
import importlib.metadata
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import polars as pl

from sabiscore.data import catalogue as names
from sabiscore.data import disk, seasons
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.frame import ORDER, SCHEMA
from sabiscore.data.parse import parse_seasons, read_file, season_files

EARLIER, LAST = "earlier.arrow", "last.arrow"
_DIGEST = "digest"
"""Of the file that a match is from, beside the columns of the frame."""


def read_again(
    directory: Path, catalogue: Catalogue, kept: Path, digests: Mapping[Path, str] = MappingProxyType({})
) -> pl.DataFrame:
    """As `parse.read_matches`; the directory ``kept`` has what earlier calls parsed, and is renewed.

    The last season has a file of its own there: those before it hardly ever change. A file whose `disk.digest` is among
    ``digests`` is read if it has to be parsed.

    Raises:
        DataError: a file is refused, there is none, or nothing can be written to ``kept``.
    """
    paths = season_files(directory, catalogue)
    last = max(seasons.start_of(path.parent.name) for path in paths)
    parts: dict[str, list[Path]] = {EARLIER: [], LAST: []}
    for path in paths:
        parts[LAST if seasons.start_of(path.parent.name) == last else EARLIER].append(path)
    earlier, present = (_part(kept / name, part, catalogue, digests) for name, part in parts.items())
    frame = pl.concat([earlier, present])
    if len(earlier) and len(present) and earlier["date"][-1] >= present["date"][0]:
        return frame.sort(ORDER)
    return frame


def _part(kept: Path, paths: Sequence[Path], catalogue: Catalogue, known: Mapping[Path, str]) -> pl.DataFrame:
    """The matches of some files, sorted; those that were ``kept`` are not parsed again."""
    reader = f"{importlib.metadata.version('sabiscore')} {pl.__version__} {names.fingerprint()}"
    before = _read(kept)
    there = set(before[_DIGEST].unique())
    digests = {
        path: _digest(path, known.get(path) or disk.digest(read_file(path)), reader + _added(catalogue, path))
        for path in paths
    }
    changed = {path: read_file(path) for path, digest in digests.items() if digest not in there}
    gone = there - set(digests.values())
    if not changed and not gone:
        return before.drop(_DIGEST)
    parsed = [_marked(parse_seasons(changed, catalogue), digests)] if changed else []
    found = pl.concat([before.filter(~pl.col(_DIGEST).is_in(list(gone))), *parsed]).sort(ORDER)
    _write(kept, found)
    return found.drop(_DIGEST)


def _added(catalogue: Catalogue, path: Path) -> str:
    """The newcomers of a file's country: without them it is read in another way."""
    country = {league.code: league.country for league in catalogue.leagues}
    return "".join(f" {key!r}" for code, key in catalogue.added if country[code] == country[path.stem])


def _digest(path: Path, content: str, reader: str) -> int:
    """Of a file's content by its digest, its league and season, and what reads it; 63 bits."""
    said = f"{reader} {path.parent.name}/{path.name} {content}"
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big") >> 1


def _marked(frame: pl.DataFrame, digests: Mapping[Path, int]) -> pl.DataFrame:
    """A frame with the digest of each match's file."""
    rows = [(path.stem, seasons.start_of(path.parent.name), digest) for path, digest in digests.items()]
    files = pl.DataFrame(
        rows, {"league": pl.String, "season": SCHEMA["season"], _DIGEST: pl.Int64}, orient="row"
    )
    return frame.join(files, on=["league", "season"], how="left", maintain_order="left")


def _read(kept: Path) -> pl.DataFrame:
    """What was kept; nothing where it cannot be read, or is of other columns."""
    schema = pl.Schema(SCHEMA | {_DIGEST: pl.Int64()})
    try:
        found = pl.read_ipc(disk.read(kept))
    except (pl.exceptions.PolarsError, OSError, ValueError):
        return pl.DataFrame(schema=schema)
    return found if found.schema == schema else pl.DataFrame(schema=schema)


def _write(kept: Path, frame: pl.DataFrame) -> None:
    body = io.BytesIO()
    frame.write_ipc(body, compression="lz4")
    disk.write(kept, body.getvalue())
