import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.data.frame import SCHEMA, TOTALS, odds
from sabiscore.data.prices import OUTCOME_LINE, TOTAL_LINE, refused_books, with_prices
from sabiscore.domain import OUTCOMES

EVEN, WIDE, TYPO = (2.5, 3.2, 2.9), (4.0, 3.4, 1.95), (2.5, 32.0, 29.0)
books = st.sampled_from([EVEN, WIDE, TYPO, None])


def priced(**sets: tuple[float, ...] | None) -> dict[str, object]:
    """A match with these sets of odds, by book, and its price."""
    return with_prices(frame(**sets)).row(0, named=True)


def frame(**sets: tuple[float, ...] | None) -> pl.DataFrame:
    cells: dict[str, float | None] = {}
    for book, offer in sets.items():
        name, _, totals = book.partition("_of_")
        names = odds(name, TOTALS if totals else OUTCOMES)
        cells |= dict(zip(names, offer or [None] * len(names), strict=True))
    return pl.DataFrame({name: [cells.get(name)] for name in SCHEMA}, schema=SCHEMA)


class TestThePrice:
    def test_is_the_closing_average(self) -> None:
        row = priced(closing=EVEN, pinnacle_closing=WIDE, average=WIDE)
        assert tuple(row[name] for name in odds("price")) == EVEN
        assert row["price_is_closing"] is True

    def test_is_pinnacles_at_kick_off_where_there_is_no_closing_average(self) -> None:
        row = priced(pinnacle_closing=WIDE, average=EVEN)
        assert (row["price_home"], row["price_is_closing"]) == (4.0, True)

    def test_is_the_average_before_the_match_where_nothing_is_of_kick_off(self) -> None:
        row = priced(average=EVEN)
        assert (row["price_draw"], row["price_is_closing"]) == (3.2, False)

    def test_is_unknown_where_there_are_no_odds(self) -> None:
        row = priced()
        assert {row[name] for name in (*odds("price"), "price_over", "price_is_closing")} == {None}

    def test_passes_over_a_typing_error(self) -> None:
        row = priced(closing=TYPO, average=EVEN, closing_of_totals=(1.1, 1.2), average_of_totals=(1.9, 1.9))
        assert (row["price_home"], row["price_is_closing"], row["price_over"]) == (2.5, False, 1.9)

    def test_of_totals_does_not_depend_on_that_of_outcomes(self) -> None:
        row = priced(average=EVEN, other_closing_of_totals=(2.1, 1.75), average_of_totals=(1.9, 1.9))
        assert (row["price_over"], row["price_under"], row["price_is_closing"]) == (2.1, 1.75, False)

    @given(sets=st.fixed_dictionaries(dict.fromkeys(OUTCOME_LINE, books)))
    def test_is_of_the_first_book_that_can_be_right(self, sets: dict[str, tuple[float, ...] | None]) -> None:
        row = priced(**sets)
        right = [book for book in OUTCOME_LINE if sets[book] not in {None, TYPO}]
        expected = sets[right[0]] if right else (None, None, None)
        assert tuple(row[name] for name in odds("price")) == expected
        assert row["price_is_closing"] == (right[0] != "average" if right else None)

    @given(sets=st.fixed_dictionaries(dict.fromkeys(OUTCOME_LINE, books)))
    def test_that_is_refused_is_counted(self, sets: dict[str, tuple[float, ...] | None]) -> None:
        assert refused_books(frame(**sets)) == list(sets.values()).count(TYPO)


class TestTheRealFiles:
    @pytest.mark.parametrize(("book", "outcomes"), [(OUTCOME_LINE, OUTCOMES), (TOTAL_LINE, TOTALS)])
    def test_have_a_price_wherever_a_book_can_be_right(
        self, divisions: pl.DataFrame, book: tuple[str, ...], outcomes: tuple[str, ...]
    ) -> None:
        known = pl.any_horizontal(pl.col(f"{each}_{outcomes[0]}").is_not_null() for each in book)
        missing = divisions.filter(known & pl.col(f"price_{outcomes[0]}").is_null())
        assert len(missing) <= refused_books(divisions)

    def test_are_priced_again_alike(self, divisions: pl.DataFrame) -> None:
        assert with_prices(divisions).equals(divisions)
