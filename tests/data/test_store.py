from pathlib import Path

import pytest

from sabiscore.data import disk, store
from sabiscore.data.download import Validators
from sabiscore.errors import DataError

NOTE = store.Note(
    "http://x/2425/E0.csv", disk.digest(b"matches"), Validators('"1"', "Sun, 22 Nov 2026 20:14:41 GMT")
)


class TestAWrite:
    def test_makes_the_directory_and_leaves_only_the_file(self, tmp_path: Path) -> None:
        path = tmp_path / "deep" / "2425" / "E0.csv"
        disk.write(path, b"one")
        disk.write(path, b"two")
        assert path.read_bytes() == b"two"
        assert list(path.parent.iterdir()) == [path]

    def test_that_fails_keeps_the_old_file(self, tmp_path: Path) -> None:
        directory = tmp_path / "E0.csv"
        directory.mkdir()
        with pytest.raises(DataError, match="cannot be written: Is a directory"):
            disk.write(directory, b"new")
        assert list(tmp_path.iterdir()) == [directory]

    def test_needs_a_directory(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(DataError, match="no directory to write to"):
            disk.write(tmp_path / "file" / "E0.csv", b"new")


class TestNotes:
    def test_are_read_as_they_were_written(self, tmp_path: Path) -> None:
        store.write_notes(tmp_path, {"2425/E0.csv": NOTE})
        assert store.read_notes(tmp_path) == {"2425/E0.csv": NOTE}

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"2425/E0.csv": {}}', b"\xff"])
    def test_that_are_damaged_are_none(self, tmp_path: Path, body: bytes) -> None:
        (tmp_path / store.NOTES).write_bytes(body)
        assert store.read_notes(tmp_path) == {}

    def test_that_were_never_written_are_none(self, tmp_path: Path) -> None:
        assert store.read_notes(tmp_path / "nowhere") == {}
