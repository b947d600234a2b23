import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.features.parameters import EloParameters
from sabiscore.features.ratings import Floats, elo_lesson, towards

goals = st.integers(-12, 12).map(lambda value: np.array([float(value)]))
ratings = st.floats(-3, 3).map(lambda value: np.array([value]))


class TestEloLesson:
    def test_a_home_win_as_expected_teaches_less_than_a_surprise(self) -> None:
        difference = np.array([1.0, 1.0])
        favourite, outsider = elo_lesson(np.array([1.0, -1.0]), difference, EloParameters())
        assert 0 < favourite < outsider

    @given(ratings, goals)
    def test_has_the_sign_of_the_surprise(self, rating: Floats, difference: Floats) -> None:
        lesson = elo_lesson(rating, difference, EloParameters())[0]
        assert lesson >= 0 if difference[0] > 0 else lesson <= 0 if difference[0] < 0 else True

    def test_equal_clubs_without_home_advantage_expect_half(self) -> None:
        level = elo_lesson(np.array([0.0]), np.array([0.0]), EloParameters(home_advantage=0.0))
        assert level[0] == 0.0


class TestTowards:
    def test_an_unknown_observation_changes_nothing(self) -> None:
        assert towards(np.array([0.3]), np.array([np.nan]), 0.1)[0] == 0.3

    @given(ratings, ratings)
    def test_ends_between_the_average_and_the_observation(self, average: Floats, seen: Floats) -> None:
        moved = towards(average, seen, 0.1)[0]
        assert min(average[0], seen[0]) - 1e-12 <= moved <= max(average[0], seen[0]) + 1e-12
