"""What becomes of clubs between their matches."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.arrays import Floats
from sabiscore.features.kalman import (
    DIFFERENCE,
    FAST,
    FAST_VARIANCE,
    FASTER,
    FASTER_VARIANCE,
    HOME,
    PLAYED,
    SLOW,
    SLOW_VARIANCE,
    SUM,
    Rules,
)
from sabiscore.features.parameters import FilterParameters, Parameters

from .clubs import VARIANCES, arrival, club

PARAMETERS = Parameters()
RULES = Rules(PARAMETERS)
BOTH = (DIFFERENCE, SUM)

ratings = st.floats(-1.5, 1.5)
variances = st.floats(0.001, 0.3)


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
