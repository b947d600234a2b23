from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.features.calendar import day_number
from sabiscore.features.timeline import Past, timeline

appearances = st.lists(st.tuples(st.integers(0, 5), st.integers(9000, 9400)), min_size=1, unique=True)


class TestBefore:
    @given(appearances, st.integers(0, 6), st.integers(8990, 9410))
    def test_finds_the_last_earlier_match_day(
        self, played: list[tuple[int, int]], subject: int, day: int
    ) -> None:
        line = timeline(*(np.array(column) for column in zip(*played, strict=True)))
        past = Past(line)
        position = past.before(np.array([subject]), np.array([day]))
        earlier = [when for who, when in played if who == subject and when < day]
        if earlier:
            assert past.day[position][0] == max(earlier)
            assert line.subject[position][0] == subject
        else:
            assert position[0] == -1
            assert [past.season[position][0], past.played[position][0], past.day[position][0]] == [-1, 0, -1]

    @given(appearances)
    def test_never_finds_the_day_itself(self, played: list[tuple[int, int]]) -> None:
        subjects, days = (np.array(column) for column in zip(*played, strict=True))
        past = Past(timeline(subjects, days))
        found = past.before(subjects, days)
        known = found >= 0
        assert (past.day[found[known]] < days[known]).all()

    @given(appearances)
    def test_finds_nothing_of_a_subject_that_is_not_known(self, played: list[tuple[int, int]]) -> None:
        past = Past(timeline(*(np.array(column) for column in zip(*played, strict=True))))
        assert past.before(np.array([-1, -1]), np.array([9000, 9400])).tolist() == [-1, -1]


class TestBetween:
    @given(appearances, st.integers(0, 6), st.integers(8990, 9410), st.integers(0, 30))
    def test_counts_the_match_days_from_one_day_until_another(
        self, played: list[tuple[int, int]], subject: int, day: int, days: int
    ) -> None:
        past = Past(timeline(*(np.array(column) for column in zip(*played, strict=True))))
        recent = [when for who, when in played if who == subject and day - days <= when < day]
        found = past.between(np.array([subject]), np.array([day - days]), np.array([day]))
        assert found.tolist() == [len(recent)]


class TestPlayed:
    def test_counts_the_matches_of_the_season_so_far(self) -> None:
        days = [date(2023, 9, 1), date(2023, 9, 8), date(2024, 5, 1), date(2024, 9, 1)]
        line = timeline(np.zeros(4, dtype=np.intp), np.array([day_number(day) for day in days]))
        assert line.played.tolist() == [1, 2, 3, 1]

    def test_a_league_counts_every_match_of_a_day(self) -> None:
        day = day_number(date(2023, 9, 1))
        line = timeline(np.zeros(3, dtype=np.intp), np.array([day, day, day + 7]))
        assert line.played.tolist() == [2, 3]
