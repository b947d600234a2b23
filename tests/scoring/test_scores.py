import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sabiscore.arrays import Floats
from sabiscore.scoring import scores

SURE = np.array([[1.0, 0.0, 0.0]])


def forecasts(draws: Floats) -> Floats:
    probabilities: Floats = draws / draws.sum(axis=1, keepdims=True)
    return probabilities


some = arrays(np.float64, (20, 3), elements=st.floats(0.01, 1)).map(forecasts)
truth = arrays(np.intp, 20, elements=st.integers(0, 2))


class TestRps:
    def test_a_sure_forecast_scores_by_how_far_off_it_was(self) -> None:
        assert [scores.rps(SURE, np.array([k]))[0] for k in range(3)] == [0.0, 0.5, 1.0]

    def test_matches_the_textbook_example(self) -> None:
        assert scores.rps(np.array([[0.5, 0.3, 0.2]]), np.array([0]))[0] == pytest.approx(0.145)

    @given(some, truth)
    def test_lies_between_zero_and_one(self, probabilities: Floats, outcomes: scores.Outcomes) -> None:
        found = scores.rps(probabilities, outcomes)
        assert ((found >= 0) & (found <= 1)).all()

    @given(some, truth)
    def test_is_the_same_seen_from_the_other_side(
        self, probabilities: Floats, outcomes: scores.Outcomes
    ) -> None:
        assert np.allclose(
            scores.rps(probabilities, outcomes), scores.rps(probabilities[:, ::-1], 2 - outcomes)
        )


class TestExpectedRps:
    @given(some, some)
    def test_is_the_mean_over_what_may_happen(self, said: Floats, truth: Floats) -> None:
        each = np.column_stack([scores.rps(said, np.full(len(said), k)) for k in range(3)])
        assert np.allclose(scores.expected_rps(said, truth), (truth * each).sum(axis=1))


class TestExpectedGap:
    @given(some, some, some)
    def test_of_the_closing_line_is_the_least(self, said: Floats, market: Floats, closing: Floats) -> None:
        least = scores.expected_gap(closing, market, closing)
        assert (scores.expected_gap(said, market, closing) >= least - 1e-12).all()
        assert (least <= 1e-12).all()

    @given(some, some)
    def test_of_the_market_itself_is_nothing(self, market: Floats, closing: Floats) -> None:
        assert not scores.expected_gap(market, market, closing).any()

    def test_is_unknown_without_a_closing_line(self) -> None:
        assert np.isnan(scores.expected_gap(SURE, SURE, np.full((1, 3), np.nan))).all()


class TestDivergence:
    @given(some, some)
    def test_is_never_below_zero(self, said: Floats, closing: Floats) -> None:
        assert (scores.divergence(closing, said) >= -1e-9).all()

    @given(some, some)
    def test_is_zero_for_the_closing_line_alone(self, said: Floats, closing: Floats) -> None:
        assert not scores.divergence(closing, closing).any()
        apart = np.abs(said - closing).max(axis=1) > 1e-3
        assert (scores.divergence(closing, said)[apart] > 0.0).all()

    @given(some, some)
    def test_is_the_log_loss_that_is_lost_on_average(self, said: Floats, closing: Floats) -> None:
        lost = [
            scores.log_loss(said, outcome) - scores.log_loss(closing, outcome)
            for outcome in (np.full(len(said), k) for k in range(3))
        ]
        average = (closing * np.column_stack(lost)).sum(axis=1)
        assert np.allclose(scores.divergence(closing, said), 1000.0 * average)

    def test_is_finite_where_the_impossible_is_likely(self) -> None:
        assert np.isfinite(scores.divergence(np.array([[0.5, 0.3, 0.2]]), SURE)).all()


class TestBrier:
    def test_is_the_sum_form(self) -> None:
        assert scores.brier(SURE, np.array([2]))[0] == 2.0


class TestLogLoss:
    def test_is_in_nats_and_finite_when_surely_wrong(self) -> None:
        assert scores.log_loss(np.array([[0.5, 0.3, 0.2]]), np.array([1]))[0] == pytest.approx(1.2039728)
        assert np.isfinite(scores.log_loss(SURE, np.array([1]))[0])


class TestEce:
    def test_is_zero_when_what_is_said_happens_as_often(self) -> None:
        probabilities = np.tile((0.5, 0.25, 0.25), (4, 1))
        assert scores.ece(probabilities, np.array([0, 0, 1, 2])) == pytest.approx(0.0)

    def test_is_the_gap_when_it_does_not(self) -> None:
        probabilities = np.tile((0.5, 0.25, 0.25), (4, 1))
        assert scores.ece(probabilities, np.array([0, 0, 0, 0])) == pytest.approx((0.5 + 0.25 + 0.25) / 3)


class TestScore:
    @given(some)
    def test_no_forecast_beats_the_truth(self, probabilities: Floats) -> None:
        outcomes = probabilities.argmax(axis=1)
        true = scores.score(scores.happened(outcomes), outcomes)
        other = scores.score(probabilities, outcomes)
        assert true.rps <= other.rps
        assert true.log_loss <= other.log_loss
        assert true.brier <= other.brier
        assert true.accuracy == other.accuracy == 1.0

    def test_needs_a_match(self) -> None:
        with pytest.raises(ValueError, match="no matches"):
            scores.score(np.empty((0, 3)), np.empty(0, dtype=np.intp))
