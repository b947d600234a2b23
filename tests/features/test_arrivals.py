import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.features import Parameters
from sabiscore.features.arrivals import Arrivals
from sabiscore.features.components import CLUB, CLUB_STEPS
from sabiscore.features.kalman import COMPONENTS, DIFFERENCE, PLAYED, SLOW, SLOW_VARIANCE, SUM, Arrival, Rules
from sabiscore.features.timeline import Standing

LEVELS = 5
RULES = Rules(Parameters())
ARRIVALS = Arrivals(RULES, LEVELS)
MEANS = (-0.25, 0.125)
KEPT = {
    "strength_slow": (SLOW, DIFFERENCE),
    "strength_slow_variance": (SLOW_VARIANCE, DIFFERENCE),
    "strength_played": (PLAYED, DIFFERENCE),
    "goals_slow": (SLOW, SUM),
}
kept = st.lists(st.integers(0, 2000), min_size=len(CLUB), max_size=len(CLUB))


def standing(**known: int) -> Standing:
    """Of one club: what is not said of it is 0."""
    return Standing(
        **{
            name: np.array([known.get(name, 0)], bool if name in {"joins", "new", "first"} else np.intp)
            for name in Standing.__struct_fields__
        }
    )


def arrived(club: list[int], rested: int, **known: int) -> dict[str, float]:
    ways = ARRIVALS.ways(standing(**known), np.array([rested]))
    found = ARRIVALS.arrived(np.array([club], np.int16), ways, np.array([MEANS]))
    return dict(zip(CLUB, found[0].tolist(), strict=True))


class TestAClub:
    @given(
        kept,
        st.one_of(
            st.fixed_dictionaries({"rested": st.integers(0, 398), "moved": st.integers(-4, 4)}),
            st.fixed_dictionaries({"rested": st.integers(1, 9000), "summers": st.integers(1, 60)}),
            st.fixed_dictionaries(
                {"rested": st.just(90), "summers": st.integers(1, 9), "moved": st.integers(-4, 4)}
            ),
            st.fixed_dictionaries(
                {
                    "rested": st.integers(0, 30_000),
                    "summers": st.integers(0, 99),
                    "new": st.just(1),
                    "level": st.integers(0, LEVELS - 1),
                    "first": st.integers(0, 1),
                }
            ),
        ),
    )
    def test_comes_as_the_filters_say_to_the_last_bit(self, club: list[int], how: dict[str, int]) -> None:
        state = np.zeros((COMPONENTS, 2, 1))
        for name, place in KEPT.items():
            at = CLUB.index(name)
            state[place] = club[at] / CLUB_STEPS[at]
        new = np.array([how.get("new", 0) > 0])
        summers = np.array([how.get("summers", 0)])
        means = np.array(MEANS)[:, None]
        expected = RULES.arrive(
            state,
            Arrival(
                summers=summers,
                days=np.where((summers > 0) | new, 0, how["rested"]),
                joins=new,
                first=new & (how.get("first", 0) > 0),
                moved=np.array([how.get("moved", 0)]),
                level=np.array([how.get("level", 0)]),
                mean_then=means,
                mean_now=means,
            ),
        )
        found = arrived(club, **how)
        assert {name: found[name] for name in KEPT} == {
            name: float(expected[place][0]) for name, place in KEPT.items()
        }

    @given(kept, st.integers(0, 398), st.integers(0, 9))
    def test_that_is_known_keeps_what_filters_do_not_touch(
        self, club: list[int], rested: int, summers: int
    ) -> None:
        found = arrived(club, rested, summers=summers)
        for name in ("form", "surprised", "long_run", "reds", "corners_for", "corners_against"):
            at = CLUB.index(name)
            assert found[name] == club[at] / CLUB_STEPS[at]

    @given(kept)
    def test_that_is_new_has_nothing_of_its_own(self, club: list[int]) -> None:
        found = arrived(club, 20_000, new=1)
        assert found["corners_for"] == found["corners_against"] == 1.0
        for name in ("form", "surprised", "long_run", "reds", "strength_played", "strength_fast"):
            assert found[name] == 0.0

    @pytest.mark.parametrize("summers", [60, 61, 1000])
    def test_that_was_away_for_ages_comes_as_after_sixty_summers(self, summers: int) -> None:
        club = [300] * len(CLUB)
        assert arrived(club, 9000, summers=summers) == arrived(club, 9000, summers=60)
