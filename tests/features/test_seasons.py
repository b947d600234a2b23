import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sabiscore.features.seasons import FULL_REST, MOST_SUMMERS, days_of_rest, season_transition

from sabiscore.arrays import Floats
from sabiscore.features import Parameters
from sabiscore.features.components import CLUB
from sabiscore.features.timeline import NONE, Standing

PARAMETERS = Parameters()
PASSAGE = season_transition(PARAMETERS)
FILTERS = ("results", "strength", "total")
summers = st.integers(0, 6)


def standing(summers: int = 0, *, known: bool = True, joins: bool = False, last_day: int = 0) -> Standing:
    """One club that has seen so many summers since its last match."""
    nothing = np.array([0])
    return Standing(
        position=np.array([0 if known else NONE]),
        summers=np.array([summers]),
        joins=np.array([joins]),
        played=nothing,
        recent=nothing,
        last_day=np.array([last_day if known else NONE]),
    )


def passed(values: Floats, where: Standing) -> Floats:
    factor, start = PASSAGE.effect(where)
    return start + factor * values


class TestSummers:
    @given(summers, summers)
    def test_so_many_at_once_are_as_many_one_after_another(self, first: int, second: int) -> None:
        values = np.linspace(0.1, 0.9, len(CLUB))[None]
        apart = passed(passed(values, standing(first)), standing(second))
        assert passed(values, standing(first + second)) == pytest.approx(apart)

    def test_none_changes_nothing(self) -> None:
        values = np.linspace(0.1, 0.9, len(CLUB))[None]
        assert passed(values, standing(0)).tolist() == values.tolist()

    def test_two_regress_a_rating_twice(self) -> None:
        values = np.ones((1, len(CLUB)))
        for name, kept in (
            ("shots_for", PARAMETERS.average.regression),
            *((name, getattr(PARAMETERS, name).regression) for name in FILTERS),
        ):
            assert passed(values, standing(2))[0, CLUB.index(name)] == pytest.approx(kept**2)

    def test_two_add_uncertainty_twice(self) -> None:
        values = np.full((1, len(CLUB)), 0.05)
        for name in FILTERS:
            rules = getattr(PARAMETERS, name)
            once = rules.variance_kept * 0.05 + rules.variance_added
            twice = rules.variance_kept * once + rules.variance_added
            assert passed(values, standing(2))[0, CLUB.index(f"{name}_variance")] == pytest.approx(twice)

    def test_a_clubs_own_home_advantage_outlives_them(self) -> None:
        values = np.ones((1, len(CLUB)))
        for name in ("results_home", "strength_home", "priced"):
            assert passed(values, standing(3))[0, CLUB.index(name)] == 1.0

    def test_a_newcomer_is_one_no_more_after_its_first_summer(self) -> None:
        values = passed(np.zeros((1, len(CLUB))), standing(joins=True))
        at = CLUB.index("promoted")
        assert (values[0, at], passed(values, standing(0))[0, at], passed(values, standing(1))[0, at]) == (
            1,
            1,
            0,
        )

    def test_more_than_anyone_remembers_are_no_error(self) -> None:
        long_gone = passed(np.ones((1, len(CLUB))), standing(MOST_SUMMERS + 60))
        assert np.isfinite(long_gone).all()


class TestRest:
    def test_is_at_most_thirty_days_and_thirty_for_a_new_club(self) -> None:
        day = np.array([100])
        assert [days_of_rest(standing(last_day=last), day)[0] for last in (97, 70, 69, 0)] == [3, 30, 30, 30]
        assert days_of_rest(standing(known=False), day)[0] == FULL_REST

    def test_adds_to_variances_and_to_nothing_else(self) -> None:
        values = np.zeros((1, len(CLUB)))
        rested = PASSAGE.rest(values, np.array([7]))
        assert {CLUB[k] for k in np.flatnonzero(rested[0])} == {f"{name}_variance" for name in FILTERS}

    def test_adds_more_where_odds_had_been_heard(self) -> None:
        """A rating that hears prices every week may move faster: what it forgets it is told again."""
        values = np.zeros((2, len(CLUB)))
        values[1, CLUB.index("priced")] = 1.0
        unpriced, priced = PASSAGE.rest(values, np.array([7, 7]))[:, CLUB.index("strength_variance")]
        assert unpriced == pytest.approx(7 * PARAMETERS.strength.drift)
        assert priced == pytest.approx(7 * PARAMETERS.strength.drift_priced)


class TestANewClub:
    def test_in_a_leagues_first_season_is_average_and_uncertain(self) -> None:
        values = passed(np.ones((1, len(CLUB))), standing(known=False))[0]
        named = {name: value for name, value in zip(CLUB, values.tolist(), strict=True) if value}
        assert named == {f"{name}_variance": getattr(PARAMETERS, name).prior for name in FILTERS}

    def test_that_comes_up_starts_below_the_others(self) -> None:
        values = dict(
            zip(CLUB, passed(np.ones((1, len(CLUB))), standing(joins=True))[0].tolist(), strict=True)
        )
        assert values["goals_for"] < 0 < values["goals_against"]
        assert values["strength_variance"] == PARAMETERS.strength.prior
