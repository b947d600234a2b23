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
TAILS = ((1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0)
"""The quantiles between which `LEVEL` lies."""

_CHUNK = 500

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


class Bootstrap:
    """Blocks ``[n]`` of matches drawn again, once for everything that is asked of them.

    All that is asked is resampled together: differences of losses on the same matches are paired. What is asked of
    some of the matches only is NaN, or has a denominator of 0, at the others.
    """

    def __init__(self, blocks: Blocks, *, resamples: int = RESAMPLES, seed: int = SEED) -> None:
        self._blocks = blocks
        self._times = _draw(int(blocks.max(initial=-1)) + 1, resamples, np.random.default_rng(seed))

    def means(self, values: Floats) -> list[Interval | None]:
        """The mean of each column of ``values`` ``[n, k]`` over the rows where it is not NaN; None without any."""
        known = ~np.isnan(values)
        return self.ratios(np.where(known, values, 0.0), known.astype(np.float64))

    def ratios(self, numerator: Floats, denominator: Floats) -> list[Interval | None]:
        """The ratio of the sums of two ``[n, k]``, column by column; None where there is nothing to divide by.

        A resample without a denominator is left out.
        """
        above, below = self._sums(numerator), self._sums(denominator)
        total = below.sum(axis=0)
        there = np.flatnonzero(total)
        found: list[Interval | None] = [None] * len(total)
        if there.size:
            value = above.sum(axis=0)[there] / total[there]
            drawn = self._resampled(above[:, there], below[:, there])
            quantile = (
                np.nanquantile if np.isnan(drawn).any() else np.quantile
            )  # which takes a tenth of the time
            low, high = quantile(drawn, TAILS, axis=0)
            for column, *ends in zip(there.tolist(), value, low, high, strict=True):
                found[column] = Interval(*map(float, ends))
        return found

    def _sums(self, values: Floats) -> Floats:
        blocks = self._times.shape[1]
        return np.column_stack(
            [np.bincount(self._blocks, weights=column, minlength=blocks) for column in values.T]
        )

    def _resampled(self, above: Floats, below: Floats) -> Floats:
        """The ratios ``[resamples, k]`` of sums that single precision is enough for."""
        sums = np.hstack((above, below)).astype(np.float32)
        drawn = np.empty((len(self._times), above.shape[1]))
        for start in range(0, len(drawn), _CHUNK):
            rows = slice(start, start + _CHUNK)
            top, total = np.hsplit(self._times[rows].astype(np.float32) @ sums, 2)
            drawn[rows] = np.divide(top, total, out=np.full_like(total, np.nan), where=total > 0)
        return drawn


def _draw(blocks: int, resamples: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """How often each block is in each resample ``[resamples, blocks]``, of as many as there are."""
    times = np.empty((resamples, blocks), np.uint8)
    for start in range(0, resamples, _CHUNK):
        rows = min(_CHUNK, resamples - start)
        drawn = random.integers(blocks, size=(rows, blocks)) if blocks else np.empty((rows, 0), np.intp)
        drawn += blocks * np.arange(rows)[:, None]
        count = np.bincount(drawn.ravel(), minlength=rows * blocks)
        times[start : start + rows] = count.reshape(rows, blocks)
    return times
