"""FiveThirtyEight's published forecasts of the outcome, from a file beside the matches (CC BY 4.0).

A CSV file with the columns Season (2223), Div, HomeTeam, AwayTeam as match files have them, p538_H, p538_D, p538_A,
and prematch, 1 where the forecast was frozen before kick-off.
"""

from pathlib import Path

import numpy as np
import polars as pl

from sabiscore.arrays import Floats
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.seasons import start_of
from sabiscore.errors import DataError

_SAID = {"p538_H": "home_win", "p538_D": "draw", "p538_A": "away_win"}
_KEY = ("season", "league", "home", "away")
_FROZEN = "1"


def read(path: Path, catalogue: Catalogue) -> pl.DataFrame:
    """The forecasts that were frozen before kick-off: season, league, home and away as in the canonical frame.

    Leagues and clubs that the catalogue does not know are left out.

    Raises:
        DataError: there is no such file, or it has other columns.
    """
    try:
        rows = pl.read_csv(path, infer_schema=False)
        frozen = rows.filter(pl.col("prematch") == _FROZEN)
        known = frozen.filter(pl.col("Div").is_in([league.code for league in catalogue.leagues]))
        return _canonical(known, catalogue).drop_nulls().unique(_KEY, keep="first", maintain_order=True)
    except (OSError, pl.exceptions.PolarsError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(path, 0, f"not FiveThirtyEight's forecasts: {reason}") from error


def said_of(matches: pl.DataFrame, forecasts: pl.DataFrame) -> Floats:
    """Their probabilities ``[n, 3]`` of the matches of a canonical frame, NaN where they had none."""
    key = forecasts.with_columns(pl.col("season").cast(matches.schema["season"]))
    joined = matches.select(_KEY).join(key, on=_KEY, how="left", maintain_order="left")
    return joined.select(pl.col(*_SAID.values()).fill_null(np.nan)).to_numpy()


def _canonical(rows: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    clubs = {
        side: [catalogue.file_key(name, code) for name, code in rows.select(column, "Div").iter_rows()]
        for side, column in (("home", "HomeTeam"), ("away", "AwayTeam"))
    }
    probabilities = rows.select(pl.col(theirs).cast(pl.Float64).alias(ours) for theirs, ours in _SAID.items())
    total = pl.sum_horizontal(*_SAID.values())
    seasons = [start_of(label) for label in rows["Season"]]
    return probabilities.select(pl.all() / total).with_columns(
        season=pl.Series(seasons, dtype=pl.Int16),
        league=rows["Div"],
        home=pl.Series(clubs["home"], dtype=pl.String),
        away=pl.Series(clubs["away"], dtype=pl.String),
    )
