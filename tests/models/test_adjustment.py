import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sabiscore.models.adjustment import LOWEST_RATE, adjusted
from sabiscore.models.grid import outcomes, score_grid

RHO = -0.05
RATES = np.array([[1.6, 1.1]])
CHANCES = outcomes(score_grid(RATES[:, 0], RATES[:, 1], RHO))

goals = st.floats(-2.0, 2.0)


def after(home: float, away: float) -> list[float]:
    found: list[float] = adjusted(CHANCES, RATES, np.array([[home, away]]), RHO)[0][0].tolist()
    return found


class TestAdjustedGoals:
    def test_of_none_change_nothing_to_the_last_bit(self) -> None:
        found, rates = adjusted(CHANCES, RATES, np.zeros((1, 2)), RHO)
        assert (found == CHANCES).all()
        assert (rates == RATES).all()

    def test_are_added_to_those_expected(self) -> None:
        assert np.allclose(adjusted(CHANCES, RATES, np.array([[-0.2, 0.3]]), RHO)[1], [[1.4, 1.4]])

    def test_leave_every_side_some(self) -> None:
        assert adjusted(CHANCES, RATES, np.array([[-2.0, -2.0]]), RHO)[1].tolist() == [[LOWEST_RATE] * 2]

    def test_give_what_the_grid_gives_where_the_grid_is_what_was_said(self) -> None:
        wanted = outcomes(score_grid(np.array([1.4]), np.array([1.4]), RHO))
        assert np.allclose(after(-0.2, 0.3), wanted)

    @given(home=goals, more=st.floats(0.01, 1.0), away=goals)
    def test_of_a_side_make_it_likelier_to_win_and_the_other_less(
        self, home: float, more: float, away: float
    ) -> None:
        few, many = after(home, away), after(home + more, away)
        assert many[0] >= few[0] - 1e-12
        assert many[2] <= few[2] + 1e-12

    @given(changes=arrays(np.float64, (3, 2), elements=goals))
    def test_of_one_fixture_are_no_other_ones(self, changes: np.ndarray) -> None:
        together, _ = adjusted(CHANCES.repeat(3, axis=0), RATES.repeat(3, axis=0), changes, RHO)
        for found, change in zip(together, changes, strict=True):
            assert np.allclose(found, after(*change.tolist()), atol=1e-14)
        assert np.allclose(together.sum(axis=1), 1.0)
