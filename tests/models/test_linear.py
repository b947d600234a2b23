import numpy as np
import pytest
from msgspec import ValidationError, convert, to_builtins

from sabiscore.arrays import Floats, Matrix
from sabiscore.models.linear import LARGEST, Linear, Term, least_squares, terms_of, weighted

N = 20_000
TERMS = (Term(((0, 1),)), Term(((2,),)), Term(((0, 1), (2,))), Term(((3,), (3,), (3,))))
WEIGHTS = ((0.4, 0.0, 0.1), (0.9, 0.0, -0.7), (0.2, 0.0, 0.3), (-0.3, 0.5, 0.1), (0.1, -0.2, 0.0))
NO_L2 = 1e-12


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    rows = np.random.default_rng(5).normal(size=(N, 4)) * (0.6, 0.3, 2.0, 1.0) + (0.4, 0.0, 3.0, 0.0)
    return rows.astype(np.float32)


@pytest.fixture(scope="module")
def truth(matrix: Matrix) -> Linear:
    terms = terms_of(TERMS, matrix)
    return Linear(TERMS, tuple(terms.mean(axis=0)), tuple(terms.std(axis=0)), WEIGHTS)


@pytest.fixture(scope="module")
def targets(matrix: Matrix, truth: Linear) -> Floats:
    return truth.scores(matrix) + 0.3 * np.random.default_rng(6).normal(size=(N, 3))


class TestTerm:
    ROW = np.array([[1.0, 2.0, 4.0]], dtype=np.float32)

    def test_is_the_sum_of_the_columns_of_a_factor(self) -> None:
        assert terms_of((Term(((0, 2),)),), self.ROW).tolist() == [[5.0]]

    def test_is_the_product_of_its_factors(self) -> None:
        assert terms_of((Term(((0, 2), (1,))), Term(((1,), (1,), (1,)))), self.ROW).tolist() == [[10.0, 8.0]]

    @pytest.mark.parametrize("factors", [[], [[]], [[-1]], [[0]] * 9])
    def test_of_nothing_or_of_too_much_is_refused(self, factors: list[list[int]]) -> None:
        with pytest.raises(ValidationError):
            convert({"factors": factors}, Term)


class TestScores:
    def test_of_one_row_are_as_among_many(self, matrix: Matrix, truth: Linear) -> None:
        many = truth.scores(matrix)
        for k in (0, 1, 777, N - 1):
            assert truth.scores(matrix[k : k + 1]).tobytes() == many[k : k + 1].tobytes()

    def test_of_many_terms_are_so_too(self) -> None:
        """A sum of eight and more may be taken in another order where it is alone."""
        random = np.random.default_rng(1)
        design, weights = random.normal(size=(50, 40)), random.normal(size=(41, 3))
        many = weighted(design, weights)
        for k in range(50):
            assert weighted(design[k : k + 1], weights).tobytes() == many[k : k + 1].tobytes()

    def test_of_an_average_row_are_the_intercept(self) -> None:
        linear = Linear((Term(((0,),)),), (2.0,), (3.0,), ((0.5, -0.5), (1.0, 1.0)))
        assert linear.scores(np.array([[2.0]], dtype=np.float32)).tolist() == [[0.5, -0.5]]


class TestLinear:
    RIGHT = Linear((Term(((0,),)),), (0.0,), (1.0,), ((0.5,), (1.0,)))

    @pytest.mark.parametrize(
        ("name", "value"),
        [("mean", []), ("scale", [1.0, 1.0]), ("weights", [[0.5]]), ("weights", [[0.5], [1.0, 1.0]])],
    )
    def test_of_parts_of_other_lengths_is_refused(self, name: str, value: object) -> None:
        with pytest.raises(ValidationError, match="other numbers"):
            convert(to_builtins(self.RIGHT) | {name: value}, Linear)

    def test_without_scores_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="other numbers"):
            convert(to_builtins(self.RIGHT) | {"weights": [[], []]}, Linear)

    @pytest.mark.parametrize("number", [float("nan"), float("inf"), LARGEST, -LARGEST])
    @pytest.mark.parametrize("name", ["mean", "scale", "weights"])
    def test_of_numbers_of_another_world_is_refused(self, name: str, number: float) -> None:
        value = [[0.5], [number]] if name == "weights" else [number]
        with pytest.raises(ValidationError, match="cannot be right"):
            convert(to_builtins(self.RIGHT) | {name: value}, Linear)

    @pytest.mark.parametrize("scale", [0.0, -1.0])
    def test_that_divides_by_nothing_is_refused(self, scale: float) -> None:
        with pytest.raises(ValidationError, match="cannot be right"):
            convert(to_builtins(self.RIGHT) | {"scale": [scale]}, Linear)


class TestLeastSquares:
    def test_finds_the_weights_that_made_the_targets(self, matrix: Matrix, targets: Floats) -> None:
        found = least_squares(TERMS, matrix, targets, NO_L2)
        assert np.abs(np.array(found.weights) - WEIGHTS).max() < 0.02

    def test_standardises_the_terms_of_its_rows(self, matrix: Matrix, targets: Floats) -> None:
        design = least_squares(TERMS, matrix, targets, NO_L2).design(matrix)
        assert design.mean(axis=0) == pytest.approx(0.0, abs=1e-6)
        assert design.std(axis=0) == pytest.approx(1.0, abs=1e-6)

    def test_leaves_nothing_on_average(self, matrix: Matrix, targets: Floats) -> None:
        """The intercept is free, whatever the penalty."""
        for l2 in (NO_L2, 1.0):
            left = targets - least_squares(TERMS, matrix, targets, l2).scores(matrix)
            assert left.mean(axis=0) == pytest.approx(0.0, abs=1e-9)

    def test_leaves_nothing_that_its_terms_could_tell(self, matrix: Matrix, targets: Floats) -> None:
        found = least_squares(TERMS, matrix, targets, NO_L2)
        left = targets - found.scores(matrix)
        assert np.abs(found.design(matrix).T @ left).max() / N < 1e-9

    def test_weighs_less_the_more_it_is_shrunk(self, matrix: Matrix, targets: Floats) -> None:
        sizes = [
            np.abs(np.array(least_squares(TERMS, matrix, targets, l2).weights[1:])).max()
            for l2 in (NO_L2, 0.1, 1.0, 1e4)
        ]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[-1] < 1e-3

    def test_more_of_the_same_rows_gives_the_same_weights(self, matrix: Matrix, targets: Floats) -> None:
        """The penalty is a row: a study on half the data needs no other."""
        once = least_squares(TERMS, matrix, targets, 0.1)
        twice = least_squares(TERMS, np.tile(matrix, (2, 1)), np.tile(targets, (2, 1)), 0.1)
        assert np.abs(np.array(once.weights) - np.array(twice.weights)).max() < 1e-9

    def test_a_term_that_never_varies_is_no_division_by_zero(self) -> None:
        rows = np.ones((50, 4), dtype=np.float32)
        found = least_squares(TERMS, rows, np.ones((50, 3)), 1e-6)
        assert found.scores(rows) == pytest.approx(np.ones((50, 3)))
