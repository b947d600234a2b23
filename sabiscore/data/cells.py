"""What the cells of a file can mean: polars expressions from stripped text, null where it is not that."""

from collections.abc import Sequence

import polars as pl

MOST_GOALS = 30
MOST_OF_A_STATISTIC = 100
MOST_XG = 20
LARGEST_HANDICAP = 6

CHANCES = (0.8, 1.5)
"""Where the implied chances of one set of odds may add up to; bookmakers' are between 0.87 and 1.15."""

_DATES = {r"^\d+/\d+/\d{4}$": "%d/%m/%Y", r"^\d+/\d+/\d\d$": "%d/%m/%y", r"^\d{4}-\d\d-\d\d$": "%Y-%m-%d"}


def day(name: str) -> pl.Expr:
    """A date as dd/mm/yyyy, dd/mm/yy or yyyy-mm-dd."""
    text = pl.col(name)
    return pl.coalesce(
        pl.when(text.str.contains(form)).then(text.str.to_date(layout, strict=False))
        for form, layout in _DATES.items()
    )


def minutes(name: str) -> pl.Expr:
    """A time as hh:mm, in minutes since midnight."""
    time = pl.col(name).str.to_time("%H:%M", strict=False)
    return time.dt.hour().cast(pl.Int16) * 60 + time.dt.minute()


def number(name: str) -> pl.Expr:
    """A number, not always a finite one."""
    return pl.col(name).cast(pl.Float64, strict=False)


def count(name: str, most: int) -> pl.Expr:
    """A whole number from 0 to ``most``."""
    value = measure(name, most)
    return pl.when(value == value.floor()).then(value)


def measure(name: str, most: int) -> pl.Expr:
    """A number from 0 to ``most``."""
    value = number(name)
    return pl.when(value.is_between(0, most)).then(value)


def are_odds(offer: Sequence[pl.Expr]) -> pl.Expr:
    """Whether decimal odds on all that can happen, as bookmakers offer them together."""
    chances = pl.sum_horizontal(1 / odds for odds in offer)
    return pl.all_horizontal((odds > 1) & odds.is_finite() for odds in offer) & chances.is_between(*CHANCES)


def are_handicap(offer: Sequence[pl.Expr]) -> pl.Expr:
    """Whether a line in quarters of a goal and odds on both sides of it."""
    line, *prices = offer
    quarters = line * 4
    return (
        line.is_between(-LARGEST_HANDICAP, LARGEST_HANDICAP)
        & (quarters == quarters.round())
        & are_odds(prices)
    )
