"""Numbers drawn by inversion that is looked up: a quarter of the time that numpy's own draws take.

One of `CHANCES` equal chances says which number it is, for goals in steps of their rate: a probability is off by less
than one in `CHANCES`, which is a tenth of what ten thousand simulated seasons leave to chance.
"""

import math
from functools import cache
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sabiscore.models.grid import GOALS

BITS = 12
CHANCES = 1 << BITS

A_WORD = 4
"""Chances that are drawn at once."""

STEPS = 64
"""Of the logarithm of a rate."""

LOWEST, HIGHEST = -4.0, 2.5
"""Logarithms of rates: nobody is expected to score less than 0.02 goals, or more than 12."""

Single: TypeAlias = NDArray[np.float32]
Goals: TypeAlias = NDArray[np.int8]
Chances: TypeAlias = NDArray[np.uint16]


def uniform(random: np.random.Generator, shape: tuple[int, ...]) -> Chances:
    """Whole numbers below `CHANCES`, each as likely."""
    count = math.prod(shape)
    drawn = random.integers(0, 1 << 64, -(-count // A_WORD), np.uint64).view(np.uint16)
    drawn >>= np.uint16(16 - BITS)
    return drawn[:count].reshape(shape)


def normal(chance: Chances) -> Single:
    """Standard normal numbers."""
    found: Single = _quantiles().take(chance)
    return found


def poisson(log_rates: Single, chance: Chances) -> Goals:
    """Goals, at most `GOALS` - 1, of rates of which these are the logarithms."""
    table = _goals()
    steps = log_rates * np.float32(STEPS)
    steps -= np.float32(LOWEST * STEPS)
    index = np.clip(steps, 0, len(table) - 1, out=steps).astype(np.int32)
    index <<= BITS
    index |= chance
    goals: Goals = table.ravel().take(index, mode="clip")
    return goals


@cache
def _quantiles() -> Single:
    """The normal number ``[CHANCES]`` in the middle of each chance, with a variance of 1."""
    middles = (np.arange(CHANCES) + 0.5) / CHANCES
    found = np.array([*map(NormalDist().inv_cdf, middles.tolist())])
    scaled: Single = (found / found.std()).astype(np.float32)
    return scaled


@cache
def _goals() -> Goals:
    """The goals ``[rates, CHANCES]`` of a rate in the middle of each step."""
    rates = np.exp(np.arange(LOWEST + 0.5 / STEPS, HIGHEST, 1.0 / STEPS))[:, None]
    growth = np.concatenate((np.ones_like(rates), rates / np.arange(1, GOALS)), axis=1)
    below = np.rint(CHANCES * np.cumsum(np.exp(-rates) * np.cumprod(growth, axis=1), axis=1))
    below[:, -1] = CHANCES
    count = np.diff(below, axis=1, prepend=0.0).astype(np.intp)
    numbers = np.tile(np.arange(GOALS, dtype=np.int8), len(rates))
    return np.repeat(numbers, count.ravel()).reshape(-1, CHANCES)
