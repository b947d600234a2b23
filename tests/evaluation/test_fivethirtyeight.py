from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sabiscore.data.catalogue import Catalogue
from sabiscore.errors import DataError
from sabiscore.evaluation.fivethirtyeight import read, said_of

HEADER = "Season,Div,Date,HomeTeam,AwayTeam,p538_H,p538_D,p538_A,prematch"
ROWS = (
    "2122,E0,13/08/2021,Brentford,Arsenal,0.31,0.27,0.42,1",
    "2122,E0,14/08/2021,Man United,Leeds,0.6,0.2,0.2,0",
    "2122,E0,14/08/2021,Nobody,Leeds,0.6,0.2,0.2,1",
    "2122,XX,14/08/2021,Man United,Leeds,0.6,0.2,0.2,1",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "forecasts.csv"
    path.write_text("\n".join([HEADER, *ROWS]), encoding="utf-8")
    return path


class TestRead:
    def test_has_what_was_frozen_before_kick_off_of_clubs_that_are_known(
        self, file: Path, catalogue: Catalogue
    ) -> None:
        found = read(file, catalogue)
        assert found.select("season", "league", "home", "away").rows() == [
            (2021, "E0", "Brentford", "Arsenal")
        ]
        assert found.row(0, named=True)["home_win"] == pytest.approx(0.31)

    @pytest.mark.parametrize(
        "text", ["", "Season,Div\n2122,E0\n", f"{HEADER}\n21,E0,,Leeds,Arsenal,a,b,c,1\n"]
    )
    def test_refuses_another_file_by_its_name(self, text: str, tmp_path: Path, catalogue: Catalogue) -> None:
        path = tmp_path / "other.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=r"other\.csv.*not FiveThirtyEight's forecasts"):
            read(path, catalogue)

    def test_refuses_a_file_that_is_not_there(self, tmp_path: Path, catalogue: Catalogue) -> None:
        with pytest.raises(DataError, match="not FiveThirtyEight's"):
            read(tmp_path / "none.csv", catalogue)


class TestSaidOf:
    def test_is_of_the_matches_in_their_order(
        self, file: Path, catalogue: Catalogue, matches: pl.DataFrame
    ) -> None:
        some = matches.filter((pl.col("season") == 2021) & (pl.col("league") == "E0")).head(5)
        said = said_of(some, read(file, catalogue))
        there = (some["home"] == "Brentford").to_numpy()
        assert there.any()
        assert said[there].sum(axis=1) == pytest.approx(1.0)
        assert np.isnan(said[~there]).all()
