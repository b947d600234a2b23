"""A small linear model on a few terms made of columns: the part of a head that carries it."""

from functools import cache
from itertools import zip_longest
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats, Matrix

LARGEST = 1e3
"""No weight, mean or scale of standardised terms comes near it."""

Column = Annotated[int, Meta(ge=0)]
Factor = Annotated[tuple[Column, ...], Meta(min_length=1)]


class Term(Struct, frozen=True):
    """The product of ``factors``, each of which is the sum of some columns."""

    factors: Annotated[tuple[Factor, ...], Meta(min_length=1, max_length=8)]


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
        found = terms_of(self.terms, matrix)
        found -= np.array(self.mean)
        found /= np.array(self.scale)
        return found


def terms_of(terms: tuple[Term, ...], matrix: Matrix) -> Floats:
    """The terms ``[n, terms]`` of rows ``[n, features]``; a factor that several share is summed once."""
    factors, places = _distinct(terms)
    sums = np.array([*(sum_of(matrix, factor) for factor in factors), np.ones(len(matrix))])
    found: Floats = sums[places].prod(axis=0)
    return found.T


@cache
def _distinct(terms: tuple[Term, ...]) -> tuple[list[Factor], NDArray[np.intp]]:
    """The factors of terms, each once, and their places ``[most, terms]``; where a term has fewer, behind the last."""
    factors = list(dict.fromkeys(factor for term in terms for factor in term.factors))
    rows = [[factors.index(factor) for factor in term.factors] for term in terms]
    places = list(zip_longest(*rows, fillvalue=len(factors)))
    return factors, np.array(places)


def sum_of(rows: Matrix, columns: Factor) -> Floats:
    """The sum ``[n]`` of some columns, one after the other: a row alone is a row among many to the last bit."""
    first, *others = columns
    total = rows[:, first].astype(np.float64)
    for column in others:
        total += rows[:, column]
    return total


def weighted(design: Floats, weights: Floats) -> Floats:
    """Scores ``[n, k]`` of a design ``[n, terms]`` and weights ``[terms + 1, k]``, the first row the intercept.

    Summed row by row, so that a row alone is a row among many to the last bit.
    """
    by_term: Floats = (weights[1:].T[:, :, None] * design.T).sum(axis=1)
    found: Floats = by_term.T + weights[0]
    return found


def least_squares(terms: tuple[Term, ...], matrix: Matrix, targets: Floats, l2: float) -> Linear:
    """The weights with the least squared error of ``targets`` ``[n, k]``, shrunk by ``l2`` a row."""
    values = terms_of(terms, matrix)
    mean, scale = values.mean(axis=0), values.std(axis=0) + 1e-9
    design = np.column_stack((np.ones(len(values)), (values - mean) / scale))
    penalty = np.full(design.shape[1], l2 * len(design))
    penalty[0] = 0.0
    weights = np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ targets)
    return Linear(terms, tuple(mean.tolist()), tuple(scale.tolist()), tuple(map(tuple, weights.tolist())))
