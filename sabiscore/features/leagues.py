"""The running means of leagues: how many goals and shots on target a match there has."""

import numpy as np

from sabiscore.arrays import Floats
from sabiscore.features import components
from sabiscore.features.matches import Matches
from sabiscore.features.timeline import Index, Timeline


def running_means(matches: Matches, leagues: Timeline, rate: float) -> Floats:
    """The means ``[m, 8]`` after each match day of ``leagues``: the first of `components.LEAGUE`.

    Exponentially weighted, one step a match (the matches of a day together); a young league steps as if
    `components.LEAGUE_PRIOR` had been seen `components.LEAGUE_PRIOR_MATCHES` times.
    """
    position = leagues.at(matches.league, matches.day)
    counts, totals = _sums(_measured(matches), position, len(leagues.key))
    means = np.empty_like(totals)
    starts = np.flatnonzero(np.diff(leagues.subject, prepend=-1))
    for column, name in enumerate(components.LEAGUE[: components.LEAGUE_MEANS]):
        prior = components.LEAGUE_PRIOR[name]
        for start, stop in zip(starts, [*starts[1:], len(means)], strict=True):
            days = slice(start, stop)
            means[days, column] = _means(counts[days, column], totals[days, column], prior, rate)
    return means


def _measured(matches: Matches) -> Floats:
    width = len(components.MEASURED)
    return np.hstack((matches.home_stats[:, :width], matches.away_stats[:, :width]))


def _sums(stats: Floats, position: Index, size: int) -> tuple[Floats, Floats]:
    known = ~np.isnan(stats)
    counts, totals = np.zeros((size, stats.shape[1])), np.zeros((size, stats.shape[1]))
    np.add.at(counts, position, known)
    np.add.at(totals, position, np.where(known, stats, 0.0))
    return counts, totals


def _means(counts: Floats, totals: Floats, mean: float, rate: float) -> list[float]:
    seen = np.cumsum(counts) + components.LEAGUE_PRIOR_MATCHES
    steps = 1.0 - (1.0 - np.maximum(1.0 / seen, rate)) ** counts
    observed = totals / np.maximum(counts, 1.0)
    means = []
    for step, value in zip(steps.tolist(), observed.tolist(), strict=True):
        mean += step * (value - mean)
        means.append(mean)
    return means
