from datetime import date

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.data.seasons import season_at
from sabiscore.features.calendar import (
    CLOSED_FROM,
    CLOSED_THROUGH,
    Periods,
    day_number,
    day_of,
    month_of,
    open_doors,
    season_of,
)

PERIODS = Periods(0.5)


class TestSeasonOf:
    def test_agrees_with_the_files_for_every_real_match(self, matches: pl.DataFrame) -> None:
        days = matches["date"].cast(pl.Int32).to_numpy()
        assert np.array_equal(season_of(days), matches["season"].to_numpy())

    @given(st.dates(date(1993, 7, 1), date(2090, 1, 1)))
    def test_agrees_with_the_season_that_files_are_looked_for_in(self, day: date) -> None:
        assert season_of(np.array([day_number(day)])).tolist() == [season_at(day)]

    def test_the_pandemic_season_ends_in_august(self) -> None:
        days = np.array([day_number(date(2020, 8, 2)), day_number(date(2020, 8, 21))])
        assert season_of(days).tolist() == [2019, 2020]


class TestOpenDoors:
    def test_are_closed_from_may_2020_through_june_2021(self) -> None:
        dates = (date(2020, 5, 15), date(2020, 5, 16), date(2021, 6, 30), date(2021, 7, 1))
        assert open_doors(np.array([day_number(day) for day in dates]), 0.5).tolist() == [1.0, 0.5, 0.5, 1.0]


class TestMonth:
    @given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
    def test_is_that_of_the_date(self, day: date) -> None:
        number = np.array([day_number(day)])
        assert month_of(number).tolist() == [day.month]


class TestPeriods:
    @given(st.dates(date(1993, 7, 1), date(2199, 12, 31)))
    def test_tell_what_there_is_to_tell_of_their_days(self, day: date) -> None:
        number = np.array([day_number(day)])
        period = PERIODS.of(number)
        assert PERIODS.season[period].tolist() == season_of(number).tolist()
        assert PERIODS.month[period].tolist() == [day.month]
        assert PERIODS.open_doors[period].tolist() == open_doors(number, 0.5).tolist()

    def test_change_when_doors_close_and_open(self) -> None:
        days = [day_number(day) for day in (CLOSED_FROM, CLOSED_THROUGH)]
        around = PERIODS.of(np.array([days[0] - 1, days[0], days[1], days[1] + 1]))
        assert PERIODS.open_doors[around].tolist() == [1.0, 0.5, 0.5, 1.0]


class TestDayNumber:
    @given(st.dates())
    def test_is_undone_by_day_of(self, day: date) -> None:
        assert day_of(day_number(day)) == day

    def test_counts_from_the_epoch(self) -> None:
        assert day_number(date(1970, 1, 2)) == 1
