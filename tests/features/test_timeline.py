from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.features import History, Parameters, build_history
from sabiscore.features.calendar import day_number
from sabiscore.features.timeline import NONE, AsOf, Past, Standing, Timeline, running_sum, timeline
from tests.features.frames import divisions, frame

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

    def test_of_a_subject_begins_on_its_first_day(self) -> None:
        line = timeline(np.array([0, 1, 1]), np.array([9100, 9007, 9050]))
        assert [line.first(subject) for subject in (0, 1)] == [9100, 9007]
        assert line.day[line.at(np.array([1]), np.array([9050]))].tolist() == [9050]


class TestRunningSum:
    @given(st.lists(st.tuples(st.integers(-9, 9), st.booleans()), min_size=1))
    def test_begins_anew_where_it_is_told(self, steps: list[tuple[int, bool]]) -> None:
        values, begins = (np.array(column) for column in zip(*steps, strict=True))
        begins[0] = True
        total, expected = 0, []
        for value, begin in zip(values.tolist(), begins.tolist(), strict=True):
            total = value if begin else total + value
            expected.append(total)
        assert running_sum(values, begins).tolist() == expected


class TestStanding:
    """Of clubs of two divisions: C comes up in 2023, B goes down, and D is away for a season."""

    HISTORY = build_history(
        divisions(
            frame(
                ("2022-09-01", "A", "B", 2, 0),
                ("2023-09-01", "A", "C", 1, 1),
                ("2023-09-08", "C", "A", 0, 2),
                ("2024-09-01", "A", "C", 0, 2),
            ),
            frame(
                ("2022-09-01", "C", "D", 3, 0),
                ("2023-09-01", "B", "E", 1, 0),
                ("2024-09-01", "B", "D", 1, 0),
                league="E1",
            ),
        ),
        Parameters(),
    )
    PAST = AsOf(HISTORY.calendar)

    def standing(self, club: str, league: str, day: str, until: str | None = None) -> dict[str, int]:
        names = [name for _, name in self.HISTORY.roster.clubs]
        found = self.PAST.standing(
            np.array([names.index(club) if club in names else NONE]),
            np.array([self.HISTORY.roster.leagues.index(league)]),
            np.array([day_number(date.fromisoformat(day))]),
            np.array([day_number(date.fromisoformat(until or day))]),
        )
        return {name: int(getattr(found, name)[0]) for name in Standing.__struct_fields__}

    def test_tells_a_club_that_went_up_all_season(self) -> None:
        before = self.standing("C", "E0", "2023-09-01")
        later = self.standing("C", "E0", "2024-05-01")
        next_season = self.standing("C", "E0", "2024-10-01")
        assert (before["moved"], before["came"], before["summers"], before["joins"]) == (-1, -1, 1, 0)
        assert (later["moved"], later["came"], later["summers"], later["played"]) == (0, -1, 0, 2)
        assert next_season["came"] == 0

    def test_tells_a_club_that_went_down(self) -> None:
        found = self.standing("B", "E1", "2023-09-01")
        assert (found["moved"], found["came"]) == (1, 1)

    def test_tells_a_club_that_was_away_from_one_that_was_not(self) -> None:
        away, there = (self.standing(club, "E1", "2024-09-01") for club in "DB")
        assert (away["joins"], away["summers"]) == (1, 2)
        assert (there["joins"], there["summers"]) == (0, 1)

    def test_of_a_club_never_seen_is_nothing(self) -> None:
        found = self.standing("Unheard of", "E0", "2024-05-01")
        assert found == {
            "position": NONE,
            "summers": 0,
            "joins": 1,
            "moved": 0,
            "came": 0,
            "played": 0,
            "recent": 0,
            "last_day": NONE,
        }

    def test_does_not_see_the_days_that_are_not_known(self) -> None:
        known, unknown = (
            self.standing("A", "E0", "2023-09-10", until) for until in ("2023-09-10", "2023-09-08")
        )
        assert (known["played"], known["recent"]) == (2, 2)
        assert (unknown["played"], unknown["recent"]) == (1, 1)
        assert unknown["last_day"] == day_number(date(2023, 9, 1))

    def test_of_sides_is_that_of_each(self) -> None:
        clubs, day = np.array([[0, 1], [2, 3]]), np.array([19_700, 19_700])
        both = self.PAST.standing(clubs, np.array([0, 1]), day)
        for side in (0, 1):
            one = self.PAST.standing(clubs[side], np.array([0, 1]), day)
            for name in Standing.__struct_fields__:
                assert getattr(both.of(side), name).tolist() == getattr(one, name).tolist()

    def test_of_real_clubs_joins_only_after_a_season_without_them(self, history: History) -> None:
        calendar = history.calendar
        line: Timeline = calendar.clubs
        found = AsOf(calendar).standing(
            line.subject.astype(np.intp), calendar.club_league.astype(np.intp), line.day.astype(np.intp)
        )
        assert (found.summers[found.joins & (found.position != NONE)] > 1).all()
        assert (found.played[found.joins] == 0).all()
        assert found.joins.mean() < 0.02
