"""Dixon and Coles' model as penaltyblog fits it, refitted for every week of a season.

Dixon and Coles, "Modelling association football scores and inefficiencies in the football betting market", 1997.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.evaluation.optional import need
from sabiscore.models.grid import GOALS, score_grid

Steps = Callable[[int, int], None]
"""Told of the steps done and of how many there are in all."""

SEASONS = 3
"""A fit sees the running season and so many before it."""

XI = 0.0015
"""How fast matches are forgotten: one weighs ``exp(-XI * days)``."""

HIGHEST_RATE = 10.0
"""Goals a match that a side is at most expected to score: a club with one match can have a wild fit."""

_THREADS = "OPENBLAS_NUM_THREADS"


class Week(Struct, frozen=True):
    """A league's week: the ``n`` matches played before its Monday, and the fixtures ``[m, 2]`` in it.

    ``clubs`` ``[n, 2]`` and ``goals`` ``[n, 2]`` are home, away; ``age`` ``[n]`` is in days on the Monday.
    A club without a match takes the mean strength of ``replaced``.
    """

    clubs: NDArray[np.str_]
    goals: NDArray[np.int64]
    age: Floats
    fixtures: NDArray[np.str_]
    replaced: tuple[str, ...]


def dixon_coles(frame: pl.DataFrame, season: int, progress: Steps, workers: int | None = None) -> Floats:
    """Goal grids ``[n, 11, 11]`` of the matches of ``season``, in the frame's order.

    Every league is fitted anew each Monday on what was played before, in as many processes as there are
    cores. A club that comes up and has not played since takes the mean of the clubs that went down.

    Raises:
        SabiScoreError: penaltyblog is not installed.
    """
    need("penaltyblog.models")
    wanted = frame.with_columns(monday=pl.col("date").dt.truncate("1w")).with_row_index("row")
    weeks = wanted.filter(pl.col("season") == season).partition_by("league", "monday")
    rates = np.full((len(frame), 3), np.nan)
    fitted = _fit_all([_week(wanted, week, season) for week in weeks], workers or os.cpu_count() or 1)
    for done, (week, found) in enumerate(zip(weeks, fitted, strict=True), start=1):
        rates[week["row"].to_numpy()] = found
        progress(done, len(weeks))
    return _grids(rates[frame["season"].to_numpy() == season])


def _week(frame: pl.DataFrame, week: pl.DataFrame, season: int) -> Week:
    monday = week["monday"][0]
    league = frame.filter(pl.col("league") == week["league"][0])
    past = league.filter((pl.col("date") < monday) & (pl.col("season") >= season - SEASONS))
    clubs = [set(league.filter(pl.col("season") == year)["home"]) for year in (season - 1, season)]
    age = past.select((pl.lit(monday) - pl.col("date")).dt.total_days().cast(pl.Float64))
    return Week(
        clubs=past.select("home", "away").to_numpy().astype(np.str_),
        goals=past.select(pl.col("home_goals", "away_goals").cast(pl.Int64)).to_numpy(),
        age=age.to_series().to_numpy(),
        fixtures=week.select("home", "away").to_numpy().astype(np.str_),
        replaced=tuple(sorted(clubs[0] - clubs[1])),
    )


def _fit_all(weeks: list[Week], workers: int) -> Iterator[Floats]:
    if min(workers, len(weeks)) <= 1:
        yield from map(rates, weeks)
        return
    # spawned, not forked: a forked polars or BLAS can wait forever for a thread that was not copied
    context = multiprocessing.get_context("spawn")
    with _one_thread_each(), ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(rates, weeks, chunksize=4)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """What processes are started with: on matrices as small as these, more BLAS threads only wait for each other."""
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before


def rates(week: Week) -> Floats:
    """Expected goals home and away, and rho, of each fixture ``[m, 3]``; NaN where nothing was played yet."""
    if not len(week.age):
        return np.full((len(week.fixtures), 3), np.nan)
    model = need("penaltyblog.models").DixonColesGoalModel(
        *week.goals.T, *week.clubs.T, weights=np.exp(-XI * week.age)
    )
    _fit(model)
    found = model.get_params()
    attack, defence = (_strengths(found, side, model.teams, week.replaced) for side in ("attack", "defence"))
    rows = [
        (found["home_advantage"] + attack(home) + defence(away), attack(away) + defence(home))
        for home, away in week.fixtures.tolist()
    ]
    expected = np.minimum(np.exp(np.array(rows)), HIGHEST_RATE)
    return np.column_stack((expected, np.full(len(rows), found["rho"])))


def _fit(model: Any) -> None:  # noqa: ANN401 - penaltyblog has no types
    try:
        model.fit()
    except ValueError:  # the optimiser lost its way along the gradient; without, it is slow and sure
        model.fit(use_gradient=False)


def _strengths(
    found: dict[str, float], side: str, clubs: Iterable[str], replaced: tuple[str, ...]
) -> Callable[[str], float]:
    known = {str(club): float(found[f"{side}_{club}"]) for club in clubs}
    newcomer = float(np.mean([known[club] for club in replaced if club in known] or list(known.values())))
    return lambda club: known.get(club, newcomer)


def _grids(rates: Floats) -> Floats:
    """Fixtures of one fit share its ``rho``, and `score_grid` takes one; NaN stays NaN."""
    grids = np.full((len(rates), GOALS, GOALS), np.nan)
    for rho in np.unique(rates[~np.isnan(rates[:, 2]), 2]):
        of_fit = rates[:, 2] == rho
        grids[of_fit] = score_grid(rates[of_fit, 0], rates[of_fit, 1], float(rho))
    return grids
