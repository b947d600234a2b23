import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from sabiscore.data import rows
from sabiscore.data.rows import Rows, check_place, writing
from sabiscore.errors import DataError, SabiScoreError

FRAME = pl.DataFrame({"id": [1, 2, 3], "name": ["one", "two, or 2", 'the "third"\nof them']})


def written(path: Path, frame: pl.DataFrame = FRAME) -> Path:
    """The frame in a file, in two pieces."""
    with writing(path) as write:
        for piece in frame.iter_slices(max(2, len(frame) // 2)):
            write(piece)
    return path


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """As on a full disk, for this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet", "ROWS.CSV"])
class TestFiles:
    def test_written_in_pieces_are_read_in_pieces(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = written(tmp_path / name)
        monkeypatch.setattr(rows, "AT_ONCE", 2)
        read = Rows(path)
        pieces = list(read.pieces())
        assert read.total == len(FRAME)
        assert max(map(len, pieces)) <= 2
        assert pl.concat(pieces).with_columns(pl.col("id").cast(pl.Int64)).equals(FRAME)
        assert list(tmp_path.iterdir()) == [path]

    def test_without_rows_have_their_columns(self, name: str, tmp_path: Path) -> None:
        with writing(tmp_path / name) as write:
            write(FRAME.clear())
        (piece,) = Rows(tmp_path / name).pieces()
        assert (piece.columns, len(piece)) == (FRAME.columns, 0)

    def test_stay_as_they_were_where_writing_fails(self, name: str, tmp_path: Path) -> None:
        path = written(tmp_path / name)
        before = path.read_bytes()
        with pytest.raises(ZeroDivisionError), writing(path) as write:
            write(FRAME[: 1 // 0])
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]

    def test_for_which_there_is_no_room_say_so(self, name: str, tmp_path: Path) -> None:
        path = written(tmp_path / name)
        before = path.read_bytes()
        large = pl.DataFrame({"id": range(10_000)}).with_columns(name=pl.col("id").hash().cast(pl.String))
        with no_file_above(4096), pytest.raises(DataError, match=r"cannot be written: .*File too large"):
            written(path, large)
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]

    def test_that_are_none_are_refused(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="cannot be read"):
            Rows(tmp_path / name)

    def test_with_other_content_are_refused(self, name: str, tmp_path: Path) -> None:
        (tmp_path / name).write_bytes(b"a,b\n1,2\n1,2,3,4\n\xff\xfe")
        with pytest.raises(DataError, match="cannot be read"):
            list(Rows(tmp_path / name).pieces())


class TestCheckPlace:
    @pytest.mark.parametrize("name", ["rows.xlsx", "rows", "csv"])
    def test_says_which_files_there_are(self, name: str) -> None:
        with pytest.raises(SabiScoreError, match=r"ends in \.csv or \.parquet"):
            check_place(Path(name))

    def test_refuses_a_directory(self, tmp_path: Path) -> None:
        (tmp_path / "rows.csv").mkdir()
        with pytest.raises(SabiScoreError, match="is a directory"):
            check_place(tmp_path / "rows.csv")
