import numpy as np
import pytest

from sabiscore.implied import devig, shin
from sabiscore.models.odds import ClosingWeights, expected_closing, moved, pool


class TestDevig:
    def test_takes_the_margin_off_in_proportion(self) -> None:
        assert devig(np.array([[1.9, 3.8, 3.8]]))[0].tolist() == pytest.approx([0.5, 0.25, 0.25])

    def test_an_unknown_price_makes_all_three_unknown(self) -> None:
        assert np.isnan(devig(np.array([[1.9, np.nan, 3.8]]))).all()


class TestShin:
    def test_takes_more_off_the_longshot(self) -> None:
        book = np.array([[1.3, 5.5, 10.0]])
        favourite, _, longshot = (shin(book) - devig(book))[0]
        assert favourite > 0.0 > longshot

    def test_a_fair_book_is_taken_as_it_is(self) -> None:
        assert shin(np.array([[2.0, 4.0, 4.0]]))[0].tolist() == [0.5, 0.25, 0.25]

    def test_a_book_below_one_is_taken_in_proportion(self) -> None:
        arbitrage = np.array([[2.2, 4.0, 4.4]])
        assert np.allclose(shin(arbitrage), devig(arbitrage), rtol=0.0, atol=1e-15)

    @pytest.mark.parametrize("price", [np.nan, 1.0, 0.0, -3.0])
    def test_a_row_without_a_real_price_is_unknown_and_the_others_are_not(self, price: float) -> None:
        found = shin(np.array([[1.9, price, 3.8], [1.9, 3.5, 4.2]]))
        assert np.isnan(found[0]).all()
        assert found[1].sum() == pytest.approx(1.0)

    def test_survives_absurd_books(self) -> None:
        absurd = np.array([[1.01, 1.01, 1.01], [1 + 1e-9, 1e9, 1e9], [1 + 1e-7, 1 + 1e-7, 1000.0]])
        assert np.allclose(shin(absurd).sum(axis=1), 1.0)
        assert shin(absurd).min() > 0.0

    def test_no_books_have_no_probabilities(self) -> None:
        assert shin(np.empty((0, 3))).shape == (0, 3)


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
        assert np.allclose(expected_closing(self.MARKET, self.OURS, ClosingWeights()), self.MARKET)

    def test_goes_towards_ours_by_its_weight(self) -> None:
        found = expected_closing(self.MARKET, self.OURS, ClosingWeights(market=0.8, ours=0.2))
        assert self.MARKET[0, 0] < found[0, 0] < self.OURS[0, 0]
        assert found.sum() == pytest.approx(1.0)
        assert np.allclose(found, pool(self.OURS, self.MARKET, 0.8))

    def test_moves_odds_and_keeps_their_margin(self) -> None:
        assert np.allclose(moved(self.ODDS, self.MARKET, self.MARKET), self.ODDS)
        found = moved(self.ODDS, self.MARKET, self.OURS)
        assert found[0, 0] < self.ODDS[0, 0]
        assert found[0, 2] > self.ODDS[0, 2]
        assert (1.0 / found).sum() == pytest.approx((1.0 / self.ODDS).sum())
