"""Whether what a new bundle says can be right, before anybody is told."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import polars as pl

from sabiscore.arrays import Floats
from sabiscore.errors import BundleError
from sabiscore.features.calendar import day_number
from sabiscore.features.rows import FixtureKey
from sabiscore.forecaster import Forecaster

LEAST, MOST = 0.001, 0.99
"""Between these every probability of two clubs of one league has been."""

LEAST_SPREAD = 0.03
"""Standard deviation of the home side's probability; it has never been below 0.13."""

FOUR_WEEKS = timedelta(days=28)
MOVES_SOON, MOVES = (0.1, 0.5), (0.15, 0.8)
"""What probabilities may have moved by, on average and at most, within four weeks of matches and within more.

Within two weeks that has been 0.02 and 0.36 at most, within five years 0.10 and 0.76.
"""


def check(new: Forecaster, old: Forecaster, frame: pl.DataFrame) -> None:
    """Whether ``new`` forecasts what can be for the clubs in ``frame``'s last seasons, and near what ``old`` does.

    Raises:
        BundleError: it does not.
    """
    fixtures = _fixtures(new, frame)
    now = new.forecast(fixtures).probabilities
    _check(bool(np.isfinite(now).all()), "a probability is none")
    _check(bool((now > LEAST).all() and (now < MOST).all()), "a probability is next to impossible")
    _check(float(now[:, 0].std()) > LEAST_SPREAD, "all fixtures have nearly the same probabilities")
    moved = _moved(old, fixtures, now)
    if moved.size:
        passed = new.manifest.data_through - old.manifest.data_through
        usual, largest = MOVES_SOON if abs(passed) <= FOUR_WEEKS else MOVES
        _check(float(moved.mean()) < usual, f"probabilities moved by {moved.mean():.2f} on average")
        _check(float(moved.max()) < largest, f"a probability moved by {moved.max():.2f}")


def _fixtures(forecaster: Forecaster, frame: pl.DataFrame) -> list[FixtureKey]:
    """Every club of each league's last season against the next by name, the day after the last match known."""
    day = day_number(forecaster.manifest.data_through + timedelta(days=1))
    frame = frame.select("league", "season", "home", "away")
    last = frame.filter(pl.col("season") == pl.col("season").max().over("league"))
    found: list[FixtureKey] = []
    for (league,), matches in sorted(last.group_by("league")):
        clubs = sorted({*matches["home"], *matches["away"]})
        found += [(league, home, away, day) for home, away in zip(clubs, (*clubs[1:], clubs[0]), strict=True)]
    return found


def _moved(old: Forecaster, fixtures: Sequence[FixtureKey], now: Floats) -> Floats:
    """By how much each probability of leagues that both know moved."""
    known = [number for number, one in enumerate(fixtures) if old.rows.has_league(one[0])]
    before = old.forecast([fixtures[number] for number in known]).probabilities
    moved: Floats = np.abs(now[known] - before)
    return moved


def _check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - what is checked
    if not holds:
        raise BundleError("the new bundle", f"cannot be right: {otherwise}")
