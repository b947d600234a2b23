"""Whether what is promised of our probabilities still holds: tests that may be looked at after every match.

Each test is a game: a stake of 1 is bet match by match so that nobody gains on average while the promise is kept. The
stake is then a test martingale, and reaches 1,000 with a chance of 1 in 1,000 at most, however long one looks on
(Ville, "Étude critique de la notion de collectif", 1939; Shafer, "Testing by betting", 2021). Stakes are fixed
mixtures of bettors, fractions of what cannot be lost (Waudby-Smith and Ramdas, "Estimating means of bounded random
variables by betting", 2024). Matches of one day count as independent.

Calibration: the bettor believes in probabilities ``q``, moved from ours in one direction by more than what is promised,
and gets ``q(y) / p(y)`` on the outcome ``y``, where ``p`` is ours moved as far as promised (Arnold, Henzi and Ziegel,
"Sequentially valid tests for forecast calibration", 2023). If the truth is moved less, or the other way, the mean of
that is below 1.

Market: by how much our RPS is behind the market's, were the closing line the truth (`scores.expected_gap`), with at
most `CLIP` a match: a tenth of the noise of results. The promise is on its mean.

A season begins anew, each with its own 1 in 1,000; a tenth of the stake waits for each of its months until April, so
that a drift in spring is not hidden by a calm autumn. None waits for May and June: when little is at stake the market
knows more than we do in every season, by as much as is promised.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from sabiscore.arrays import Floats
from sabiscore.data.seasons import season_at
from sabiscore.ledger.schemas import Alarm, Question
from sabiscore.ledger.settled import Matches
from sabiscore.models.calibration import POOR_GAP, complete
from sabiscore.scoring.scores import Outcomes, expected_gap

THRESHOLD = 1_000.0
EVERY_LEAGUE = "all"
"""All leagues as one: far fewer days until a drift that all of them have is seen."""

SLOPE, SLOPES = 0.1, (0.5, 1.0)
"""Promised: what happens is not nearer to base rates than ours by more than this share, nor as much farther; and what
bettors believe of it."""

TILT, TILTS = 0.1, (0.3, 0.6)
"""Promised: the odds of each outcome are right to this, as a logarithm; and what bettors believe."""

GAP = POOR_GAP
"""Promised: the mean of how far our RPS is behind the market's by the closing line. A league whose gap was larger on
past seasons is said to be a poor one in its answers."""

CLIP = 0.01
"""What one match counts at most, either way."""

FRACTIONS = (0.4, 0.9)
"""Of the most that cannot be lost, what bettors on the market stake."""

_LEAST = 1e-9
"""What is impossible counts as so likely."""

_MONTHS, _JULY = 12, 7
_STARTS = 10
"""Months of a season, from July on, that a part of the stake waits for."""


def alarms(matches: Matches) -> list[Alarm]:
    """The evidence in each league, and in all, from the matches of the last season that any is settled of."""
    if not len(matches):
        return []
    last = matches.of((matches.where["season"] == matches.where["season"].max()).to_numpy())
    leagues = last.where["league"].to_numpy()
    parts = {str(code): last.of(leagues == code) for code in np.unique(leagues)} | {EVERY_LEAGUE: last}
    return [alarm for code, part in parts.items() for alarm in _alarms(code, part)]


def _alarms(league: str, matches: Matches) -> Iterator[Alarm]:
    ours, market, closing, rates = (
        matches.said[name] for name in ("ours", "market", "closing", "base_rates")
    )
    days = matches.where["date"]
    yield _alarm(league, "calibration", calibration(ours, rates, matches.outcomes), days)
    known = complete(np.hstack((market, closing)))
    if known.any():
        factors = market_gap(ours[known], market[known], closing[known])
        yield _alarm(league, "market", factors, days.filter(known))


def _alarm(league: str, question: Question, factors: Floats, days: pl.Series) -> Alarm:
    found = evidence(factors, days)
    beyond = np.flatnonzero(found >= THRESHOLD)
    since: date | None = days[int(beyond[0])] if beyond.size else None
    return Alarm(
        league=league,
        question=question,
        n=len(found),
        evidence=float(found[-1]),
        highest=float(found.max()),
        threshold=THRESHOLD,
        fired=bool(beyond.size),
        since=since,
    )


def calibration(ours: Floats, rates: Floats, outcomes: Outcomes) -> Floats:
    """What bettors against our calibration ``[n, 3]`` make of a stake, match by match ``[n, bettors]``.

    ``rates`` ``[n, 3]`` are base rates: sharper than deserved is too far from them.
    """
    ours = np.maximum(ours, _LEAST)
    chosen = np.arange(len(ours)), outcomes
    factors = []
    for direction, promised, believed in _directions(ours, rates):
        null = _moved(ours, direction, promised)
        factors += [(_moved(ours, direction, far) / null)[chosen] for far in believed]
    return np.column_stack(factors)


def _directions(ours: Floats, rates: Floats) -> Iterator[tuple[Floats, float, tuple[float, ...]]]:
    """In which directions ``[n, 3]`` the truth may be off, how far it may be, and how far bettors believe it is."""
    for sign in (1.0, -1.0):
        yield sign * (rates - ours), SLOPE, SLOPES
        for k in range(3):
            yield sign * ours * (np.eye(3)[k] - ours[:, k : k + 1]), TILT, TILTS


def _moved(ours: Floats, direction: Floats, far: float) -> Floats:
    """Probabilities moved in a direction, as far as all stay above a tenth of what they were."""
    limits = np.divide(0.9 * ours, -direction, where=direction < 0.0, out=np.full(ours.shape, np.inf))
    moved: Floats = ours + np.minimum(far, limits.min(axis=1))[:, None] * direction
    return moved


def market_gap(ours: Floats, market: Floats, closing: Floats) -> Floats:
    """What bettors on a larger gap to the market make of a stake, match by match ``[n, bettors]``."""
    behind = np.clip(expected_gap(ours, market, closing), -CLIP, CLIP)
    return 1.0 + np.array(FRACTIONS) * (behind - GAP)[:, None] / (CLIP + GAP)


def evidence(factors: Floats, days: pl.Series) -> Floats:
    """What a stake of 1 has become after each match ``[n]`` of a season; ``factors`` are ``[n, bettors]``."""
    begins = _MONTHS * season_at(days[0]) + _JULY
    month = (_MONTHS * days.dt.year() + days.dt.month() - begins).clip(0, _MONTHS - 1).to_numpy()
    grown = np.vstack((np.zeros(factors.shape[1]), np.cumsum(np.log(factors), axis=0)))
    total = np.zeros(len(factors))
    for start in range(_STARTS):
        first = int(np.searchsorted(month, start))
        since = np.arange(len(grown)) >= first
        total += np.exp(np.where(since[:, None], grown - grown[first], 0.0)).mean(axis=1)[1:]
    return total / _STARTS
