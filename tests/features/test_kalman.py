import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.arrays import Floats
from sabiscore.features import kalman
from sabiscore.features.kalman import (
    COMPONENTS,
    DIFFERENCE,
    FAST,
    FAST_VARIANCE,
    FASTER,
    FASTER_VARIANCE,
    HOME,
    HOME_VARIANCE,
    PLAYED,
    SLOW,
    SLOW_VARIANCE,
    SUM,
    Day,
    Filters,
    Leagues,
    Rules,
    in_goals,
    margin,
)
from sabiscore.features.parameters import Parameters

from .clubs import VARIANCES, arrival

PARAMETERS = Parameters()
RULES = Rules(PARAMETERS)
FILTERS = Filters(RULES)
VALUES = (SLOW, FAST, FASTER, HOME, PLAYED)
SIGN = np.array([[-1.0], [1.0]])
"""The strengths of both clubs are subtracted, their goals added."""

ratings = st.floats(-1.5, 1.5)
variances = st.floats(0.001, 0.3)
log_goals = st.floats(-2.0, 2.0)
goals = st.floats(-8.0, 8.0)


def two(
    home: tuple[float, float] = (0.0, 0.05), away: tuple[float, float] = (0.0, 0.05), played: float = 0.0
) -> Floats:
    """The state of a home and an away club, their slow component and its variance given; the rest is usual."""
    clubs = np.zeros((COMPONENTS, 2, 2))
    clubs[SLOW], clubs[SLOW_VARIANCE] = zip(home, away, strict=True)
    clubs[FAST_VARIANCE], clubs[FASTER_VARIANCE] = RULES.fast_variance, RULES.faster_variance
    clubs[HOME_VARIANCE] = RULES.home_variance
    clubs[PLAYED] = played
    return clubs


def league(level: float = 0.0, variance: float = 0.01) -> Leagues:
    return Leagues(np.full((2, 1), level), np.full((2, 1), variance))


def day(odds: float | None = None, surprise: float = 0.0, played: float = 0.0, **other: float) -> Day:
    """A day with one match, both filters told the same."""

    def both(value: float) -> Floats:
        return np.full((2, 1), value)

    return Day(
        league=np.array([0]),
        odds=both(odds or 0.0),
        priced=both(float(odds is not None)),
        noise=both(other.get("noise", 0.06)),
        motivation=both(other.get("motivation", 0.0)),
        surprise=both(surprise),
        played=both(played),
        at_home=both(other.get("at_home", 1.0)),
    )


def several(count: int) -> Day:
    """A day with so many such matches."""
    one = day(1.0)
    return Day(*(np.repeat(getattr(one, name), count, axis=-1) for name in Day.__struct_fields__))


def learnt(clubs: Floats, leagues: Leagues, of_day: Day) -> Floats:
    """What clubs are after a day; what they were stays."""
    after = clubs.copy()
    FILTERS.learn(after, leagues, of_day)
    return after


def hear(clubs: Floats, leagues: Leagues, today: Day) -> None:
    """Change them by a day's odds alone."""
    error = today.odds - FILTERS.expected(clubs, leagues, today)
    played = -(clubs[PLAYED, :, :1] + SIGN * clubs[PLAYED, :, 1:])
    FILTERS._move(clubs, leagues, today, kalman._Step(error, played, today.noise, today.priced))


def swapped(clubs: Floats) -> Floats:
    return clubs[:, :, ::-1].copy()


class TestOdds:
    @given(log_goals, ratings, ratings, variances, variances)
    def test_move_what_is_expected_towards_them(
        self, odds: float, home: float, away: float, p: float, q: float
    ) -> None:
        clubs, leagues, today = two((home, p), (away, q)), league(), day(odds)
        before = FILTERS.expected(clubs, leagues, today)
        hear(clubs, leagues, today)
        after = FILTERS.expected(clubs, leagues, today)
        assert (np.abs(after - odds) <= np.abs(before - odds)).all()
        assert ((after - odds) * (before - odds) >= -1e-12).all()

    @given(log_goals)
    def test_that_differ_from_what_was_expected_are_told(self, odds: float) -> None:
        told = FILTERS.learn(two((0.3, 0.05)), league(0.2), day(odds))
        assert told[:, 0] == pytest.approx([odds - 0.5, odds - 0.5])

    def test_that_are_not_known_tell_nothing(self) -> None:
        assert not FILTERS.learn(two((0.3, 0.05)), league(), day()).any()

    @given(log_goals, st.floats(-0.5, 0.5))
    def test_are_heard_without_what_was_at_stake(self, odds: float, stake: float) -> None:
        """A club that must win is not stronger for it."""
        needs = FILTERS.learn(two(), league(), day(odds + stake, motivation=stake))
        assert needs == pytest.approx(FILTERS.learn(two(), league(), day(odds)))

    def test_before_the_match_count_less_than_those_at_its_start(self) -> None:
        closing, early = (
            learnt(two(), league(), day(1.0, noise=noise[0, 0]))
            for noise in (RULES.closing_noise, RULES.early_noise)
        )
        assert closing[SLOW, DIFFERENCE, 0] > early[SLOW, DIFFERENCE, 0] > 0.0

    def test_make_clubs_more_certain_than_a_result_does(self) -> None:
        priced, unpriced = learnt(two(), league(), day(0.2)), learnt(two(), league(), day())
        assert (priced[list(VARIANCES)] <= unpriced[list(VARIANCES)]).all()
        assert (priced[SLOW_VARIANCE] < unpriced[SLOW_VARIANCE]).all()

    def test_of_one_match_do_not_touch_another_of_the_day(self) -> None:
        both = several(2)
        both.priced[:, 1] = both.odds[:, 1] = 0.0
        four = np.repeat(two((0.3, 0.1), (0.1, 0.1)), 2, axis=2)
        after = learnt(four, league(), both)
        alone = learnt(two((0.3, 0.1), (0.1, 0.1)), league(), day(1.0))
        unpriced = learnt(two((0.3, 0.1), (0.1, 0.1)), league(), day())
        assert after[:, :, [0, 2]] == pytest.approx(alone, abs=1e-3)
        assert after[SLOW_VARIANCE][:, [1, 3]] == pytest.approx(unpriced[SLOW_VARIANCE], abs=1e-4)


class TestADay:
    @given(log_goals, goals, ratings, variances, variances)
    def test_makes_clubs_and_leagues_more_certain(
        self, odds: float, surprise: float, rating: float, p: float, q: float
    ) -> None:
        for said in (odds, None):
            clubs, leagues = two((rating, p), (0.0, q)), league()
            after = learnt(clubs, leagues, day(said, surprise, surprise))
            assert (after[[SLOW_VARIANCE, FAST_VARIANCE, FASTER_VARIANCE]] > 0.0).all()
            for variance in (SLOW_VARIANCE, FAST_VARIANCE, FASTER_VARIANCE):
                assert (after[variance] < clubs[variance]).all()
            assert (after[HOME_VARIANCE, :, 0] < clubs[HOME_VARIANCE, :, 0]).all()
            assert (leagues.variance < 0.01).all()
            assert (leagues.variance > 0.0).all()

    @given(goals, variances, variances)
    def test_moves_home_and_away_in_proportion_of_their_variances(
        self, played: float, p: float, q: float
    ) -> None:
        """Apart in who is better, together in how many goals there are."""
        clubs = two((0.0, p), (0.0, q))
        home, away = np.moveaxis(learnt(clubs, league(), day(None, 0.0, played))[SLOW], 1, 0)
        assert home[DIFFERENCE] * q == pytest.approx(-away[DIFFERENCE] * p, abs=1e-9)
        assert home[SUM] * q == pytest.approx(away[SUM] * p, abs=1e-9)

    @given(log_goals, goals, variances, variances)
    def test_seen_from_the_other_side_is_mirrored_where_there_is_no_home_advantage(
        self, odds: float, surprise: float, p: float, q: float
    ) -> None:
        here = two((0.4, p), (-0.2, q))
        here[[HOME, HOME_VARIANCE]] = 0.0
        today = day(odds, surprise)
        other = msgspec.structs.replace(
            today,
            odds=today.odds * [[-1.0], [1.0]],
            surprise=today.surprise * [[-1.0], [1.0]],
        )
        one, two_ = (
            learnt(state, league(variance=1e-12), each)
            for state, each in ((here, today), (swapped(here), other))
        )
        assert one == pytest.approx(swapped(two_), abs=1e-9)

    def test_of_a_home_win_raises_the_home_advantage_of_club_and_league(self) -> None:
        leagues = league()
        after = learnt(two(), leagues, day(None, 0.0, 3.0))
        assert after[HOME, DIFFERENCE, 0] > 0.0 == after[HOME, DIFFERENCE, 1]
        assert leagues.level[DIFFERENCE, 0] > 0.0

    def test_without_spectators_teaches_less_of_home_advantage(self) -> None:
        found = []
        for at_home in (1.0, PARAMETERS.closed_doors, 0.0):
            leagues = league()
            learnt(two(), leagues, day(None, 0.0, 3.0, at_home=at_home))
            found.append(leagues.level[DIFFERENCE, 0])
        assert found[0] > found[1] > found[2] == 0.0

    def test_with_many_goals_raises_the_level_of_the_league(self) -> None:
        leagues = league()
        learnt(two(), leagues, day(None, 0.0, 7.0))
        assert leagues.level[SUM, 0] > 0.0

    def test_of_ten_matches_never_makes_a_league_certain(self) -> None:
        many = several(30)
        leagues = league(variance=10.0)
        FILTERS.learn(np.repeat(two(), 30, axis=2), leagues, many)
        assert (leagues.variance > 0.0).all()
        assert np.isfinite(leagues.level).all()


class TestWhatWasPlayed:
    @given(st.floats(0.0, 20.0), st.floats(0.0, 20.0))
    def test_counts_more_the_greater_the_surprise_and_less_than_in_proportion(
        self, one: float, other: float
    ) -> None:
        smaller, greater = sorted((one, other))
        (small, great) = (
            learnt(two(), league(), day(0.0, surprise))[SLOW, DIFFERENCE, 0]
            for surprise in (smaller, greater)
        )
        assert small <= great + 1e-12
        assert great * smaller <= small * greater + 1e-9

    def test_as_expected_moves_nothing(self) -> None:
        clubs, leagues = two((0.5, 0.1), (0.2, 0.2)), league(0.1)
        unpriced = day()
        expected = FILTERS.expected(clubs, leagues, unpriced)
        played = in_goals(expected, np.array([0.3]))[0]
        after = learnt(clubs, leagues, msgspec.structs.replace(unpriced, played=played))
        for value in VALUES:
            assert after[value] == pytest.approx(clubs[value], abs=1e-12)
        assert leagues.level == pytest.approx(league(0.1).level)

    @given(log_goals)
    def test_is_all_that_its_part_of_the_strength_comes_from(self, odds: float) -> None:
        clubs = two()
        hear(clubs, league(), day(odds))
        assert not clubs[PLAYED].any()
        assert learnt(two(), league(), day(None, 0.0, 3.0))[PLAYED].all()

    @given(ratings, ratings, log_goals)
    def test_is_forgotten_as_odds_are_heard(self, home: float, away: float, odds: float) -> None:
        clubs = two()
        clubs[PLAYED] = (home, away)
        before = clubs[PLAYED, :, :1] + SIGN * clubs[PLAYED, :, 1:]
        hear(clubs, league(), day(odds))
        after = clubs[PLAYED, :, :1] + SIGN * clubs[PLAYED, :, 1:]
        assert (np.abs(after) <= np.abs(before) + 1e-12).all()

    def test_is_the_whole_strength_where_there_were_never_odds(self) -> None:
        clubs, leagues = two(), league()
        for goals_ahead in (3.0, -1.0, 2.0, 0.0):
            clubs = RULES.arrive(clubs, arrival(2, days=7))
            FILTERS.learn(clubs, leagues, day(None, 0.0, goals_ahead))
        assert clubs[PLAYED] == pytest.approx(clubs[SLOW])

    @given(st.lists(st.tuples(log_goals, st.floats(-4.0, 4.0)), min_size=1, max_size=60))
    def test_stays_within_bounds_however_long_it_goes_on(self, season: list[tuple[float, float]]) -> None:
        clubs, leagues = two(), league()
        for odds, surprise in season:
            clubs = RULES.arrive(clubs, arrival(2, days=7))
            FILTERS.learn(clubs, leagues, day(odds, surprise))
        assert (np.abs(clubs[PLAYED]) < 2.0).all()
        assert np.isfinite(clubs).all()

    def test_without_odds_counts_by_what_was_expected(self) -> None:
        """A narrow win disappoints of a club much better than its opponent."""
        better, even = two((2.0, 0.05)), two()
        for clubs, sign in ((better, -1.0), (even, 1.0)):
            moved = (
                learnt(clubs, league(), day(None, 0.0, 1.0))[SLOW, DIFFERENCE, 0] - clubs[SLOW, DIFFERENCE, 0]
            )
            assert moved * sign > 0.0


class TestInGoals:
    @given(log_goals, st.floats(-1.0, 3.0))
    def test_slopes_are_those_of_the_goals(self, difference: float, both: float) -> None:
        step, at = 1e-6, np.array([[difference], [both]])
        own = np.array([difference])
        goals_there, slope = in_goals(at, own)
        ahead = in_goals(at + step, own)[0]
        assert (ahead - goals_there) / step == pytest.approx(slope, rel=1e-4)

    def test_of_an_even_match_are_none_ahead(self) -> None:
        assert in_goals(np.zeros((2, 1)), np.zeros(1))[0][:, 0].tolist() == [0.0, 2.0]

    @given(log_goals)
    def test_margin_is_that_of_arrays(self, difference: float) -> None:
        by_array = in_goals(np.full((2, 1), difference), np.zeros(1))[0][DIFFERENCE, 0]
        assert margin(difference) == pytest.approx(by_array)
