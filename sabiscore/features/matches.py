"""The canonical frame as arrays: what the pass over time reads."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

STATISTICS = ("goals", "shots_on_target")


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

    ``stats`` is float64 ``[n, 4]``: home goals, home shots on target, the same away; NaN where unknown.
    """

    roster: Roster
    day: NDArray[np.intp]
    league: NDArray[np.intp]
    home: NDArray[np.intp]
    away: NDArray[np.intp]
    stats: NDArray[np.float64]

    def __len__(self) -> int:
        """How many matches."""
        return len(self.day)


def encode(frame: pl.DataFrame) -> Matches:
    """Turn a canonical frame, sorted by date, into arrays."""
    roster = _roster(frame)
    leagues, clubs = roster.indices()
    codes = frame["league"].to_list()
    return Matches(
        roster=roster,
        day=frame["date"].cast(pl.Int32).to_numpy().astype(np.intp),
        league=np.array([leagues[code] for code in codes], dtype=np.intp),
        home=_club_indices(codes, frame["home"], clubs),
        away=_club_indices(codes, frame["away"], clubs),
        stats=_statistics(frame),
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


def _statistics(frame: pl.DataFrame) -> NDArray[np.float64]:
    names = [f"{side}_{name}" for side in ("home", "away") for name in STATISTICS]
    columns = [pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in names]
    return frame.select(columns).to_numpy(order="c")
