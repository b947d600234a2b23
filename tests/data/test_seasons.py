from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.data import seasons


class TestALabel:
    @pytest.mark.parametrize(
        ("label", "start"), [("9394", 1993), ("9899", 1998), ("9900", 1999), ("0001", 2000), ("2425", 2024)]
    )
    def test_says_when_its_season_starts(self, label: str, start: int) -> None:
        assert seasons.start_of(label) == start

    @given(st.integers(1993, 2092))
    def test_and_start_year_are_two_names_of_one_season(self, start: int) -> None:
        assert seasons.start_of(seasons.label_of(start)) == start

    @pytest.mark.parametrize("label", ["", "2024", "2426", "24-25", "242", "24255", "²⁴²⁵", "0203 "])
    def test_that_is_not_two_years_in_a_row_is_refused(self, label: str) -> None:
        with pytest.raises(ValueError, match="not a season such as 2425"):
            seasons.start_of(label)


class TestAName:
    def test_is_the_one_that_people_use(self) -> None:
        assert [seasons.name_of(season) for season in (1999, 2024)] == ["1999/00", "2024/25"]


class TestASeason:
    def test_begins_in_july(self) -> None:
        assert seasons.season_at(date(2024, 6, 30)) == 2023
        assert seasons.season_at(date(2024, 7, 1)) == 2024

    @given(st.dates(date(1993, 7, 1), date(2090, 1, 1)))
    def test_holds_the_days_that_belong_to_it(self, day: date) -> None:
        first, last = seasons.days_of(seasons.season_at(day))
        assert first <= day <= last

    def test_may_end_as_late_as_that_of_2020(self) -> None:
        first, last = seasons.days_of(2019)
        assert first <= date(2020, 8, 2) <= last
