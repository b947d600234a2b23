from pathlib import Path

import polars as pl
import pytest

from sabiscore.bulk import score as module
from sabiscore.bulk.score import COLUMNS, score
from sabiscore.data import rows
from sabiscore.errors import DataError, SabiScoreError
from sabiscore.forecaster import Forecaster

GIVEN = pl.DataFrame(
    [
        (1, "2025-08-30", "EPL", "Arsenal", "Chelsea"),
        (2, "2025-08-30", "EPL", "Arsnal", "Chelsea"),
        (3, "2025-08-31", "La Liga", "Barca", "Real Madrid"),
        (4, "2025-08-31", "Serie A", "Inter", "Milan"),
        (5, "2025-08-31", "Serie A", "Inter", "Inter"),
    ],
    schema=["id", "date", "league", "home", "away"],
    orient="row",
)


def nothing(*_: object) -> None:
    """Nobody looks at the progress."""


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "fixtures.csv"
    GIVEN.write_csv(path)
    return path


class TestScore:
    def test_adds_what_is_said_or_why_nothing_is(self, given: Path, forecaster: Forecaster) -> None:
        out = given.with_name("out.parquet")
        scored = score(given, out, forecaster, nothing)
        found = pl.read_parquet(out)
        assert (scored.fixtures, scored.refused) == (5, 2)
        assert (scored.first or "").startswith("row 2: Unknown club 'Arsnal'")
        assert found.columns == [*GIVEN.columns, *COLUMNS]
        assert found["id"].to_list() == ["1", "2", "3", "4", "5"]
        assert found["refused"].is_null().to_list() == [True, False, True, True, False]
        assert found["home_club"].to_list() == ["Arsenal", None, "Barcelona", "Inter", None]
        sums = found.select(pl.sum_horizontal("home_win_prob", "draw_prob", "away_win_prob")).to_series()
        assert sums.filter(found["refused"].is_null()).round(9).to_list() == [1.0, 1.0, 1.0]

    def test_is_the_same_in_pieces_of_any_size_and_either_format(
        self, given: Path, forecaster: Forecaster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        score(given, given.with_name("one.csv"), forecaster, nothing)
        monkeypatch.setattr(module, "AT_ONCE", 1)
        monkeypatch.setattr(rows, "AT_ONCE", 2)
        GIVEN.write_parquet(given.with_suffix(".parquet"))
        score(given.with_suffix(".parquet"), given.with_name("other.csv"), forecaster, nothing)
        assert given.with_name("one.csv").read_bytes() == given.with_name("other.csv").read_bytes()

    def test_tells_how_far_it_is(self, given: Path, forecaster: Forecaster) -> None:
        told: list[tuple[int, int]] = []
        score(given, given.with_name("o.csv"), forecaster, lambda _, done, total: told.append((done, total)))
        assert (told[0], told[-1]) == ((0, 5), (5, 5))

    def test_of_no_fixture_has_columns_and_no_row(self, given: Path, forecaster: Forecaster) -> None:
        GIVEN.clear().write_csv(given)
        out = given.with_name("out.csv")
        assert score(given, out, forecaster, nothing).fixtures == 0
        assert pl.read_csv(out).columns == [*GIVEN.columns, *COLUMNS]

    def test_may_replace_what_it_reads(self, given: Path, forecaster: Forecaster) -> None:
        for _ in range(2):
            score(given, given, forecaster, nothing)
        assert pl.read_csv(given).columns == [*GIVEN.columns, *COLUMNS]

    def test_if_strict_ends_at_the_first_refused_with_nothing_written(
        self, given: Path, forecaster: Forecaster
    ) -> None:
        with pytest.raises(DataError, match="row 2: Unknown club"):
            score(given, given.with_name("out.csv"), forecaster, nothing, strict=True)
        assert list(given.parent.iterdir()) == [given]

    def test_wants_its_columns(self, given: Path, forecaster: Forecaster) -> None:
        GIVEN.drop("away").write_csv(given)
        with pytest.raises(SabiScoreError, match="no column away_team or away"):
            score(given, given.with_name("out.csv"), forecaster, nothing)
