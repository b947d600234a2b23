import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.features.averages import Floats, towards

ratings = st.floats(-3, 3).map(lambda value: np.array([value]))


class TestTowards:
    def test_an_unknown_observation_changes_nothing(self) -> None:
        assert towards(np.array([0.3]), np.array([np.nan]), 0.1)[0] == 0.3

    @given(ratings, ratings)
    def test_ends_between_the_average_and_the_observation(self, average: Floats, seen: Floats) -> None:
        moved = towards(average, seen, 0.1)[0]
        assert min(average[0], seen[0]) - 1e-12 <= moved <= max(average[0], seen[0]) + 1e-12
