from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.features import History, Parameters, build_history
from sabiscore.features.calendar import day_number, season_of
from sabiscore.features.timeline import NONE, AsOf, Calendar, Standing, running_sum, timeline
from tests.features.frames import divisions, frame

Played = list[tuple[int, int]]
"""Who played on which day."""

appearances = st.lists(st.tuples(st.integers(0, 5), st.integers(9000, 9400)), min_size=1, unique=True)


def as_of(played: Played) -> AsOf:
    """Of clubs that played on days, all in one league; the first known is club 0, and so on."""
    clubs, days = (np.array(column) for column in zip(*played, strict=True))
    line = timeline(np.unique(clubs, return_inverse=True)[1], days)
    one = np.zeros(1, np.int16)
    leagues = timeline(np.zeros_like(days), days)
    return AsOf(Calendar(line, leagues, np.zeros(len(line.key), np.int16), one, one))


def stands(past: AsOf, club: int, league: int, day: int, ago: int = 0) -> dict[str, int]:
    """Where one club stands on a day."""
    when = np.array([day])
    keys = past.keys(np.array([club]), np.array([league]), when)
    found = past.standing(keys, when, season_of(when).astype(np.intp), ago)
    return {name: int(getattr(found, name)[0]) for name in Standing.__struct_fields__}


class TestStandingOfAClub:
    @given(appearances, st.integers(0, 6), st.integers(8990, 9410), st.integers(0, 30))
    def test_is_that_of_its_last_earlier_match_day(
        self, played: Played, subject: int, day: int, ago: int
    ) -> None:
        known = sorted({who for who, _ in played})
        past = as_of(played)
        found = stands(past, known.index(subject) if subject in known else NONE, 0, day, ago)
        earlier = [when for who, when in played if who == subject and when < day - ago]
        assert found["last_day"] == max(earlier, default=NONE)
        assert found["recent"] == sum(when >= day - 14 for when in earlier)
        assert (found["position"] == NONE) == (not earlier)
        if earlier:
            line = past.calendar.clubs
            assert line.day[found["position"]] == max(earlier)
            assert line.subject[found["position"]] == known.index(subject)

    @given(appearances, st.integers(0, 6), st.integers(8990, 9410))
    def test_is_nobodys_where_it_is_not_known(self, played: Played, subject: int, day: int) -> None:
        known = sorted({who for who, _ in played})
        past = as_of(played)
        first = min((when for who, when in played if who == subject), default=9410)
        club = known.index(subject) if subject in known else NONE
        before, nobody = stands(past, club, 0, min(first, day)), stands(past, NONE, 0, min(first, day))
        assert before == nobody

    @given(appearances, st.integers(8990, 9410))
    def test_in_a_league_is_its_last_match_day_of_the_season_there(self, played: Played, day: int) -> None:
        known, past = sorted({who for who, _ in played}), as_of(played)
        season, days = season_of(np.array([day])), np.array([day])
        there = past.played_in(np.arange(len(known)), np.array([0]), season.astype(np.intp), days)
        assert there.tolist() == [stands(past, club, 0, day)["here"] for club in range(len(known))]
        elsewhere = past.played_in(np.arange(len(known)), np.array([1]), season.astype(np.intp), days)
        assert set(elsewhere.tolist()) == {NONE}


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

    def standing(self, club: str, league: str, day: str, ago: int = 0) -> dict[str, int]:
        names = [name for _, name in self.HISTORY.roster.clubs]
        number = names.index(club) if club in names else NONE
        return stands(
            self.PAST,
            number,
            self.HISTORY.roster.leagues.index(league),
            day_number(date.fromisoformat(day)),
            ago,
        )

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
        for name in ("position", "so_far", "here", "last_day"):
            assert found[name] == NONE
        for name in ("summers", "moved", "came", "played", "recent"):
            assert found[name] == 0
        assert found["joins"] == found["new"] == 1

    def test_of_a_club_that_has_yet_to_play_is_of_the_season_before(self) -> None:
        found, later = (self.standing("A", "E0", day) for day in ("2024-08-20", "2024-09-08"))
        assert found["position"] != NONE == found["so_far"] == found["here"]
        assert later["position"] == later["so_far"] == later["here"]
        assert found["league"] != NONE == found["table"]
        assert later["league"] == later["table"]

    def test_in_another_league_is_not_here(self) -> None:
        found = self.standing("A", "E1", "2024-09-08")
        assert found["so_far"] != NONE == found["here"]
        assert (found["level"], found["moved"]) == (1, 1)

    def test_does_not_see_the_days_that_are_not_known(self) -> None:
        known, unknown = (self.standing("A", "E0", "2023-09-10", ago) for ago in (0, 2))
        assert (known["played"], known["recent"]) == (2, 2)
        assert (unknown["played"], unknown["recent"]) == (1, 1)
        assert unknown["last_day"] == day_number(date(2023, 9, 1))

    def test_is_told_of_both_sides_at_once(self) -> None:
        clubs, day = np.array([[0, 1], [2, 3]]), np.array([[19_700, 19_700]] * 2)
        season = season_of(day).astype(np.intp)
        both = self.PAST.standing(self.PAST.keys(clubs, np.array([0, 1]), day), day, season)
        for side, number in np.ndindex(2, 2):
            one = stands(self.PAST, int(clubs[side, number]), number, 19_700)
            for name, value in one.items():
                assert getattr(both, name)[side, number] == value

    def test_of_real_clubs_joins_only_after_a_season_without_them(self, history: History) -> None:
        calendar = history.calendar
        line, past = calendar.clubs, AsOf(calendar)
        keys = past.keys(line.subject, calendar.club_league.astype(np.intp), line.day)
        found = past.standing(keys, line.day, line.season.astype(np.intp))
        assert (found.summers[found.joins & (found.position != NONE)] > 1).all()
        assert (found.played[found.joins] == 0).all()
        assert found.joins.mean() < 0.02
