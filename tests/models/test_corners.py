import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sabiscore.arrays import Floats
from sabiscore.models.corners import LINES, corners, expected_corners

EVEN = np.ones((1, 4))
MEANS = np.array([[5.4, 4.5]])
RATES = np.array([[1.5, 1.2]])

expectations = arrays(np.float64, (5, 2), elements=st.floats(0.5, 14.0))


class TestExpectedCorners:
    def test_of_average_clubs_are_about_the_leagues(self) -> None:
        assert expected_corners(RATES, EVEN, MEANS) == pytest.approx(MEANS, rel=0.06)

    def test_are_more_of_the_side_that_is_expected_to_score(self) -> None:
        better = expected_corners(np.array([[2.2, 0.8]]), EVEN, MEANS)
        usual = expected_corners(RATES, EVEN, MEANS)
        assert better[0, 0] > usual[0, 0]
        assert better[0, 1] < usual[0, 1]

    @pytest.mark.parametrize(("place", "side"), [(0, 0), (3, 0), (2, 1), (1, 1)])
    def test_grow_with_what_a_club_has_and_the_other_one_allows(self, place: int, side: int) -> None:
        index = EVEN.copy()
        index[0, place] = 1.3
        ratio = expected_corners(RATES, index, MEANS) / expected_corners(RATES, EVEN, MEANS)
        assert ratio[0, side] > 1.1
        assert ratio[0, 1 - side] == pytest.approx(1.0)

    def test_are_unknown_where_the_league_is(self) -> None:
        assert np.isnan(expected_corners(RATES, EVEN, np.full((1, 2), np.nan))).all()


class TestCorners:
    @given(expectations)
    def test_have_more_on_one_side_or_as_many(self, expected: Floats) -> None:
        found = corners(expected)
        assert np.allclose(found.most.sum(axis=1), 1.0)
        assert found.most.min() >= 0.0
        assert (np.diff(found.under, axis=1) >= 0.0).all()
        assert ((found.under >= 0.0) & (found.under <= 1.0)).all()

    def test_vary_a_little_more_than_poisson_counts(self) -> None:
        poisson = [
            sum(np.exp(-10.0) * 10.0**k / float(np.prod(np.arange(1, k + 1))) for k in range(int(line + 0.5)))
            for line in LINES
        ]
        found = corners(np.array([[5.5, 4.5]])).under[0]
        assert found == pytest.approx(poisson, abs=0.03)
        assert found[0] > poisson[0]
        assert found[-1] < poisson[-1]

    def test_are_those_of_a_simulation(self) -> None:
        chance = np.random.default_rng(1)
        mean, size = np.array([5.8, 4.4]), 1.0 / np.array([0.065, 0.081])
        home, away = (chance.negative_binomial(size, size / (size + mean), (200_000, 2))).T
        found = corners(mean[None]).most[0]
        assert found == pytest.approx(
            [(home > away).mean(), (home == away).mean(), (home < away).mean()], abs=0.005
        )

    def test_of_a_match_alone_are_its_own_among_many(self) -> None:
        expected = np.array([[5.5, 4.5], [7.0, 3.0], [4.0, 6.5]])
        together = corners(expected)
        for k in range(len(expected)):
            alone = corners(expected[k : k + 1])
            assert alone.under.tobytes() == together.under[k : k + 1].tobytes()
            assert alone.most.tobytes() == together.most[k : k + 1].tobytes()
