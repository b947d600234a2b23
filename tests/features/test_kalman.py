from typing import Any

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
    Arrival,
    Day,
    Filters,
    Leagues,
    Rules,
    in_goals,
    margin,
)
from sabiscore.features.parameters import FilterParameters, Parameters

PARAMETERS = Parameters()
RULES = Rules(PARAMETERS)
FILTERS = Filters(RULES)
VALUES = (SLOW, FAST, FASTER, HOME, PLAYED)
VARIANCES = (SLOW_VARIANCE, FAST_VARIANCE, FASTER_VARIANCE, HOME_VARIANCE)
BOTH = (DIFFERENCE, SUM)
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


def arrival(m: int = 1, **other: Any) -> Arrival:  # noqa: ANN401 - the fields of an Arrival
    """Clubs that stay where they are, and played yesterday."""
    nothing = np.zeros(m, np.intp)
    usual = Arrival(
        summers=nothing,
        days=nothing + 1,
        joins=nothing > 0,
        first=nothing > 0,
        moved=nothing,
        level=nothing,
        mean_then=np.zeros((2, m)),
        mean_now=np.zeros((2, m)),
    )
    changed = {
        name: np.full((2, m) if name.startswith("mean") else m, value) for name, value in other.items()
    }
    return msgspec.structs.replace(usual, **changed)


def club(value: float = 0.5, variance: float = 0.05) -> Floats:
    """A club with this in every component."""
    state = np.full((COMPONENTS, 2, 1), value)
    state[list(VARIANCES)] = variance
    return state


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
        both = Day(
            league=np.array([0, 0]),
            **{
                name: np.repeat(getattr(day(1.0), name), 2, axis=1)
                for name in Day.__struct_fields__
                if name != "league"
            },
        )
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
        many = Day(
            league=np.zeros(30, np.intp),
            **{
                name: np.repeat(getattr(day(1.0), name), 30, axis=1)
                for name in Day.__struct_fields__
                if name != "league"
            },
        )
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


class TestRest:
    @given(st.integers(0, 400), st.integers(0, 400))
    def test_brings_the_fast_components_towards_nothing_and_leaves_the_slow_one(
        self, one: int, other: int
    ) -> None:
        shorter, longer = (RULES.arrive(club(), arrival(days=days))[:, :, 0] for days in sorted((one, other)))
        for component in (FAST, FASTER):
            assert (longer[component] <= shorter[component]).all()
            assert (longer[component] >= 0.0).all()
        for component in (SLOW, HOME, PLAYED):
            assert (longer[component] == 0.5).all()

    @given(st.integers(0, 200), st.integers(0, 200), variances)
    def test_in_two_parts_is_as_one_for_the_fast_components(self, one: int, other: int, v: float) -> None:
        apart = RULES.arrive(RULES.arrive(club(variance=v), arrival(days=one)), arrival(days=other))
        together = RULES.arrive(club(variance=v), arrival(days=one + other))
        fast = [FAST, FASTER, FAST_VARIANCE, FASTER_VARIANCE]
        assert apart[fast] == pytest.approx(together[fast])

    def test_makes_clubs_less_certain_until_sixty_days_have_passed(self) -> None:
        days = (0, 1, 10, 59, 60, 61, 300)
        slow = [RULES.arrive(club(), arrival(days=each))[SLOW_VARIANCE, DIFFERENCE, 0] for each in days]
        drift = PARAMETERS.difference.drift
        assert slow == pytest.approx([0.05 + drift * min(each, 60) for each in days])

    def test_never_makes_a_variance_less_than_none(self) -> None:
        for days in (0, 3, 1000):
            assert (RULES.arrive(club(variance=0.0), arrival(days=days))[list(VARIANCES)] >= 0.0).all()


class TestSummers:
    @given(st.integers(1, 4), st.integers(1, 4), ratings, ratings)
    def test_so_many_at_once_are_as_many_one_after_another(
        self, one: int, other: int, value: float, mean: float
    ) -> None:
        def after(state: Floats, summers: int) -> Floats:
            return RULES.arrive(state, arrival(days=0, summers=summers, mean_then=mean))

        apart = after(after(club(value), one), other)
        assert after(club(value), one + other) == pytest.approx(apart)

    def test_regress_to_the_mean_of_the_division(self) -> None:
        kept = PARAMETERS.sum.summer_kept
        found = RULES.arrive(club(0.5), arrival(days=0, summers=1, mean_then=0.2))[SLOW]
        assert found[SUM, 0] == pytest.approx(0.2 + kept * 0.3)
        assert found[DIFFERENCE, 0] == pytest.approx(0.2 + PARAMETERS.difference.summer_kept * 0.3)

    def test_make_less_certain_each(self) -> None:
        found = [
            RULES.arrive(club(), arrival(days=0, summers=summers))[SLOW_VARIANCE, DIFFERENCE, 0]
            for summers in range(5)
        ]
        assert (np.diff(found) > 0.0).all()

    def test_leave_no_trace_of_last_weeks(self) -> None:
        found = RULES.arrive(club(), arrival(days=0, summers=1))
        assert not found[FASTER].any()
        assert found[FASTER_VARIANCE].tolist() == RULES.faster_variance.tolist()

    def test_leave_a_club_its_own_home_advantage(self) -> None:
        assert (RULES.arrive(club(), arrival(days=0, summers=3))[HOME] == 0.5).all()

    def test_more_than_anyone_remembers_are_no_error(self) -> None:
        assert np.isfinite(RULES.arrive(club(), arrival(days=0, summers=270))).all()

    def test_are_not_felt_by_the_clubs_beside(self) -> None:
        pair = np.concatenate((club(), club()), axis=2)
        mixed = msgspec.structs.replace(arrival(2), summers=np.array([0, 2]), days=np.array([7, 0]))
        found = RULES.arrive(pair, mixed)
        assert found[..., :1].tobytes() == RULES.arrive(club(), arrival(days=7)).tobytes()
        assert found[..., 1:].tobytes() == RULES.arrive(club(), arrival(days=0, summers=2)).tobytes()


class TestPromotion:
    @pytest.mark.parametrize("moved", [-2, -1, 0, 1, 2])
    def test_adds_for_each_division_what_parameters_say(self, moved: int) -> None:
        stayed = RULES.arrive(club(), arrival(days=0, summers=1))[:, :, 0]
        found = RULES.arrive(club(), arrival(days=0, summers=1, moved=moved))[:, :, 0]
        for kind, rules in zip(BOTH, (PARAMETERS.difference, PARAMETERS.sum), strict=True):
            step = rules.promoted if moved < 0 else rules.relegated
            doubt = rules.promoted_variance if moved < 0 else rules.relegated_variance
            assert found[SLOW, kind] - stayed[SLOW, kind] == pytest.approx(abs(moved) * step)
            assert found[SLOW_VARIANCE, kind] - stayed[SLOW_VARIANCE, kind] == pytest.approx(
                abs(moved) * doubt
            )

    def test_makes_a_club_that_goes_up_better_and_one_that_goes_down_worse(self) -> None:
        """On the scale of the whole country: it buys, and it sells."""
        assert PARAMETERS.difference.promoted > 0.0 > PARAMETERS.difference.relegated


class TestANewcomer:
    def test_starts_from_the_mean_of_those_that_are_there(self) -> None:
        for level, name in ((0, "newcomer_top"), (1, "newcomer"), (3, "newcomer")):
            found = RULES.arrive(club(), arrival(joins=True, level=level, mean_now=-0.4))[:, :, 0]
            for kind, rules in zip(BOTH, (PARAMETERS.difference, PARAMETERS.sum), strict=True):
                assert found[SLOW, kind] == pytest.approx(-0.4 + getattr(rules, name))
                assert found[SLOW_VARIANCE, kind] == rules.newcomer_variance

    def test_is_not_what_it_was(self) -> None:
        """Even one that had been there years ago, after as many summers."""
        found = RULES.arrive(club(9.0), arrival(joins=True, summers=3))
        for value in (FAST, FASTER, HOME, PLAYED):
            assert not found[value].any()
        assert found.tobytes() == RULES.arrive(club(), arrival(joins=True)).tobytes()

    def test_in_a_leagues_first_season_starts_by_the_division_alone(self) -> None:
        for level in (0, 1, 2):
            found = RULES.arrive(club(), arrival(first=True, joins=True, level=level, mean_now=9.0))[:, :, 0]
            for kind, rules in zip(BOTH, (PARAMETERS.difference, PARAMETERS.sum), strict=True):
                assert found[SLOW, kind] == pytest.approx(rules.division_gap * level)
                assert found[SLOW_VARIANCE, kind] == rules.first_variance


class TestRules:
    def test_have_every_parameter_of_both_filters(self) -> None:
        for name in FilterParameters.__struct_fields__:
            assert getattr(RULES, name).tolist() == [
                [getattr(PARAMETERS.difference, name)],
                [getattr(PARAMETERS.sum, name)],
            ]

    def test_have_no_others(self) -> None:
        with pytest.raises(AttributeError, match="unheard_of"):
            _ = RULES.unheard_of

    def test_are_not_changed_by_a_state_that_goes_through_them(self) -> None:
        state = club()
        RULES.arrive(state, arrival(days=9, summers=1, joins=True))
        assert state.tobytes() == club().tobytes()
