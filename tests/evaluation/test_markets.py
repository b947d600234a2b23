import numpy as np
import polars as pl
import pytest

from sabiscore.evaluation.markets import BOTH_SCORE, MARKETS, OVER, happened, score_market

FRAME = pl.DataFrame(
    {
        "home_goals": [3, 1, 0, 2],
        "away_goals": [0, 1, 2, 1],
        "home_corners": [8, 5, None, 1],
        "away_corners": [2, 5, None, 4],
    },
    schema_overrides=dict.fromkeys(("home_corners", "away_corners"), pl.Int16),
)


class TestHappened:
    def test_three_goals_are_over_and_each_side_needs_one(self) -> None:
        assert happened(OVER, FRAME)[:, 0].tolist() == [1.0, 0.0, 0.0, 1.0]
        assert happened(BOTH_SCORE, FRAME)[:, 0].tolist() == [0.0, 1.0, 0.0, 1.0]

    def test_one_of_several_events_happens(self) -> None:
        found = happened("most corners", FRAME)
        assert found[[0, 1, 3]].tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]

    def test_half_time_comes_before_full_time(self) -> None:
        halves = FRAME.with_columns(home_half_goals=pl.lit(0), away_half_goals=pl.lit(1))
        found = happened("half-time and full-time", halves)
        assert found.argmax(axis=1).tolist() == [6, 7, 8, 6]
        assert (found.sum(axis=1) == 1.0).all()

    def test_is_unknown_where_there_is_no_such_column(self) -> None:
        assert np.isnan(happened("half-time result", FRAME)).all()

    @pytest.mark.parametrize("market", [name for name in MARKETS if "corners" in name])
    def test_is_unknown_where_nobody_counted(self, market: str) -> None:
        assert np.isnan(happened(market, FRAME)[2]).all()


class TestScoreMarket:
    def test_of_yes_and_no_is_the_squared_error_of_the_yes(self) -> None:
        found = score_market(np.array([0.8, 0.3]), np.array([[1.0], [0.0]]))
        assert found is not None
        assert found.brier == pytest.approx((0.04 + 0.09) / 2)
        assert (found.n, found.rps) == (2, None)

    def test_of_several_events_is_the_sum_of_theirs(self) -> None:
        found = score_market(np.array([[0.5, 0.3, 0.2]]), np.array([[1.0, 0.0, 0.0]]))
        assert found is not None
        assert found.brier == pytest.approx(0.25 + 0.09 + 0.04)
        assert found.rps == pytest.approx(0.145)

    def test_leaves_out_what_is_not_known(self) -> None:
        found = score_market(np.array([1.0, 0.5, np.nan]), np.array([[1.0], [np.nan], [1.0]]))
        assert found is not None
        assert (found.n, found.brier) == (1, 0.0)

    def test_of_nothing_is_none(self) -> None:
        assert score_market(np.array([np.nan]), np.array([[1.0]])) is None
