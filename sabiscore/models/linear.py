"""Small linear models on a few terms made of columns: the part of a head that carries it."""

from typing import Annotated

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats, Matrix, softmax
from sabiscore.models.scores import Outcomes, happened

MOST_STEPS = 50
SMALL_STEP = 1e-9
LARGEST = 1e3
"""No weight, mean or scale of standardised terms comes near it."""

Column = Annotated[int, Meta(ge=0)]


class Term(Struct, frozen=True):
    """The sum of ``columns``, times the column ``by`` where there is one."""

    columns: Annotated[tuple[Column, ...], Meta(min_length=1)]
    by: Column | None = None

    def of(self, rows: Floats) -> Floats:
        """The term ``[n]`` of float64 rows ``[n, features]``."""
        first, *others = self.columns
        total = rows[:, first]
        for column in others:
            total = total + rows[:, column]
        return total if self.by is None else total * rows[:, self.by]


class Linear(Struct, frozen=True):
    """Scores ``[n, k]`` of standardised terms: ``weights`` ``[terms + 1][k]``, the first row the intercept."""

    terms: tuple[Term, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        """Raises ValueError unless all that belongs together has one length, and every number is of this world."""
        terms, outputs = len(self.terms), {len(row) for row in self.weights}
        lengths = (len(self.mean), len(self.scale), len(self.weights) - 1)
        if not terms or set(lengths) != {terms} or len(outputs) != 1 or 0 in outputs:
            raise ValueError("a linear part has other numbers of terms, means, scales and weights")
        numbers = np.array([*self.mean, *self.scale, *(weight for row in self.weights for weight in row)])
        if not (np.abs(numbers) < LARGEST).all() or min(self.scale) <= 0.0:
            raise ValueError("a linear part has numbers that cannot be right")

    def scores(self, matrix: Matrix) -> Floats:
        """The scores of rows ``[n, features]``."""
        return weighted(self.design(matrix), np.array(self.weights))

    def design(self, matrix: Matrix) -> Floats:
        """The standardised terms ``[n, terms]``."""
        rows = matrix.astype(np.float64)
        terms = np.array([term.of(rows) for term in self.terms])
        terms -= np.array(self.mean)[:, None]
        terms /= np.array(self.scale)[:, None]
        return terms.T


def weighted(design: Floats, weights: Floats) -> Floats:
    """Scores ``[n, k]`` of a design ``[n, terms]`` and weights ``[terms + 1, k]``, the first row the intercept.

    Term by term, so that a row alone is a row among many to the last bit.
    """
    found: Floats = weights[0] + design[:, :1] * weights[1]
    for number in range(1, design.shape[1]):
        found += design[:, number : number + 1] * weights[number + 1]
    return found


def untrained(terms: tuple[Term, ...], matrix: Matrix, outputs: int) -> Linear:
    """Weights of zero; the terms are standardised on these rows."""
    values = np.column_stack([term.of(matrix.astype(np.float64)) for term in terms])
    return Linear(
        terms=terms,
        mean=tuple(values.mean(axis=0).tolist()),
        scale=tuple((values.std(axis=0) + 1e-9).tolist()),
        weights=tuple((0.0,) * outputs for _ in range(len(terms) + 1)),
    )


def fit_outcomes(start: Linear, matrix: Matrix, outcomes: Outcomes, l2: float) -> Linear:
    """A multinomial logit by Newton's method, shrunk towards ``start`` by ``l2`` a match.

    The draw's scores stay those of ``start``. Intercepts are free.
    """
    design = _with_intercept(start.design(matrix))
    weights = np.array(start.weights)
    begin = weights[:, [0, 2]].copy()
    truth = happened(outcomes)[:, [0, 2]]
    penalty = _penalty(design, l2)
    for _ in range(MOST_STEPS):
        p = softmax(design @ weights)[:, [0, 2]]
        gradient = design.T @ (p - truth) + penalty[:, None] * (weights[:, [0, 2]] - begin)
        step = np.linalg.solve(_curvature(design, p, penalty), gradient.T.ravel()).reshape(2, -1).T
        weights[:, [0, 2]] -= step
        if np.abs(step).max() < SMALL_STEP:
            break
    return _with_weights(start, weights)


def fit_goals(start: Linear, matrix: Matrix, goals: NDArray[np.floating], l2: float) -> Linear:
    """A Poisson regression of goals ``[n]`` on a logarithm, by Newton's method, shrunk towards ``start``."""
    design = _with_intercept(start.design(matrix))
    begin = np.array(start.weights)[:, 0]
    weights = begin.copy()
    weights[0] = np.log(goals.mean()) if not begin.any() else begin[0]
    penalty = _penalty(design, l2)
    for _ in range(MOST_STEPS):
        rate = np.exp(design @ weights)
        gradient = design.T @ (rate - goals) + penalty * (weights - begin)
        step = np.linalg.solve((design * rate[:, None]).T @ design + np.diag(penalty), gradient)
        weights -= step
        if np.abs(step).max() < SMALL_STEP:
            break
    return _with_weights(start, weights[:, None])


def _with_intercept(design: Floats) -> Floats:
    return np.column_stack((np.ones(len(design)), design))


def _penalty(design: Floats, l2: float) -> Floats:
    penalty = np.full(design.shape[1], l2 * len(design))
    penalty[0] = 1e-9
    return penalty


def _curvature(design: Floats, p: Floats, penalty: Floats) -> Floats:
    """The Hessian ``[2k, 2k]`` of two outcomes' weights."""

    def block(a: int, b: int) -> Floats:
        weight = p[:, a] * (float(a == b) - p[:, b])
        inner: Floats = (design * weight[:, None]).T @ design
        return inner + np.diag(penalty) * float(a == b)

    return np.block([[block(a, b) for b in range(2)] for a in range(2)])


def _with_weights(start: Linear, weights: Floats) -> Linear:
    return Linear(start.terms, start.mean, start.scale, tuple(map(tuple, weights.tolist())))
