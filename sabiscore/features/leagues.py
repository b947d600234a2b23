"""The running means of leagues: how many goals, shots and corners a match there has."""

from typing import Self

import numpy as np
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.features import components
from sabiscore.features.matches import CORNERS, REDS, Matches
from sabiscore.features.timeline import Index, Timeline

_PRIOR = (1.3, 4.5, 12.0, 5.0, 1.35, 5.5, 4.5)
"""Of a side: goals, shots on target, shots, corners, expected goals; corners of the home and of the away side."""

A_SIDE = slice(0, REDS)
BY_SIDE = slice(REDS, REDS + 2)


class Running(Struct, frozen=True):
    """Means after match days, and how many values each is of, both ``[..., 7]``.

    Statistics `A_SIDE` and match, corners also `BY_SIDE`.
    """

    means: Floats
    seen: Floats

    @classmethod
    def start(cls, leagues: int) -> Self:
        """What is believed of so many leagues ``[leagues, 7]``."""
        return cls(np.tile(_PRIOR, (leagues, 1)), np.zeros((leagues, len(_PRIOR))))


def running_means(matches: Matches, leagues: Timeline, rate: float, start: Running | None = None) -> Running:
    """The means ``[m, 7]`` after each match day of ``leagues``, which before were ``start`` ``[leagues, 7]``.

    Exponentially weighted, one step a match (the matches of a day together); a young league steps as if the prior had
    been seen `components.LEAGUE_PRIOR_MATCHES` times.
    """
    position = leagues.at(matches.league, matches.day)
    counts, totals = _sums(_measured(matches), position, len(leagues.key))
    before = start or Running.start(len(matches.roster.leagues))
    found = Running(np.empty(totals.shape), np.empty(totals.shape))
    subject = leagues.subject
    starts = np.flatnonzero(np.diff(subject, prepend=-1))
    for column in range(len(_PRIOR)):
        for begin, end in zip(starts, [*starts[1:], len(totals)], strict=True):
            days, league = slice(begin, end), subject[begin]
            seen = before.seen[league, column] + np.cumsum(counts[days, column])
            found.seen[days, column] = seen
            found.means[days, column] = _means(
                counts[days, column], totals[days, column], seen, float(before.means[league, column]), rate
            )
    return found


def counted(corners: Floats) -> Floats:
    """The running means ``[m, 2]`` of corners by side; 0 where none have been counted, which leaves the prior."""
    return np.where(corners == _PRIOR[BY_SIDE], 0.0, corners)


def _measured(matches: Matches) -> Floats:
    home, away = matches.home_stats, matches.away_stats
    both = 0.5 * (home[:, :REDS] + away[:, :REDS])
    return np.column_stack((both, home[:, CORNERS], away[:, CORNERS]))


def _sums(stats: Floats, position: Index, size: int) -> tuple[Floats, Floats]:
    known = ~np.isnan(stats)
    counts, totals = np.zeros((size, stats.shape[1])), np.zeros((size, stats.shape[1]))
    np.add.at(counts, position, known)
    np.add.at(totals, position, np.where(known, stats, 0.0))
    return counts, totals


def _means(counts: Floats, totals: Floats, seen: Floats, mean: float, rate: float) -> list[float]:
    """One mean after each day, which before was ``mean``, as they come in."""
    steps = 1.0 - (1.0 - np.maximum(1.0 / (seen + components.LEAGUE_PRIOR_MATCHES), rate)) ** counts
    observed = totals / np.maximum(counts, 1.0)
    means = []
    for step, value in zip(steps.tolist(), observed.tolist(), strict=True):
        mean += step * (value - mean)
        means.append(mean)
    return means
