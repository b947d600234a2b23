import shutil
from pathlib import Path

import polars as pl
import pytest

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.parse import read_matches
from sabiscore.data.parsed import LAST, read_again
from sabiscore.errors import DataError

CHANGED = "2425/E0.csv"


@pytest.fixture
def files(match_files: Path, tmp_path: Path) -> Path:
    """Season files of four divisions."""
    for path in match_files.glob("*/*.csv"):
        if path.stem in {"E0", "E1", "EC", "SP1"} and path.parent.name >= "2223":
            (tmp_path / "matches" / path.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, tmp_path / "matches" / path.parent.name)
    return tmp_path / "matches"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def assert_same(files: Path, known: Catalogue, kept: Path) -> None:
    assert read_again(files, known, kept).equals(read_matches(files, known), null_equal=True)


def test_what_is_read_again_is_what_a_reader_of_all_reads(files: Path, known: Catalogue, kept: Path) -> None:
    for _ in range(2):
        assert_same(files, known, kept)
    changed = files / CHANGED
    changed.write_text("\n".join(changed.read_text().splitlines()[:200]) + "\n")
    assert_same(files, known, kept)
    changed.unlink()
    (files / "2324" / "SP1.csv").unlink()
    assert_same(files, known, kept)


def test_only_files_that_changed_are_parsed(files: Path, known: Catalogue, kept: Path) -> None:
    """What was kept of the others counts, even if it was changed."""
    read_again(files, known, kept)
    frame = read_again(files, known, kept)
    mark = pl.when(pl.col("league") == "SP1").then(pl.lit(9, pl.Int16)).otherwise("home_goals")
    for part in kept.iterdir():
        pl.read_ipc(part.read_bytes()).with_columns(home_goals=mark).write_ipc(part)
    changed = files / CHANGED
    changed.write_text("\n".join(changed.read_text().splitlines()[:200]) + "\n")
    found = read_again(files, known, kept)
    assert set(found.filter(pl.col("league") == "SP1")["home_goals"]) == {9}
    assert len(found) < len(frame)


def test_where_nothing_changed_nothing_is_written(files: Path, known: Catalogue, kept: Path) -> None:
    read_again(files, known, kept)
    before = [part.stat().st_mtime_ns for part in kept.iterdir()]
    read_again(files, known, kept)
    assert [part.stat().st_mtime_ns for part in kept.iterdir()] == before


@pytest.mark.parametrize("damage", [b"", b"ARROW1", None])
def test_what_cannot_be_read_is_made_again(
    files: Path, known: Catalogue, kept: Path, damage: bytes | None
) -> None:
    read_again(files, known, kept)
    if damage is None:
        pl.DataFrame({"other": [1]}).write_ipc(kept / LAST)
    else:
        (kept / LAST).write_bytes(damage)
    assert_same(files, known, kept)


def test_a_file_that_is_refused_is_named(files: Path, known: Catalogue, kept: Path) -> None:
    read_again(files, known, kept)
    (files / CHANGED).write_text((files / CHANGED).read_text().replace("Arsenal", "Arsnl"))
    with pytest.raises(DataError, match=r"2425/E0\.csv:\d+: Unknown club 'Arsnl'"):
        read_again(files, known, kept)
