"""The canonical frame as arrays: what the pass over time reads."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats

STATISTICS = ("goals", "shots_on_target", "shots", "corners", "reds")
ODDS = {
    "outcome": ("home", "draw", "away"),
    "total": ("over", "under"),
}
BOOKS = ("closing", "average")
"""Whose odds a past match is remembered by: the first that has them."""


class Roster(Struct, frozen=True):
    """Names to indices: leagues by code, clubs by league and key. A name that is not known is -1."""

    leagues: tuple[str, ...]
    clubs: tuple[tuple[str, str], ...]

    def indices(self) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
        """The two dictionaries, league -> index and (league, club) -> index."""
        return (
            {code: index for index, code in enumerate(self.leagues)},
            {club: index for index, club in enumerate(self.clubs)},
        )


class Matches(Struct, frozen=True):
    """Played matches in chronological order; every array has one entry a match; days are since 1970-01-01.

    ``home_stats`` and ``away_stats`` are float64 ``[n, 5]`` as STATISTICS; ``log_odds`` ``[n]`` is the logarithm of
    how much likelier a home win was than an away win, ``log_over`` that of over 2.5 goals to under, by the
    odds before it. NaN where unknown.
    """

    roster: Roster
    day: NDArray[np.intp]
    league: NDArray[np.intp]
    home: NDArray[np.intp]
    away: NDArray[np.intp]
    home_stats: Floats
    away_stats: Floats
    log_odds: Floats
    log_over: Floats

    def __len__(self) -> int:
        """How many matches."""
        return len(self.day)


def encode(frame: pl.DataFrame) -> Matches:
    """Turn a canonical frame, sorted by date, into arrays; columns that are missing are unknown."""
    roster = _roster(frame)
    leagues, clubs = roster.indices()
    codes = frame["league"].to_list()
    outcome, total = _odds(frame, ODDS["outcome"]), _odds(frame, ODDS["total"])
    return Matches(
        roster=roster,
        day=frame["date"].cast(pl.Int32).to_numpy().astype(np.intp),
        league=np.array([leagues[code] for code in codes], dtype=np.intp),
        home=_club_indices(codes, frame["home"], clubs),
        away=_club_indices(codes, frame["away"], clubs),
        home_stats=_columns(frame, [f"home_{name}" for name in STATISTICS]),
        away_stats=_columns(frame, [f"away_{name}" for name in STATISTICS]),
        log_odds=np.log(outcome[:, 2] / outcome[:, 0]),
        log_over=np.log(total[:, 1] / total[:, 0]),
    )


def _roster(frame: pl.DataFrame) -> Roster:
    sides = [frame.select("league", pl.col(side).alias("club")) for side in ("home", "away")]
    clubs = pl.concat(sides).unique().sort("league", "club")
    leagues = clubs["league"].unique().sort()
    return Roster(tuple(leagues.to_list()), tuple(clubs.iter_rows()))


def _club_indices(
    codes: Sequence[str], names: pl.Series, clubs: dict[tuple[str, str], int]
) -> NDArray[np.intp]:
    pairs = zip(codes, names.to_list(), strict=True)
    return np.array([clubs[pair] for pair in pairs], dtype=np.intp)


def _odds(frame: pl.DataFrame, outcomes: Sequence[str]) -> Floats:
    first, second = (_columns(frame, [f"{book}_{outcome}" for outcome in outcomes]) for book in BOOKS)
    return np.where(np.isnan(first).any(axis=1, keepdims=True), second, first)


def _columns(frame: pl.DataFrame, names: Sequence[str]) -> Floats:
    missing = [pl.lit(float("nan")).alias(name) for name in names if name not in frame.columns]
    known = [pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in names]
    return frame.with_columns(missing).select(known).to_numpy(order="c")
