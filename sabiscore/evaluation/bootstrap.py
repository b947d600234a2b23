"""How sure a mean is: a bootstrap over blocks of matches.

Matches of one league in one week share their news (a round without spectators, a refit), so whole blocks are drawn
again, not single matches; see Kuensch, 1989, on why.
"""

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats

RESAMPLES = 10_000
LEVEL = 0.95
SEED = 2025

_CHUNK = 1_000

Blocks = NDArray[np.intp]


class Interval(Struct, frozen=True):
    """A value and its percentile interval of `LEVEL` (Efron and Tibshirani, 1993, chapter 13)."""

    value: float
    low: float
    high: float


def weeks(frame: pl.DataFrame) -> Blocks:
    """The block ``[n]`` of each match: its league in its week, Monday to Sunday, numbered from 0."""
    week = pl.col("date").dt.truncate("1w").cast(pl.Int32)
    block = pl.struct("league", week).rank("dense").cast(pl.Int64) - 1
    return frame.select(block).to_series().to_numpy().astype(np.intp)


def means(values: Floats, blocks: Blocks, *, resamples: int = RESAMPLES, seed: int = SEED) -> list[Interval]:
    """The mean of each column of ``values`` ``[n, k]`` over the rows where it is not NaN.

    All columns are resampled together: differences of losses on the same matches are paired.

    Raises:
        ValueError: a column has no value.
    """
    known = ~np.isnan(values)
    return ratios(
        np.where(known, values, 0.0), known.astype(np.float64), blocks, resamples=resamples, seed=seed
    )


def ratios(
    numerator: Floats, denominator: Floats, blocks: Blocks, *, resamples: int = RESAMPLES, seed: int = SEED
) -> list[Interval]:
    """The ratio of the sums of two ``[n, k]``, column by column; a resample without a denominator is left out.

    Raises:
        ValueError: a denominator sums to nothing.
    """
    above, below = _sums(numerator, blocks), _sums(denominator, blocks)
    if (below.sum(axis=0) == 0).any():
        raise ValueError("nothing to resample")
    value = above.sum(axis=0) / below.sum(axis=0)
    drawn = _resample(above, below, resamples, np.random.default_rng(seed))
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.nanquantile(drawn, (tail, 1.0 - tail), axis=0)
    return [Interval(float(v), float(a), float(b)) for v, a, b in zip(value, low, high, strict=True)]


def _sums(values: Floats, blocks: Blocks) -> Floats:
    sums = np.zeros((int(blocks.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(sums, blocks, values)
    return sums


def _resample(above: Floats, below: Floats, resamples: int, random: np.random.Generator) -> Floats:
    size = len(above)
    drawn = np.empty((resamples, above.shape[1]))
    for start in range(0, resamples, _CHUNK):
        rows = slice(start, min(start + _CHUNK, resamples))
        times = random.multinomial(size, np.full(size, 1.0 / size), size=rows.stop - start).astype(np.float64)
        total = times @ below
        drawn[rows] = np.divide(times @ above, total, out=np.full_like(total, np.nan), where=total > 0)
    return drawn
