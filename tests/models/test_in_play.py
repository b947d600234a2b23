import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.arrays import Floats
from sabiscore.models.grid import GOALS, expected_goals, outcomes, reconcile, score_grid
from sabiscore.models.halves import FIRST_HALF, second_half_rates
from sabiscore.models.in_play import final_grid, remaining_rates

RATES = np.array([[1.6, 1.1]])
NOTHING = np.zeros((1, 2))
SHOWN = 1e-4
"""Less than what an answer shows: grids end at ten goals of a side."""

sides = st.floats(0.3, 3.0)
minutes = st.integers(0, 90).map(float)
goals = st.integers(0, 4)
odds = st.floats(-0.6, 0.6)


def reconciled(home: float, away: float, lean: float) -> Floats:
    """A grid that leans to one side beyond its rates, as one that heard odds does."""
    grid = score_grid(np.array([home]), np.array([away]), -0.05)
    weights = outcomes(grid) * np.exp([[lean, 0.0, -lean]])
    found: Floats = reconcile(grid, weights / weights.sum())
    return found


grids = st.builds(reconciled, sides, sides, odds)


def final(grid: Floats, minute: float, score: tuple[int, int], red_cards: tuple[int, int] = (0, 0)) -> Floats:
    """The grid of final scores of a match that stands so."""
    rates, now = expected_goals(grid), np.array([score], dtype=np.float64)
    left = remaining_rates(rates, np.array([minute]), now, np.array([red_cards], dtype=np.float64))
    return final_grid(grid, rates, left, now)


def chances(
    grid: Floats, minute: float, score: tuple[int, int], red_cards: tuple[int, int] = (0, 0)
) -> list[float]:
    """Home, draw, away."""
    found: list[float] = outcomes(final(grid, minute, score, red_cards))[0].tolist()
    return found


def left(minute: float, score: tuple[int, int] = (0, 0), red_cards: tuple[int, int] = (0, 0)) -> Floats:
    both = np.array([score, red_cards], dtype=np.float64)
    return remaining_rates(RATES, np.array([minute]), both[:1], both[1:])


class TestRemainingRates:
    def test_are_all_at_kick_off_and_none_at_the_end(self) -> None:
        assert left(0) == pytest.approx(RATES)
        assert left(90, (2, 1)).tolist() == left(120, (2, 1)).tolist() == [[0.0, 0.0]]

    @pytest.mark.parametrize("score", [(0, 0), (1, 0), (0, 2), (3, 3)])
    def test_at_half_time_are_those_that_were_measured(self, score: tuple[int, int]) -> None:
        assert left(45, score) == pytest.approx(second_half_rates(RATES, np.array([score], dtype=float)))

    def test_only_fall(self) -> None:
        every = np.array([left(float(minute), (1, 0))[0] for minute in range(91)])
        assert (np.diff(every, axis=0) < 0.0).all()

    def test_fall_at_half_time_by_what_stoppage_time_still_had(self) -> None:
        fallen = left(44.999, (1, 1)) - left(45.0, (1, 1))
        assert fallen == pytest.approx(2.0 / 47.0 * FIRST_HALF * RATES, rel=0.2)

    def test_before_half_time_lose_what_is_played_of_the_first_half(self) -> None:
        assert left(0) - left(23.5) == pytest.approx(0.5 * FIRST_HALF * RATES, rel=0.1)

    def test_after_it_are_what_is_left_of_the_second_half(self) -> None:
        assert left(70, (1, 0)) == pytest.approx(0.5 * left(45, (1, 0)))

    def test_after_a_red_card_are_fewer_of_the_side_and_more_of_the_other(self) -> None:
        assert left(60, red_cards=(1, 0)) == pytest.approx(left(60) * [0.83, 1.60])
        assert left(60, red_cards=(0, 2)) == pytest.approx(left(60) * [1.69**2, 0.58**2])


class TestFinalGrid:
    @given(grids, minutes, goals, goals)
    def test_sums_to_one_and_takes_no_goal_away(
        self, grid: Floats, minute: float, scored: int, conceded: int
    ) -> None:
        found = final(grid, minute, (scored, conceded))
        assert found.sum() == pytest.approx(1.0)
        assert found[0, :scored].sum() == found[0, :, :conceded].sum() == 0.0

    @given(grids)
    def test_at_kick_off_is_that_of_before(self, grid: Floats) -> None:
        assert np.allclose(final(grid, 0, (0, 0)), grid, rtol=0.0, atol=1e-8)

    @given(grids, goals, goals)
    def test_at_the_end_is_the_score(self, grid: Floats, scored: int, conceded: int) -> None:
        assert final(grid, 90, (scored, conceded))[0, scored, conceded] == pytest.approx(1.0)

    @given(grids, minutes, goals, goals)
    def test_a_goal_more_never_lowers_the_chance_to_win(
        self, grid: Floats, minute: float, scored: int, conceded: int
    ) -> None:
        now = chances(grid, minute, (scored, conceded))
        one_more = chances(grid, minute, (scored + 1, conceded))
        one_less = chances(grid, minute, (scored, conceded + 1))
        assert one_more[0] >= now[0] - SHOWN
        assert one_more[2] <= now[2] + SHOWN
        assert one_less[2] >= now[2] - SHOWN
        assert one_less[0] <= now[0] + SHOWN

    @given(sides, sides, st.integers(1, 89).map(float), goals, goals)
    def test_of_independent_goals_has_the_remaining_rates(
        self, home: float, away: float, minute: float, scored: int, conceded: int
    ) -> None:
        rates, now = np.array([[home, away]]), np.array([[scored, conceded]], dtype=np.float64)
        grid = score_grid(rates[:, 0], rates[:, 1], 0.0)
        remaining = remaining_rates(rates, np.array([minute]), now, NOTHING)
        more = score_grid(remaining[:, 0], remaining[:, 1], 0.0)[0, : GOALS - scored, : GOALS - conceded]
        found = final_grid(grid, rates, remaining, now)[0, scored:, conceded:]
        assert np.allclose(found, more / more.sum(), rtol=0.0, atol=1e-8)

    @given(grids, minutes, goals)
    def test_a_red_card_never_helps_the_side_that_has_it(
        self, grid: Floats, minute: float, scored: int
    ) -> None:
        usual, fewer = (chances(grid, minute, (scored, 1), red_cards) for red_cards in ((0, 0), (1, 0)))
        assert fewer[0] <= usual[0] + 1e-9
        assert fewer[2] >= usual[2] - 1e-9

    def test_has_a_lead_worth_more_the_later_it_is(self) -> None:
        grid = reconciled(1.6, 1.1, 0.0)
        by_minute = [chances(grid, minute, (1, 0))[0] for minute in (0, 15, 30, 45, 60, 75, 90)]
        assert by_minute == sorted(by_minute)
        assert by_minute[-1] == pytest.approx(1.0)

    def test_counts_a_score_that_the_grid_had_ruled_out(self) -> None:
        certain = reconcile(score_grid(RATES[:, 0], RATES[:, 1], 0.0), np.array([[1.0, 0.0, 0.0]]))
        assert chances(certain, 90, (1, 1)) == pytest.approx([0.0, 1.0, 0.0])
