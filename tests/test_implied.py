import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.arrays import Floats
from sabiscore.implied import FEWEST_GOALS, LARGEST_LOG_ODDS, MANY, MOST_GOALS, devig, goals, shin

RHO = -0.05
SCORES = np.arange(40)

log_odds = st.floats(-3.0, 3.0)
log_over = st.floats(-1.8, 2.2)
"""From 1.3 to 5.3 goals a match."""

usual_log_odds, usual_log_over = st.floats(-2.3, 2.3), st.floats(-1.8, 0.9)
"""To 3.7 goals a match, and a home win ten times as likely as an away win: where matches are."""

rhos = st.sampled_from([-0.05, -0.02, 0.0])


class TestDevig:
    def test_takes_the_margin_off_in_proportion(self) -> None:
        assert devig(np.array([[1.9, 3.8, 3.8]]))[0].tolist() == pytest.approx([0.5, 0.25, 0.25])

    def test_takes_odds_of_two_sides_too(self) -> None:
        assert devig(np.array([[1.6, 2.4]]))[0].tolist() == pytest.approx([0.6, 0.4])

    def test_an_unknown_price_makes_all_three_unknown(self) -> None:
        assert np.isnan(devig(np.array([[1.9, np.nan, 3.8]]))).all()


class TestShin:
    def test_of_many_books_at_once_has_the_bits_of_each_alone(self) -> None:
        books = np.random.default_rng(1).uniform(1.0, 12.0, (10 * MANY, 3))
        books[::50] = np.nan, 2.0, 3.0
        books[1::50] = 3.0, 3.0, 3.0
        alone = np.vstack([shin(book[None]) for book in books])
        assert np.array_equal(shin(books), alone, equal_nan=True)

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


def said_by(rates: Floats, rho: float) -> tuple[float, float]:
    """The log-odds of home to away and of over to under 2.5, of one row of goals, from every score."""
    home, away = rates[0]
    factorials = np.cumsum(np.log(np.maximum(SCORES, 1)))
    scored, conceded = (np.exp(SCORES * np.log(rate) - rate - factorials) for rate in (home, away))
    grid = np.outer(scored, conceded)
    grid[:2, :2] *= ((1 - home * away * rho, 1 + home * rho), (1 + away * rho, 1 - rho))
    wins, losses = np.tril(grid, -1).sum(), np.triu(grid, 1).sum()
    under = grid[np.add.outer(SCORES, SCORES) < 3].sum()
    return float(np.log(wins / losses)), float(np.log((grid.sum() - under) / under))


class TestGoals:
    @given(usual_log_odds, usual_log_over, rhos)
    def test_have_these_odds_again_counted_score_by_score(self, odds: float, over: float, rho: float) -> None:
        rates = goals(np.array([odds]), np.array([over]), rho)
        assert said_by(rates, rho) == pytest.approx((odds, over), abs=1e-6)

    @given(log_odds, log_over, rhos)
    def test_have_them_again_to_four_digits_where_few_matches_are(
        self, odds: float, over: float, rho: float
    ) -> None:
        rates = goals(np.array([odds]), np.array([over]), rho)
        assert said_by(rates, rho) == pytest.approx((odds, over), abs=1e-4)

    @given(log_odds, log_over)
    def test_of_sides_that_change_places_change_places(self, odds: float, over: float) -> None:
        here, there = (goals(np.array([sign * odds]), np.array([over]), RHO)[0] for sign in (1.0, -1.0))
        assert here.tolist() == pytest.approx(there[::-1].tolist(), abs=1e-12)

    @given(log_over)
    def test_of_an_even_match_are_even(self, over: float) -> None:
        home, away = goals(np.array([0.0]), np.array([over]), RHO)[0]
        assert home == pytest.approx(away, abs=1e-12)

    @given(st.floats(-30.0, 30.0))
    def test_are_more_for_the_likelier_side(self, over: float) -> None:
        odds = np.linspace(-LARGEST_LOG_ODDS, LARGEST_LOG_ODDS, 101)
        home, away = goals(odds, np.full(len(odds), over), RHO).T
        assert (np.diff(home) > 0.0).all()
        assert (np.diff(away) < 0.0).all()

    def test_are_more_where_more_are_likely(self) -> None:
        both = goals(np.zeros(61), np.linspace(-1.8, 2.2, 61), RHO).sum(axis=1)
        assert (np.diff(both) > 0.0).all()

    @given(st.lists(st.tuples(log_odds, log_over), min_size=2, max_size=40))
    def test_of_a_row_alone_are_those_among_many_to_the_last_bit(
        self, rows: list[tuple[float, float]]
    ) -> None:
        odds, over = np.array(rows).T
        alone = [goals(odds[[row]], over[[row]], RHO) for row in range(len(rows))]
        assert np.concatenate(alone).tobytes() == goals(odds, over, RHO).tobytes()

    def test_of_odds_that_are_not_known_are_not_known(self) -> None:
        found = goals(np.array([np.nan, 0.5, 0.5]), np.array([0.1, np.nan, 0.1]), RHO)
        assert np.isnan(found[:2]).all()
        assert np.isfinite(found[2]).all()

    def test_of_no_rows_are_none(self) -> None:
        assert goals(np.empty(0), np.empty(0), RHO).shape == (0, 2)

    @given(st.floats(-30.0, 30.0), st.floats(-30.0, 30.0))
    def test_of_absurd_odds_are_still_of_this_world(self, odds: float, over: float) -> None:
        home, away = goals(np.array([odds]), np.array([over]), RHO)[0]
        assert min(home, away) > 0.0
        assert (home - away) * odds >= -1e-12
        assert FEWEST_GOALS - 1e-9 <= home + away <= MOST_GOALS + 1e-9
