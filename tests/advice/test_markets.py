import msgspec
import numpy as np
import pytest
from msgspec.structs import astuple, replace

from sabiscore.advice import markets as many
from sabiscore.advice.markets import HANDICAPS, full_grid
from sabiscore.arrays import Floats
from sabiscore.domain import (
    BothTeamsToScore,
    ByClub,
    ByOutcome,
    DoubleChance,
    DrawNoBet,
    ExpectedCorners,
    ExpectedGoals,
    Handicap,
    Markets,
    Scoreline,
    TeamTotals,
    Total,
)
from sabiscore.models.grid import GOALS, reconcile, score_grid
from tests.advice.cases import read

TRIPLE = (0.5, 0.3, 0.2)


def grid_of(scores: dict[tuple[int, int], float]) -> Floats:
    """A grid in which only these scores happen."""
    grid = np.zeros((GOALS, GOALS))
    for score, probability in scores.items():
        grid[score] = probability
    return grid


FEW = grid_of({(1, 0): 0.2, (2, 0): 0.1, (3, 1): 0.2, (0, 0): 0.1, (1, 1): 0.2, (0, 1): 0.15, (1, 3): 0.05})
REAL: Floats = reconcile(score_grid(np.array([1.6]), np.array([1.1]), -0.13), np.array([TRIPLE]))[0]


def several(grids: Floats, corners: Floats | None = None, *, half_time: bool = True) -> list[Markets]:
    """Those of grids that have the probabilities of an answer."""
    return [read(one, Markets) for one in many.markets(grids, corners, half_time=half_time)]


def markets(grid: Floats) -> Markets:
    """Those of one grid."""
    [found] = several(grid[None])
    return found


def scorelines(grid: Floats, most: int = many.MOST_SCORELINES) -> list[Scoreline]:
    """Those of one grid."""
    [found] = many.scorelines(grid[None], most)
    return found


def on(line: float, grid: Floats = FEW) -> Handicap:
    return markets(grid).asian_handicap[HANDICAPS.index(line)]


class TestMarkets:
    def test_totals_count_the_goals_of_both(self) -> None:
        assert markets(FEW).over_under == [
            Total(0.5, over=0.9, under=0.1),
            Total(1.5, over=0.55, under=0.45),
            Total(2.5, over=0.25, under=0.75),
            Total(3.5, over=0.25, under=0.75),
            Total(4.5, over=0.0, under=1.0),
        ]

    def test_both_score_or_do_not(self) -> None:
        assert markets(FEW).both_teams_to_score == BothTeamsToScore(yes=0.45, no=0.55)

    def test_a_double_chance_is_a_sum_without_float_dust(self) -> None:
        assert markets(FEW).double_chance == DoubleChance(0.8, 0.7, 0.5)
        upset = reconcile(REAL[None], np.array([(0.1, 0.2, 0.7)]))[0]
        assert markets(upset).double_chance.home_or_draw == 0.3

    def test_a_draw_no_bet_shares_what_is_not_a_draw(self) -> None:
        assert markets(FEW).draw_no_bet == DrawNoBet(0.714, 0.286)

    def test_a_clean_sheet_is_for_the_club_that_concedes_nothing(self) -> None:
        assert markets(FEW).clean_sheet == ByClub(home=0.4, away=0.25)

    def test_a_win_to_nil_wins_as_well(self) -> None:
        assert markets(FEW).win_to_nil == ByClub(home=0.3, away=0.15)

    def test_a_clubs_total_counts_its_own_goals(self) -> None:
        assert markets(FEW).team_totals == TeamTotals(
            home=[Total(0.5, 0.75, 0.25), Total(1.5, 0.3, 0.7), Total(2.5, 0.2, 0.8)],
            away=[Total(0.5, 0.6, 0.4), Total(1.5, 0.05, 0.95), Total(2.5, 0.05, 0.95)],
        )


class TestHalfTime:
    def test_ends_as_the_probabilities_say(self) -> None:
        found = markets(REAL)
        assert found.half_time_full_time is not None
        table = np.reshape(astuple(found.half_time_full_time), (3, 3))
        assert table.sum(axis=0).tolist() == pytest.approx(TRIPLE)
        assert found.half_time_result == ByOutcome(*np.round(table.sum(axis=1), 3).tolist())

    def test_is_level_more_often_and_has_fewer_goals_than_the_end(self) -> None:
        found = markets(REAL)
        assert found.half_time_result is not None
        assert found.half_time_goals is not None
        assert found.half_time_result.draw > TRIPLE[1]
        assert [total.line for total in found.half_time_goals] == [0.5, 1.5]
        for half, whole in zip(found.half_time_goals, found.over_under, strict=False):
            assert half.over < whole.over

    def test_is_not_said_of_where_it_is_over(self) -> None:
        [found] = several(REAL[None], half_time=False)
        assert (found.half_time_result, found.half_time_goals, found.half_time_full_time) == (
            None,
            None,
            None,
        )
        assert b"half" not in msgspec.json.encode(found)


class TestCorners:
    def test_are_said_of_where_they_are_known(self) -> None:
        expected = np.array([[np.nan, np.nan], [5.618, 4.5], [np.nan, np.nan]])
        unknown, known, _ = several(np.array([REAL] * 3), expected)
        assert unknown.corners is None
        assert b"corners" not in msgspec.json.encode(unknown)
        assert known.corners is not None
        assert known.corners.expected == ExpectedCorners(5.62, 4.5)
        assert [total.line for total in known.corners.over_under] == [8.5, 9.5, 10.5, 11.5]

    def test_sum_to_one(self) -> None:
        [found] = several(REAL[None], np.array([[5.6, 4.5]]))
        assert found.corners is not None
        for total in found.corners.over_under:
            assert round(1000 * total.over) + round(1000 * total.under) == 1000
        assert sum(round(1000 * chance) for chance in astuple(found.corners.most)) == 1000

    def test_are_not_said_of_where_they_cannot_be_counted(self) -> None:
        absurd = np.array([[200.0, 5.0], [np.inf, 5.0], [np.nan, 5.0], [0.0, 0.0], [5.0, 4.0]])
        with np.errstate(all="ignore"):
            found = several(np.array([REAL] * 5), absurd)
        assert [each.corners is None for each in found] == [True, True, True, True, False]

    def test_change_no_other_market(self) -> None:
        [found] = several(REAL[None], np.array([[5.6, 4.5]]))
        assert replace(found, corners=None) == markets(REAL)


class TestAsianHandicap:
    def test_half_a_goal_is_the_win_itself(self) -> None:
        assert on(-0.5) == Handicap(-0.5, home=0.5, away=0.5, push=0.0)
        assert on(0.5) == Handicap(0.5, home=0.8, away=0.2, push=0.0)

    def test_a_whole_goal_returns_the_stake_on_a_win_by_just_that(self) -> None:
        assert on(-1.0) == Handicap(-1.0, home=0.375, away=0.625, push=0.2)

    def test_a_quarter_goal_is_half_a_stake_on_each_line_beside_it(self) -> None:
        win, lose = 0.3 + 0.5 * 0.2, 0.5
        assert on(-0.75) == Handicap(-0.75, home=round(win / (win + lose), 3), away=0.556, push=0.1)

    @pytest.mark.parametrize("line", HANDICAPS)
    def test_the_inverse_is_the_price_at_which_neither_side_profits(self, line: float) -> None:
        halves = (np.floor(2 * line) / 2, np.ceil(2 * line) / 2)
        price = 1.0 / on(line, REAL).home
        ahead = np.subtract.outer(np.arange(GOALS), np.arange(GOALS))
        returned = [
            np.where(ahead + half > 0, price, np.where(ahead + half == 0, 1.0, 0.0)) for half in halves
        ]
        assert (np.mean(returned, axis=0) * REAL).sum() == pytest.approx(1.0, abs=0.003)

    def test_more_goals_given_are_a_likelier_win(self) -> None:
        home = [handicap.home for handicap in markets(REAL).asian_handicap]
        assert home == sorted(home)
        assert [handicap.line for handicap in markets(REAL).asian_handicap] == list(HANDICAPS)

    def test_a_stake_that_always_comes_back_is_even(self) -> None:
        assert on(0.0, grid_of({(1, 1): 1.0})) == Handicap(0.0, 0.5, 0.5, push=1.0)

    @pytest.mark.parametrize("rate", np.arange(0.2, 4.0, 0.2))
    def test_a_half_falls_to_one_side_whatever_the_last_bits_of_the_sums(self, rate: float) -> None:
        probabilities = (0.01, 0.84, 0.15)
        grid = reconcile(score_grid(np.array([rate]), np.array([1.1]), -0.13), np.array([probabilities]))[0]
        assert on(0.0, grid) == Handicap(0.0, home=0.063, away=0.937, push=0.84)


class TestGoals:
    def test_are_what_the_scores_average_to(self) -> None:
        assert many.goals(FEW[None]) == [ExpectedGoals(home=1.25, away=0.7)]


class TestScorelines:
    def test_are_the_likeliest_first_and_low_scores_before_high(self) -> None:
        assert scorelines(FEW, most=3) == [Scoreline(1, 0, 0.2), Scoreline(1, 1, 0.2), Scoreline(3, 1, 0.2)]

    def test_leave_out_what_rounds_to_nothing(self) -> None:
        assert len(scorelines(FEW, most=100)) == 7

    def test_are_six_of_a_real_match(self) -> None:
        assert len(scorelines(REAL)) == 6


class TestFullGrid:
    def test_has_home_goals_down_and_away_goals_across(self) -> None:
        assert full_grid(FEW)[3][1] == 0.2
        assert full_grid(FEW)[1][3] == 0.05

    def test_scores_of_an_outcome_sum_to_its_probability(self) -> None:
        units = np.rint(1e5 * np.array(full_grid(REAL)))
        assert [np.tril(units, -1).sum(), np.trace(units), np.triu(units, 1).sum()] == [50000, 30000, 20000]
        assert np.abs(units / 1e5 - REAL).max() < 1e-5
