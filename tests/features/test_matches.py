import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.parse import read_matches
from sabiscore.features import Parameters, RowMaker, build_history
from sabiscore.features.matches import STATISTICS, encode, implied_by, with_league_facts
from sabiscore.features.motivation import CLUBS, FIRST_LINE, MATCHES
from sabiscore.implied import shin
from tests.features.frames import divisions, frame, with_odds, with_totals

PARAMETERS = Parameters()
RHO = PARAMETERS.rho
MATCH = frame(("2024-08-10", "A", "B", 2, 1))
UNKNOWN = float("nan")

prices = st.floats(1.3, 12.0)


class TestImpliedBy:
    @given(prices, prices, st.floats(1.4, 3.5), st.floats(1.4, 3.5))
    def test_changes_its_sign_with_the_sides(
        self, home: float, away: float, over: float, under: float
    ) -> None:
        totals = np.array([[over, under]])
        here, there = (
            implied_by(np.array([[one, 3.5, other]]), totals, RHO)[0]
            for one, other in ((home, away), (away, home))
        )
        assert here[0] == pytest.approx(-there[0], abs=1e-9)
        assert here[1] == pytest.approx(there[1], abs=1e-9)

    def test_is_more_for_the_favourite_and_with_more_goals(self) -> None:
        favourite, many, few = (
            implied_by(np.array([[1.5, 4.3, 6.5]]), np.array([totals]), RHO)[0]
            for totals in ((1.9, 1.9), (1.5, 2.6), (2.6, 1.5))
        )
        assert favourite[0] > 0.0
        assert many[1] > favourite[1] > few[1]

    def test_without_odds_of_goals_expects_the_usual(self) -> None:
        book = np.array([[1.5, 4.3, 6.5]])
        even = implied_by(book, np.array([[1.9, 1.9]]), RHO)
        for totals in ((UNKNOWN, UNKNOWN), (1.9, UNKNOWN)):
            assert implied_by(book, np.array([totals]), RHO) == pytest.approx(even)

    @pytest.mark.parametrize("price", [UNKNOWN, 1.0, 0.0])
    def test_is_not_known_without_three_real_prices(self, price: float) -> None:
        books = np.array([[price, 4.3, 6.5], [1.5, 4.3, 6.5]])
        found = implied_by(books, np.full((2, 2), UNKNOWN), RHO)
        assert np.isnan(found[0]).all()
        assert np.isfinite(found[1]).all()

    def test_of_no_matches_is_nothing(self) -> None:
        assert implied_by(np.empty((0, 3)), np.empty((0, 2)), RHO).shape == (0, 2)


class TestEncode:
    def test_odds_are_without_the_margin(self) -> None:
        """A fair book and one with a margin that Shin takes off say the same."""
        fair = 1.0 / shin(np.array([[1.5, 4.2, 6.5]]))[0]
        home, draw, away = fair.tolist()
        with_margin, without = (
            encode(with_odds(MATCH, book), RHO).odds for book in ((1.5, 4.2, 6.5), (home, draw, away))
        )
        assert with_margin == pytest.approx(without, abs=1e-6)

    def test_a_book_counts_as_a_whole(self) -> None:
        half = with_odds(MATCH, (1.5, 4.0, 6.0)).with_columns(closing_draw=pl.lit(None, pl.Float64))
        both = with_odds(half, (2.0, 3.5, 4.0), book="average")
        assert np.isnan(encode(half, RHO).odds).all()
        assert encode(both, RHO).odds.tolist() == encode(with_odds(MATCH, (2.0, 3.5, 4.0)), RHO).odds.tolist()

    def test_the_odds_at_the_close_are_told_from_those_before(self) -> None:
        for book, closing in (("closing", True), ("average", False)):
            assert encode(with_odds(MATCH, (2.0, 3.5, 4.0), book=book), RHO).closing.tolist() == [closing]

    def test_odds_of_goals_may_be_of_another_day_than_those_of_the_outcome(self) -> None:
        closing = with_odds(MATCH, (2.0, 3.5, 4.0))
        early, late = (with_totals(closing, 1.5, 2.6, book=book) for book in ("average", "closing"))
        assert encode(early, RHO).odds.tolist() == encode(late, RHO).odds.tolist()

    def test_a_price_of_the_match_comes_before_all_books(self) -> None:
        priced = with_odds(with_odds(MATCH, (2.0, 3.5, 4.0)), (4.0, 3.5, 2.0), book="price")
        priced = priced.with_columns(price_is_closing=pl.lit(value=False))
        found = encode(priced, RHO)
        assert found.odds[0, 0] < 0.0
        assert found.closing.tolist() == [False]

    def test_columns_that_are_not_there_are_unknown(self) -> None:
        found = encode(MATCH, RHO)
        assert len(found) == 1
        assert np.isnan(found.odds).all()
        assert dict(zip(STATISTICS, found.home_stats[0].tolist(), strict=True))["goals"] == 2.0
        assert np.isnan(found.home_stats[0, 1:]).all()

    def test_the_same_club_name_in_two_leagues_is_two_clubs_unless_they_are_of_one_country(self) -> None:
        other = frame(("2024-08-11", "A", "B", 2, 1), league="E1")
        assert len(encode(pl.concat([MATCH, other]), RHO).roster.clubs) == 4
        of_one = encode(divisions(MATCH, other), RHO)
        assert of_one.roster.clubs == (("England", "A"), ("England", "B"))
        assert of_one.level.tolist() == [0, 1]
        assert of_one.home.tolist() == [0, 0]

    def test_real_odds_are_of_this_world(self, matches: pl.DataFrame) -> None:
        odds = encode(matches, RHO).odds
        known = odds[~np.isnan(odds[:, 0])]
        assert len(known) > 0.5 * len(odds)
        assert np.abs(known[:, 0]).max() < 3.5
        assert math.log(0.2) < known[:, 1].min() < 0.45 < known[:, 1].max() < math.log(6.0)


class TestLeagueFacts:
    FOUR = (
        ("2023-08-12", "A", "B", 1, 0),
        ("2023-08-12", "C", "D", 1, 0),
        ("2024-08-10", "A", "B", 1, 0),
    )

    def test_that_are_there_stay(self) -> None:
        said = frame(*self.FOUR).with_columns(country=pl.lit("Erewhon"), season_matches=pl.lit(36, pl.Int16))
        found = with_league_facts(said)
        assert set(found["country"]) == {"Erewhon"}
        assert set(found["season_matches"]) == {36}

    def test_of_a_league_that_nothing_is_known_of_are_the_usual(self) -> None:
        found = encode(frame(*self.FOUR), RHO)
        assert found.roster.country == ("E0",)
        assert found.level.tolist() == [0]
        rules = found.rules[0, 0]
        assert (rules[CLUBS], rules[MATCHES], rules[FIRST_LINE]) == (4, 6, 1)

    def test_in_a_last_season_that_has_just_begun_are_those_of_the_one_before(self) -> None:
        assert with_league_facts(frame(*self.FOUR))["clubs"].to_list() == [4, 4, 4]

    def test_in_seasons_that_are_over_are_their_own(self) -> None:
        shrunk = frame(*self.FOUR, ("2025-08-10", "A", "B", 1, 0))
        assert with_league_facts(shrunk)["clubs"].to_list() == [4, 4, 2, 2]

    def test_hold_from_one_season_to_the_next_that_is_known(self) -> None:
        gap = frame(*self.FOUR[:2], ("2026-08-10", "A", "B", 1, 0))
        found = encode(gap, RHO)
        assert found.first_season == 2023
        assert found.rules[0, :, CLUBS].tolist() == [4, 4, 4, 4]

    def test_of_small_leagues_have_lines_inside_the_table(self) -> None:
        assert encode(MATCH, RHO).rules.min() >= 1


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
        clubs = {club for _, club in encode(german, RHO).roster.clubs}
        assert clubs == {"M'gladbach", "Bayern Munich"}

    def test_keeps_what_it_had_learnt_and_has_not_come_up(self, german: pl.DataFrame) -> None:
        maker = RowMaker(build_history(german, PARAMETERS), PARAMETERS)
        second = maker.matches(german[1:])
        assert second.standing.summers.tolist() == [[1], [1]]
        assert not second.standing.joins.any()
        assert second.values[0, 0, 0] > second.values[1, 0, 0]

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
