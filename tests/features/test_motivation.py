from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sabiscore.arrays import Floats
from sabiscore.features import History, Parameters, RowMaker, build_history
from sabiscore.features.calendar import day_number
from sabiscore.features.motivation import LINES, NAMES, Motivation, Worth
from sabiscore.features.parameters import MotivationParameters
from sabiscore.features.rows import FixtureKey
from tests.features.frames import Played, frame

PARAMETERS = Parameters()
RULES = PARAMETERS.motivation
TITLE, CHAMPIONS_LEAGUE, EUROPE, STAY_UP = range(LINES)
CLUBS = tuple("ABCDEFGH")
"""Eight clubs, of which four go to the Champions League, six to Europe, and five stay up."""

BEGIN = date(2024, 8, 10)
WORTH = Worth(RULES, 46)


def rounds(clubs: Sequence[str]) -> list[list[tuple[str, str]]]:
    """Every round of a season, each club against each at home and away: one goes round the others."""
    first, *others = clubs
    half = []
    for turn in range(len(others)):
        ring = [first, *others[turn:], *others[:turn]]
        half.append([(ring[place], ring[-1 - place]) for place in range(len(clubs) // 2)])
    return half + [[(away, home) for home, away in matches] for matches in half]


def season(clubs: Sequence[str] = CLUBS, until: int | None = None, better: str | None = None) -> list[Played]:
    """A season of weekly rounds in which the earlier name wins, or up to a round; a better club beats everyone."""
    order = sorted(clubs, key=lambda club: (club != better, club))
    played = []
    for number, matches in enumerate(rounds(clubs)[:until]):
        day = str(BEGIN + timedelta(weeks=number))
        for home, away in matches:
            wins = order.index(home) < order.index(away)
            played.append((day, home, away, int(wins), int(not wins)))
    return played


def paired(*results: str) -> list[Played]:
    """Weekly matches of A against H, B against G and so on, with the results of the former: W, D and L."""
    goals = {"W": (1, 0), "D": (0, 0), "L": (0, 1)}
    return [
        (str(BEGIN + timedelta(weeks=week)), CLUBS[pair], CLUBS[-1 - pair], *goals[result])
        for pair, of_pair in enumerate(results)
        for week, result in enumerate(of_pair)
    ]


MID_TABLE = "WL" * 6 + "D"
ONE_MATCH_LEFT = paired("W" * 13, MID_TABLE, MID_TABLE, MID_TABLE)
"""A has 39 points, H none, and all others 19."""


def made(*played: Played) -> RowMaker:
    return RowMaker(build_history(frame(*played), PARAMETERS), PARAMETERS)


def fixture(home: str, away: str, after: int) -> FixtureKey:
    """One on the day before the next round, after so many."""
    return ("E0", home, away, day_number(BEGIN + timedelta(weeks=after)) - 1)


def at_stake(played: Sequence[Played], home: str, away: str, after: int) -> Motivation:
    return made(*played).fixtures([fixture(home, away, after)]).motivation


class TestTheTable:
    def test_has_places_by_points_then_goal_difference_then_goals(self) -> None:
        played = [
            ("2024-08-10", "A", "B", 3, 3),
            ("2024-08-10", "C", "D", 2, 2),
            ("2024-08-10", "E", "F", 1, 0),
            ("2024-08-10", "G", "H", 4, 0),
        ]
        maker = made(*played)
        found = [
            maker.fixtures([fixture(club, "A", 1)]).motivation.place[0, 0] * len(CLUBS) for club in "GEABCDFH"
        ]
        assert found == [0, 1, 2, 3, 4, 5, 6, 7]

    def test_tells_points_a_match_and_the_matches_that_remain(self) -> None:
        found = at_stake(season(until=4), "A", "H", 4)
        assert found.points[:, 0].tolist() == [3.0, 0.0]
        assert found.remaining[:, 0].tolist() == [10.0, 10.0]

    def test_begins_anew_with_each_season(self) -> None:
        later = ("E0", "A", "B", day_number(date(2025, 8, 10)))
        found = made(*season()).fixtures([later])
        assert not found.motivation.values.any()
        assert not WORTH.of(found.motivation).any()

    def test_has_nothing_before_its_first_match(self) -> None:
        assert not WORTH.of(at_stake(season(), "A", "B", 0)).any()

    def test_a_club_that_has_yet_to_play_has_all_its_matches_before_it(self) -> None:
        """Its opponent is not in its last round."""
        played = [match for match in season(until=1) if "A" not in match]
        found = at_stake([*played, *season(until=2)[-4:]], "A", "B", 1)
        assert found.remaining[:, 0].tolist() == [14.0, 13.0]
        assert np.abs(WORTH.of(found)[1]).max() < 0.01

    def test_a_club_that_is_not_known_has_all_its_matches_before_it(self) -> None:
        found = at_stake(season(until=3), "A", "Unheard of", 3)
        assert found.remaining[:, 0].tolist() == [11.0, 14.0]
        assert found.importance[1].tolist() == [[0.0] * LINES]

    def test_of_leagues_whose_clubs_meet_four_times_is_as_long_as_they_say(self) -> None:
        four_times = frame(*season(until=10)).with_columns(season_matches=pl.lit(28, pl.Int16))
        maker = RowMaker(build_history(four_times, PARAMETERS), PARAMETERS)
        assert maker.fixtures([fixture("A", "B", 10)]).motivation.remaining[:, 0].tolist() == [18.0, 18.0]

    def test_of_a_season_that_is_not_over_has_the_clubs_of_the_one_before(self) -> None:
        """Though on its first evening only two have played."""
        year_later = [("2025-08-08", "A", "B", 1, 0)]
        found = made(*season(), *year_later).fixtures([("E0", "A", "C", day_number(date(2025, 8, 9)))])
        assert found.motivation.remaining[:, 0].tolist() == [13.0, 14.0]


class TestALine:
    def test_beside_which_clubs_are_level_is_all_that_counts_in_the_last_round(self) -> None:
        """D is fourth and E fifth, by their names."""
        found = at_stake(ONE_MATCH_LEFT, "D", "E", 13)
        assert found.remaining[:, 0].tolist() == [1.0, 1.0]
        assert found.gap[:, 0, CHAMPIONS_LEAGUE].tolist() == [0.0, 0.0]
        assert found.importance[0].tolist() == found.importance[1].tolist()
        assert found.importance[0, 0, CHAMPIONS_LEAGUE] > 0.5

    def test_that_cannot_be_reached_or_lost_has_no_importance(self) -> None:
        found = at_stake(ONE_MATCH_LEFT, "A", "B", 13)
        assert found.gap[:, 0, TITLE].tolist() == [20.0, -20.0]
        assert found.importance[:, 0, TITLE] == pytest.approx(0.0, abs=1e-9)

    def test_has_its_rival_on_the_other_side(self) -> None:
        """The leader's is the second; everyone else's is the leader."""
        played = season(until=6)
        points = {
            club: at_stake(played, club, "A" if club != "A" else "B", 6).points[0, 0] * 6 for club in "ABC"
        }
        leader, second, third = (at_stake(played, club, "H", 6).gap[0, 0, TITLE] for club in "ABC")
        assert leader == points["A"] - points["B"]
        assert second == points["B"] - points["A"]
        assert third == points["C"] - points["A"]

    def test_counts_the_matches_that_one_has_and_its_rival_has_not(self) -> None:
        played = season(until=6)
        behind = [match for match in played if "B" not in match[1:3] or match[0] != played[-1][0]]
        even, with_one_more = (at_stake(each, "A", "H", 6).gap[0, 0, TITLE] for each in (played, behind))
        lost = 3 * any(match[1 + (match[3] < match[4])] == "B" for match in played if match not in behind)
        assert with_one_more - even == pytest.approx(lost - RULES.points_a_match)

    @settings(max_examples=25)
    @given(st.integers(1, 13), st.sampled_from(CLUBS))
    def test_is_as_important_to_the_last_inside_as_to_the_first_outside(
        self, after: int, better: str
    ) -> None:
        maker = made(*season(until=after, better=better))
        everyone = maker.fixtures([fixture(club, club, after) for club in CLUBS]).motivation
        order = np.argsort(everyone.place[0])
        for line, inside in ((TITLE, 1), (CHAMPIONS_LEAGUE, 4), (EUROPE, 6), (STAY_UP, 5)):
            beside = everyone.importance[0, order[inside - 1 : inside + 1], line]
            assert beside[0] == pytest.approx(beside[1])

    def test_grows_in_importance_as_the_rival_comes_near(self) -> None:
        """A has fifteen points of five matches, and B of the second pair so many less, with one match left."""
        less = {0: "WWWWW", 3: "WWWWL", 4: "WWWDD", 7: "WWDDL"}
        found = [
            at_stake(paired("WWWWW", results), "A", "B", 5).importance[:, 0, TITLE]
            for results in less.values()
        ]
        for home, away in found:
            assert home == pytest.approx(away)
        assert (np.diff(found, axis=0) < 0.0).all()
        assert found[0][0] > 0.5
        assert found[-1][0] < 0.01


class TestDeadClubs:
    def test_are_those_that_no_line_can_reach(self) -> None:
        """The champion and the last; all others may still go to the Champions League, or down."""
        maker = made(*ONE_MATCH_LEFT)
        found = maker.fixtures([fixture(club, "D", 13) for club in CLUBS]).motivation
        assert found.dead[0].tolist() == [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]

    def test_may_still_reach_europe(self) -> None:
        """G is three points behind the sixth and six behind the fifth, with one match left."""
        maker = made(*paired("W" * 13, "W" * 12 + "L", "W" * 11 + "LL", "W" * 10 + "LLL"))
        found = maker.fixtures([fixture(club, club, 13) for club in "EFG"]).motivation
        assert found.dead[0].tolist() == [0.0, 0.0, 1.0]
        assert found.importance[0, 2, EUROPE] > 0.1

    def test_there_are_none_early(self) -> None:
        maker = made(*season(until=3))
        keys = [fixture(club, "A", 3) for club in CLUBS[1:]]
        assert not maker.fixtures(keys).motivation.dead.any()


class TestWorth:
    @staticmethod
    def motivation(
        importance: Floats, remaining: float, dead: tuple[float, float] = (0.0, 0.0)
    ) -> Motivation:
        values = np.zeros((2, 1, len(NAMES)))
        values[:, 0, :LINES] = importance
        values[:, 0, NAMES.index("dead")] = dead
        values[..., NAMES.index("remaining")] = remaining
        return Motivation(values)

    lines = st.lists(st.floats(0, 1), min_size=LINES, max_size=LINES)

    @given(lines, lines, st.integers(1, 38), st.sampled_from([(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]))
    def test_of_sides_that_change_places_changes_its_sign_and_goals_stay(
        self, home: list[float], away: list[float], remaining: int, dead: tuple[float, float]
    ) -> None:
        here = WORTH.of(self.motivation(np.array((home, away)), remaining, dead))
        there = WORTH.of(self.motivation(np.array((away, home)), remaining, dead[::-1]))
        assert here[0] == pytest.approx(-there[0])
        assert here[1] == pytest.approx(there[1])

    def test_is_more_for_the_side_that_needs_it_more(self) -> None:
        for line in range(LINES):
            needs = np.zeros((2, LINES))
            needs[0, line] = 0.5
            assert WORTH.of(self.motivation(needs, 1.0))[0] > 0.0

    def test_is_less_for_a_side_that_has_nothing_left(self) -> None:
        even = np.zeros((2, LINES))
        assert WORTH.of(self.motivation(even, 1.0, (1.0, 0.0)))[0] < 0.0

    def test_fades_with_the_matches_that_remain(self) -> None:
        needs = np.zeros((2, LINES))
        needs[0] = 0.3
        worth = [WORTH.of(self.motivation(needs, remaining)) for remaining in (1.0, 8.0, 16.0, 38.0)]
        assert (np.diff(np.abs(worth), axis=0) < 0.0).all()
        assert np.abs(worth[-1]).max() < 0.01

    def test_of_fixtures_alone_is_that_among_many_to_the_last_bit(self, whole: RowMaker) -> None:
        day = day_number(date(2025, 5, 10))
        keys = [("E0", *pair, day) for pair in season_pairs(whole)]
        together = WORTH.of(whole.fixtures(keys).motivation)
        alone = [WORTH.of(whole.fixtures([key]).motivation) for key in keys]
        assert np.concatenate(alone, axis=1).tobytes() == together.tobytes()

    def test_has_weights_for_every_line(self) -> None:
        rules = MotivationParameters()
        assert len(rules.difference) == len(rules.sum) == LINES


@pytest.fixture(scope="module")
def whole(history: History) -> RowMaker:
    return RowMaker(history, PARAMETERS)


def season_pairs(maker: RowMaker) -> list[tuple[str, str]]:
    clubs = [club for country, club in maker.history.roster.clubs if country == "England"]
    return [(home, away) for home in clubs[:12] for away in clubs[12:20]]


class TestRealTables:
    def test_have_what_they_should(self, whole: RowMaker, matches: pl.DataFrame) -> None:
        found = whole.matches(matches).motivation
        assert found.importance.min() >= 0.0
        assert found.importance.max() <= 1.0
        assert set(np.unique(found.dead).tolist()) == {0.0, 1.0}
        assert found.place.min() == 0.0
        assert found.place.max() < 1.0
        assert found.points.max() <= 3.0
        assert np.abs(found.gap).max() <= 30.0

    def test_end_as_the_season_did(self, whole: RowMaker) -> None:
        """Liverpool's title of 2024/25 was won with four matches left; the last three were down before that."""
        late = day_number(date(2025, 5, 24))
        found = whole.fixtures([("E0", "Liverpool", "Southampton", late)]).motivation
        assert found.place[:, 0].tolist() == [0.0, 19 / 20]
        assert found.remaining[:, 0].tolist() == [1.0, 1.0]
        assert found.dead[:, 0].tolist() == [1.0, 1.0]

    def test_know_how_many_rounds_are_left_of_every_season(
        self, whole: RowMaker, matches: pl.DataFrame
    ) -> None:
        found = whole.matches(matches).motivation.remaining
        season, league = matches["season"].to_numpy(), matches["league"].to_numpy()
        whole_seasons = ~((season == 2019) & (league == "F1"))
        last = matches.select(pl.col("date") == pl.col("date").max().over("league", "season")).to_series()
        assert set(found[:, whole_seasons & last.to_numpy()].ravel().tolist()) == {1.0}


class TestTablesAsOfADay:
    @settings(max_examples=25)
    @given(st.integers(1, 13), st.sampled_from(CLUBS))
    def test_never_see_what_was_played_on_it_or_later(self, after: int, better: str) -> None:
        later = season(better=better)[after * len(CLUBS) // 2 :]
        played = season(until=after) + [(*match[:3], 9, 0) for match in later]
        keys = [fixture(home, away, after) for home, away in rounds(CLUBS)[after]]
        known, unknown = (made(*each).fixtures(keys) for each in (played, season(until=after)))
        assert known.motivation.values.tobytes() == unknown.motivation.values.tobytes()

    def test_are_the_same_when_they_are_remembered(self, whole: RowMaker, matches: pl.DataFrame) -> None:
        some = matches.sample(300, seed=3)
        fresh = RowMaker(whole.history, PARAMETERS).matches(some)
        for _ in range(2):
            again = whole.matches(some)
            assert again.motivation.importance.tobytes() == fresh.motivation.importance.tobytes()

    def test_are_the_same_of_one_fixture_and_of_many_days(
        self, whole: RowMaker, matches: pl.DataFrame
    ) -> None:
        """Those of many days are made at once and not remembered."""
        many = whole.matches(matches).motivation
        for row in (0, 5000, 12_345, len(matches) - 1):
            one = whole.matches(matches[row]).motivation
            assert one.values[:, 0].tobytes() == many.values[:, row].tobytes()

    def test_are_the_same_when_others_were_asked_for_since(self, whole: RowMaker) -> None:
        """More than are remembered, so that the first are forgotten."""
        days = [day_number(date(2024, 8, 20)) + 3 * number for number in range(80)]
        keys = [("E0", "Arsenal", "Chelsea", day) for day in days]
        alone = [whole.fixtures([key]).motivation.values for key in keys]
        for _ in range(2):
            assert np.concatenate(alone, axis=1).tobytes() == whole.fixtures(keys).motivation.values.tobytes()
            assert alone[0].tobytes() == whole.fixtures(keys[:1]).motivation.values.tobytes()

    def test_of_no_fixtures_are_none(self, whole: RowMaker) -> None:
        assert whole.fixtures([]).motivation.importance.shape == (2, 0, LINES)
