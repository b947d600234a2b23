import numpy as np

from sabiscore.models.market import pool


class TestPool:
    OURS, MARKET = np.array([[0.5, 0.3, 0.2]]), np.array([[0.4, 0.3, 0.3]])

    def test_trusts_one_or_the_other(self) -> None:
        assert np.allclose(pool(self.OURS, self.MARKET, 0.0), self.OURS)
        assert np.allclose(pool(self.OURS, self.MARKET, 1.0), self.MARKET)

    def test_between_them_is_the_geometric_mean(self) -> None:
        mean = np.sqrt(self.OURS * self.MARKET)
        assert np.allclose(pool(self.OURS, self.MARKET, 0.5), mean / mean.sum())
