import numpy as np
import pytest

from sabiscore.models.odds import ClosingWeights, expected_closing, moved, pool, weights_of


class TestPool:
    OURS, MARKET = np.array([[0.5, 0.3, 0.2]]), np.array([[0.4, 0.3, 0.3]])

    def test_trusts_one_or_the_other(self) -> None:
        assert np.allclose(pool(self.OURS, self.MARKET, 0.0), self.OURS)
        assert np.allclose(pool(self.OURS, self.MARKET, 1.0), self.MARKET)

    def test_between_them_is_the_geometric_mean(self) -> None:
        mean = np.sqrt(self.OURS * self.MARKET)
        assert np.allclose(pool(self.OURS, self.MARKET, 0.5), mean / mean.sum())


class TestExpectedClosing:
    OURS, MARKET = np.array([[0.5, 0.3, 0.2]]), np.array([[0.4, 0.3, 0.3]])
    ODDS = np.array([[2.4, 3.2, 3.1]])

    def test_is_the_market_as_it_is_unless_learnt_otherwise(self) -> None:
        assert np.allclose(expected_closing(self.MARKET, self.OURS, weights_of(["E0"], {})), self.MARKET)

    def test_goes_towards_ours_by_its_weight(self) -> None:
        found = expected_closing(self.MARKET, self.OURS, weights_of(["E0"], {"E0": ClosingWeights(0.8, 0.2)}))
        assert self.MARKET[0, 0] < found[0, 0] < self.OURS[0, 0]
        assert found.sum() == pytest.approx(1.0)
        assert np.allclose(found, pool(self.OURS, self.MARKET, 0.8))

    def test_moves_odds_and_keeps_their_margin(self) -> None:
        assert np.allclose(moved(self.ODDS, self.MARKET, self.MARKET), self.ODDS)
        found = moved(self.ODDS, self.MARKET, self.OURS)
        assert found[0, 0] < self.ODDS[0, 0]
        assert found[0, 2] > self.ODDS[0, 2]
        assert (1.0 / found).sum() == pytest.approx((1.0 / self.ODDS).sum())
