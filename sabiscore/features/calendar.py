"""Which season a day belongs to, and days as integers."""

from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sabiscore.domain import season_start

FIRST_YEAR, LAST_YEAR = 1900, 2200

_EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def day_of(number: int) -> date:
    """The date so many days after 1970-01-01."""
    return date.fromordinal(_EPOCH + number)


@cache
def _season_starts() -> NDArray[np.int32]:
    years = range(FIRST_YEAR, LAST_YEAR)
    starts = [day_number(season_start(year)) for year in years]
    return np.array(starts, dtype=np.int32)


def season_of(days: NDArray[np.integer]) -> NDArray[np.int16]:
    """The year in which the season of each day starts: 2024 for all of 2024/25.

    Seasons change between the last match of one and the first of the next: see `season_start`.
    """
    return (_season_starts().searchsorted(days, side="right") + (FIRST_YEAR - 1)).astype(np.int16)


def month_of(days: NDArray[np.integer]) -> NDArray[np.intp]:
    """1 for January to 12 for December."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.intp)
    return months % 12 + 1


CLOSED_FROM, CLOSED_THROUGH = date(2020, 5, 16), date(2021, 6, 30)
"""When the five leagues played without spectators, by and large."""

_CLOSED = day_number(CLOSED_FROM), day_number(CLOSED_THROUGH)


def open_doors(days: NDArray[np.integer], closed: float) -> NDArray[np.float64]:
    """The share of home advantage there is on each day: 1, or ``closed`` while stadiums were empty."""
    empty = (days >= _CLOSED[0]) & (days <= _CLOSED[1])
    return np.where(empty, closed, 1.0)


class Periods:
    """All days between two of them are alike: in ``season``, ``month`` and ``open_doors``, each ``[periods]``."""

    def __init__(self, closed: float) -> None:
        firsts = [date(year, month, 1) for year in range(FIRST_YEAR, LAST_YEAR) for month in range(1, 13)]
        months = np.array([day_number(first) for first in firsts])
        self._starts = np.unique((*months, *_season_starts(), _CLOSED[0], _CLOSED[1] + 1))
        self.season = season_of(self._starts).astype(np.intp)
        self.month = month_of(self._starts)
        self.open_doors = open_doors(self._starts, closed)

    def of(self, days: NDArray[np.integer]) -> NDArray[np.intp]:
        """The period that each day is in."""
        return self._starts.searchsorted(days, side="right") - 1
