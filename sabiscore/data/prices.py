"""The price of a match: one rule for which of its odds count, and which are no odds.

A closing price is worth more than one before the match, an average more than one bookmaker's. A set of odds whose
inverses sum to what no margin makes is a typing error: it is refused, and the next in line counts.
"""

from collections.abc import Sequence

import polars as pl

from sabiscore.data.frame import TOTALS, odds
from sabiscore.domain import OUTCOMES, Odds

MARGINS = (0.99, 1.2)
"""Where the inverse odds of a set may sum to."""

CLOSING = ("closing", "other_closing", "pinnacle_closing")
OUTCOME_LINE = (*CLOSING, "average")
TOTAL_LINE = ("closing", "other_closing", "average")
"""Books in the order in which they are asked for the price."""


LARGEST_ODDS = 1000.0
"""Nobody offers more on one of three outcomes."""


def are_offered(odds: Odds) -> bool:
    """Whether a bookmaker may offer these odds together: each above 1, with a margin, and not an absurd one."""
    offer = (odds.home, odds.draw, odds.away)
    return (
        all(1.0 < one <= LARGEST_ODDS for one in offer)
        and 1.0 < sum(1.0 / one for one in offer) <= MARGINS[1]
    )


def with_prices(frame: pl.DataFrame) -> pl.DataFrame:
    """The canonical ``frame`` with its ``price_*`` columns filled from the other odds."""
    closing = pl.any_horizontal(_is_fair(odds(book)) for book in CLOSING)
    outcomes = _first_fair(OUTCOME_LINE, OUTCOMES)
    return frame.with_columns(
        *outcomes,
        *_first_fair(TOTAL_LINE, TOTALS),
        price_is_closing=pl.when(closing | _is_fair(odds("average"))).then(closing),
    )


def refused_books(frame: pl.DataFrame) -> int:
    """How many sets of odds of a canonical ``frame`` are there and refused."""
    sets = [odds(book) for book in OUTCOME_LINE] + [odds(book, TOTALS) for book in TOTAL_LINE]
    refused = [~_is_fair(names) & pl.col(names[0]).is_not_null() for names in sets]
    return int(frame.select(pl.sum_horizontal(each.sum() for each in refused)).item())


def _first_fair(books: Sequence[str], outcomes: tuple[str, ...]) -> list[pl.Expr]:
    """Of each outcome, its odds in the first of ``books`` that has a set that can be right."""
    fair = {book: _is_fair(odds(book, outcomes)) for book in books}
    return [
        pl.coalesce(pl.when(fair[book]).then(pl.col(f"{book}_{outcome}")) for book in books).alias(
            f"price_{outcome}"
        )
        for outcome in outcomes
    ]


def _is_fair(names: Sequence[str]) -> pl.Expr:
    """Whether the odds in the columns ``names`` are there and have a possible margin; never null."""
    inverse = [1.0 / pl.col(name) for name in names]
    total = pl.sum_horizontal(inverse, ignore_nulls=False)
    return total.is_between(*MARGINS, closed="both").fill_null(value=False)
