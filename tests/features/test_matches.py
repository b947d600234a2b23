import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.parse import read_matches
from sabiscore.features import Parameters, RowMaker, build_history
from sabiscore.features.matches import STATISTICS, encode
from tests.features.frames import frame, with_odds

MATCH = frame(("2024-08-10", "A", "B", 2, 1))


class TestEncode:
    def test_odds_are_how_much_likelier_home_is_than_away(self) -> None:
        assert encode(with_odds(MATCH, (1.5, 4.0, 6.0))).log_odds.tolist() == [math.log(4.0)]

    def test_odds_of_goals_are_how_much_likelier_over_is_than_under(self) -> None:
        goals = MATCH.with_columns(average_over=pl.lit(1.6), average_under=pl.lit(2.4))
        assert encode(goals).log_over.tolist() == [math.log(2.4 / 1.6)]

    def test_a_book_counts_as_a_whole(self) -> None:
        half = with_odds(MATCH, (1.5, 4.0, 6.0)).with_columns(closing_draw=pl.lit(None, pl.Float64))
        both = with_odds(half, (2.0, 3.5, 4.0), book="average")
        assert np.isnan(encode(half).log_odds).all()
        assert encode(both).log_odds.tolist() == [math.log(2.0)]

    def test_columns_that_are_not_there_are_unknown(self) -> None:
        found = encode(MATCH)
        assert np.isnan(found.log_odds).all()
        assert np.isnan(found.log_over).all()
        assert dict(zip(STATISTICS, found.home_stats[0].tolist(), strict=True))["goals"] == 2.0
        assert np.isnan(found.home_stats[0, 1:]).all()

    def test_the_same_club_name_in_two_leagues_is_two_clubs(self) -> None:
        two = pl.concat([MATCH, frame(("2024-08-10", "A", "B", 2, 1), league="D1")]).sort("date", "league")
        assert len(encode(two).roster.clubs) == 4


class TestAClubThatChangesItsName:
    """The files have had several spellings of some clubs; a club goes on under each of them."""

    @pytest.fixture
    @staticmethod
    def german(tmp_path: Path, catalogue: Catalogue) -> pl.DataFrame:
        for season, name, day in (("2324", "M'Gladbach", "20/08/2023"), ("2425", "M'gladbach", "25/08/2024")):
            path = tmp_path / season / "D1.csv"
            path.parent.mkdir()
            path.write_text(
                f"Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR\nD1,{day},{name},Bayern Munich,3,0,H\n"
            )
        return read_matches(tmp_path, catalogue)

    def test_is_one_club(self, german: pl.DataFrame) -> None:
        assert {club for _, club in encode(german).roster.clubs} == {"M'gladbach", "Bayern Munich"}

    def test_keeps_what_it_had_learnt_and_has_not_come_up(self, german: pl.DataFrame) -> None:
        maker = RowMaker(build_history(german, Parameters()), Parameters())
        second = maker.matches(german[1:])
        assert second.home.standing.summers.tolist() == [1]
        assert second.home.standing.joins.tolist() == [False]
        assert second.matrix[0, 2] > 0.0

    @pytest.mark.all_matches
    def test_has_one_identity_in_the_real_files(
        self, published_files: Path, every_match: pl.DataFrame
    ) -> None:
        for league, old, key in (("SP1", "Villareal", "Villarreal"), ("D1", "M'Gladbach", "M'gladbach")):
            files = b"".join(path.read_bytes() for path in sorted(published_files.glob(f"*/{league}.csv")))
            clubs = set(every_match.filter(pl.col("league") == league)["home"])
            assert (key in clubs, old in clubs) == (True, False)
            assert key.encode() in files
            assert old.encode() in files
