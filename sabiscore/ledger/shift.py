"""Whether what the model sees is what it was trained on: the population stability index of its features."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from sabiscore.arrays import Floats
from sabiscore.domain import ListedFixture
from sabiscore.features import RowMaker, columns
from sabiscore.features.calendar import day_number
from sabiscore.ledger.schemas import Drift, Shift
from sabiscore.models.bundles import Manifest

WEEKS = 8
"""Of matches that are compared."""

FEWEST = 300
"""Matches on either side below which chance alone makes an index large."""

LIMIT = 2.0
"""Above this something is wrong. The usual 0.25 is passed in every season by what moves slowly for whole leagues, home
advantage and goals: see benchmarks/DRIFT.md."""

BINS = 10
_YEAR = timedelta(days=364)
"""Weeks stay weeks."""


def shifts(
    rows: RowMaker, frame: pl.DataFrame, seasons: Sequence[int], coming: Sequence[ListedFixture] = ()
) -> Drift | None:
    """How far the features of the last weeks' matches are from those of the same weeks in earlier ``seasons``.

    Fixtures to come count among the last weeks' matches. None where there are too few matches to tell.
    """
    frame = frame.select("league", "season", "date", "home", "away")
    known = frame.filter(pl.col("league").is_in([*rows.history.roster.leagues]))
    last, present = known["date"].max(), known["season"].max()
    if not isinstance(last, date) or not isinstance(present, int):
        return None
    then = [last - (present - season) * _YEAR for season in seasons if season < present]
    now_seen = np.vstack((_seen(rows, known, [last]), _foreseen(rows, coming)))
    then_seen = _seen(rows, known, then)
    if min(len(now_seen), len(then_seen)) < FEWEST:
        return None
    found = [
        Shift(name, round(stability(now_seen[:, k], then_seen[:, k]), 4))
        for k, name in enumerate(columns.NAMES)
    ]
    found.sort(key=lambda one: -one.psi)
    return Drift(n=len(now_seen), limit=LIMIT, shifts=found, fired=found[0].psi > LIMIT)


def trained_on(manifest: Manifest) -> list[int]:
    """The last seasons that a bundle's model was trained on: those of its validation."""
    return [int(season) for season in manifest.training.get("validation_seasons", ())]


def stability(now: Floats, then: Floats) -> float:
    """The population stability index of a feature ``[n]`` against ``then`` ``[m]``, in bins of a tenth of the latter.

    A value that parts two bins has one of its own, so that what is often exactly 0 is told from what is above.

    The sum of ``(a - e) log(a / e)`` over bins with shares a now and e then: Jeffreys' divergence (Siddiqi, "Credit
    risk scorecards", 2006). Half a match more in each bin keeps it finite.
    """
    now, then = np.sort(now), np.sort(then)
    tenths = np.quantile(then, np.linspace(0.0, 1.0, BINS + 1)[1:-1])
    edges = np.unique((tenths, np.nextafter(tenths, np.inf)))
    shares = []
    for values in (now, then):
        count = np.diff(values.searchsorted(edges), prepend=0, append=len(values)) + 0.5
        shares.append(count / count.sum())
    found, expected = shares
    return float(((found - expected) * np.log(found / expected)).sum())


def _seen(rows: RowMaker, frame: pl.DataFrame, ends: list[date]) -> Floats:
    """The rows ``[n, features]`` of the matches in the weeks until each of the days."""
    chosen = [
        frame.filter(pl.col("date").is_between(end - timedelta(weeks=WEEKS), end, closed="right"))
        for end in ends
    ]
    matches = pl.concat(chosen) if chosen else frame.clear()
    return rows.matches(matches).matrix.astype(np.float64)


def _foreseen(rows: RowMaker, coming: Sequence[ListedFixture]) -> Floats:
    """The rows ``[n, features]`` of fixtures to come, in leagues that are known."""
    keys = [
        (one.league, one.home, one.away, day_number(one.kickoff.date()))
        for one in coming
        if rows.has_league(one.league)
    ]
    return rows.fixtures(keys).matrix.astype(np.float64) if keys else np.empty((0, len(columns.NAMES)))
