import ctypes
from pathlib import Path

import pytest

from sabiscore.data.disk import replacing, replacing_directory
from sabiscore.errors import DataError


class TestReplacing:
    def test_a_file_is_there_when_it_is_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "file"
        with replacing(path) as part:
            part.write_text("one")
            assert not path.exists()
        assert path.read_text() == "one"
        assert list(path.parent.iterdir()) == [path]

    def test_a_file_that_was_not_written_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="cannot be written"), replacing(tmp_path / "file"):
            pass


class TestReplacingDirectory:
    @pytest.mark.parametrize("at_once", [True, False])
    def test_is_replaced_by_the_new_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, at_once: bool
    ) -> None:
        if not at_once:
            monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
        for content in ("first", "second"):
            with replacing_directory(tmp_path / "site", ".mark") as fresh:
                (fresh / "index.html").write_text(content)
            assert (tmp_path / "site" / "index.html").read_text() == content
        assert [each.name for each in tmp_path.iterdir()] == ["site"]

    def test_an_empty_one_is_taken(self, tmp_path: Path) -> None:
        with replacing_directory(tmp_path, ".mark") as fresh:
            (fresh / "index.html").touch()
        assert {each.name for each in tmp_path.iterdir()} == {"index.html", ".mark"}

    def test_a_file_is_not(self, tmp_path: Path) -> None:
        (tmp_path / "site").touch()
        with pytest.raises(DataError, match="not ours"), replacing_directory(tmp_path / "site", ".mark"):
            pass
