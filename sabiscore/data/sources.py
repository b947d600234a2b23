"""Other sources beside the season files, as plain CSV: what they know is added to the canonical frame.

Each file has a header and a row a match (or a row a club and day); ``Div``, ``HomeTeam`` and ``AwayTeam`` are what the
season files have, a ``Date`` is dd/mm/yyyy or yyyy-mm-dd, and further columns are left alone:

    xg               Date,Div,HomeTeam,AwayTeam,HxG,AxG
                     expected goals of each side; where season files have some, those count
    closing          Date,Div,HomeTeam,AwayTeam,CloseH,CloseD,CloseA
                     average odds at kick-off; if there, also Close>2.5,Close<2.5 and the opening OpenH,OpenD,OpenA
    other_matches    Date,Div,Club
                     matches in other competitions; Div is any division of the club's country, or its first three
                     letters (ENG)
    fivethirtyeight  Date,Div,HomeTeam,AwayTeam,p538_H,p538_D,p538_A
                     their probabilities; of rows with a column prematch, only those with a 1 in it

A row of a match or a club that is not known is left out and counted. What is no table of this kind, no date, no
number, or a match twice is refused with its line.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal

import polars as pl
from msgspec import Struct

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.cells import MOST_XG, are_odds, day, measure, number
from sabiscore.data.frame import SIDES, TOTALS, odds
from sabiscore.data.prices import with_prices
from sabiscore.data.table import Table, read_table
from sabiscore.errors import DataError

MATCH = ("date", "league", "home", "away")
"""What names a match, here and in the frame."""

MOST_ROWS = 500_000
FURTHEST = 30
"""Days from a match to one in another competition that are told."""

FORECAST = odds("fivethirtyeight")
"""Columns that the frame has only where the file is given."""

_NEAREST: dict[Literal["backward", "forward"], str] = {"backward": "before", "forward": "after"}
_CLOSING = ("CloseH", "CloseD", "CloseA")
_OPTIONAL = ("OpenH", "OpenD", "OpenA", "Close>2.5", "Close<2.5")


class Sources(Struct, frozen=True):
    """The files of other sources, where there are any."""

    xg: Path | None = None
    closing: Path | None = None
    other_matches: Path | None = None
    fivethirtyeight: Path | None = None


class Joined(Struct, frozen=True):
    """A canonical frame with what other sources know, and how many rows of each were ``left_out``."""

    frame: pl.DataFrame
    left_out: dict[str, int]


def join_sources(frame: pl.DataFrame, sources: Sources, catalogue: Catalogue) -> Joined:
    """The canonical ``frame`` with what ``sources`` know of its matches.

    Raises:
        DataError: a file is refused.
    """
    left_out = {}
    for name, join in _JOINS.items():
        path = getattr(sources, name)
        if path is not None:
            frame, left_out[name] = join(frame, path, catalogue)
    return Joined(with_prices(frame), left_out)


def _join_xg(frame: pl.DataFrame, path: Path, catalogue: Catalogue) -> tuple[pl.DataFrame, int]:
    rows = _match_rows(path, catalogue, {"xg_home": "HxG", "xg_away": "AxG"})
    values = {f"xg_{side}": measure(f"xg_{side}", MOST_XG) for side in SIDES}
    frame, left_out = _join(frame, rows.select(*MATCH, **values))
    known = [pl.coalesce(f"{side}_xg", f"xg_{side}").alias(f"{side}_xg") for side in SIDES]
    return frame.with_columns(known).drop(*values), left_out


def _join_closing(frame: pl.DataFrame, path: Path, catalogue: Catalogue) -> tuple[pl.DataFrame, int]:
    ours = {
        odds("other_closing"): _CLOSING,
        odds("opening"): _OPTIONAL[:3],
        odds("other_closing", TOTALS): _OPTIONAL[3:],
    }
    columns = {
        name: theirs for names, group in ours.items() for name, theirs in zip(names, group, strict=True)
    }
    rows = _match_rows(path, catalogue, columns, optional=_OPTIONAL)
    values = {
        name: pl.when(are_odds([number(each) for each in names])).then(number(name))
        for names in ours
        for name in names
    }
    joined, left_out = _join(frame.drop(*values), rows.select(*MATCH, **values))
    return joined.select(frame.columns), left_out


def _join_fivethirtyeight(frame: pl.DataFrame, path: Path, catalogue: Catalogue) -> tuple[pl.DataFrame, int]:
    columns = dict(zip(FORECAST, ("p538_H", "p538_D", "p538_A"), strict=True)) | {"prematch": "prematch"}
    rows = _match_rows(path, catalogue, columns, optional=("prematch",))
    rows = rows.filter(pl.col("prematch").is_in(["", "1"]))
    return _join(frame, rows.select(*MATCH, **{name: measure(name, 1) for name in FORECAST}))


def _join_other_matches(frame: pl.DataFrame, path: Path, catalogue: Catalogue) -> tuple[pl.DataFrame, int]:
    table = _table(path, ("Date", "Div", "Club"))
    countries = {league.country[:3].upper(): league.code for league in reversed(catalogue.leagues)}
    codes = [countries.get(code, code) for code in table.column("Div")]
    rows = _cells(table, {"date": "Date"}).with_columns(
        league=pl.Series(codes, dtype=pl.String), club=_keys(table.column("Club"), codes, catalogue)
    )
    country = pl.col("league").replace_strict(
        {league.code: league.country for league in catalogue.leagues}, default=None, return_dtype=pl.String
    )
    rows = _dated(rows, path).select("date", "club", country=country)
    known = rows.drop_nulls().unique().sort("date")
    sides = [frame.with_columns(country=country)]
    for side in SIDES:
        sides.append(_days_to_others(sides[-1], known, side))
    return sides[-1].select(frame.columns), len(rows) - len(rows.drop_nulls())


def _days_to_others(frame: pl.DataFrame, others: pl.DataFrame, side: str) -> pl.DataFrame:
    """``frame`` with the days from the side's last other match and until its next, null where far."""
    near = others.select("date", "country", pl.col("club").alias(side), other="date")
    for strategy, name in _NEAREST.items():
        found = frame.join_asof(
            near,
            on="date",
            by=["country", side],
            strategy=strategy,
            tolerance=timedelta(days=FURTHEST),
            check_sortedness=False,
        )
        days = (pl.col("other") - pl.col("date")).dt.total_days().abs().cast(pl.Int16)
        frame = found.with_columns(days.alias(f"{side}_other_{name}")).drop("other")
    return frame


_JOINS = {
    "xg": _join_xg,
    "closing": _join_closing,
    "other_matches": _join_other_matches,
    "fivethirtyeight": _join_fivethirtyeight,
}


def _join(frame: pl.DataFrame, rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """``frame`` with the columns of ``rows``, and how many of these name no match of it."""
    left_out = rows.join(frame, on=MATCH, how="anti")
    return frame.join(rows, on=MATCH, how="left", maintain_order="left"), len(left_out)


def _match_rows(
    path: Path, catalogue: Catalogue, columns: Mapping[str, str], *, optional: Sequence[str] = ()
) -> pl.DataFrame:
    """The rows of a file with the match that each is of, null where it is none, and its cells by our names."""
    needed = (
        "Date",
        "Div",
        "HomeTeam",
        "AwayTeam",
        *(name for name in columns.values() if name not in optional),
    )
    table = _table(path, needed)
    codes = table.column("Div")
    rows = _cells(table, {"date": "Date"} | dict(columns)).with_columns(
        league=pl.Series(codes, dtype=pl.String),
        home=_keys(table.column("HomeTeam"), codes, catalogue),
        away=_keys(table.column("AwayTeam"), codes, catalogue),
    )
    rows = _dated(rows, path)
    _refuse(rows, path, pl.any_horizontal(_is_text(name) for name in columns), "a value is no number")
    again = rows.drop_nulls(MATCH).filter(~pl.struct(MATCH).is_first_distinct())
    _refuse(again, path, pl.lit(value=True), "the match is there twice")
    return rows


def _table(path: Path, needed: Iterable[str]) -> Table:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise DataError(path, 0, f"cannot be read: {error.strerror}") from error
    table = read_table(body, path, MOST_ROWS)
    missing = [name for name in needed if name not in table.header]
    if missing:
        raise DataError(path, table.line, f"no column {', '.join(missing)}")
    return table


def _cells(table: Table, columns: Mapping[str, str]) -> pl.DataFrame:
    """The stripped cells by our names, empty where there is no such column, and their lines."""
    empty = [""] * len(table.lines)
    cells = {
        ours: table.column(theirs) if theirs in table.header else empty for ours, theirs in columns.items()
    }
    return pl.DataFrame(
        cells | {"line": table.lines}, schema=dict.fromkeys(cells, pl.String) | {"line": pl.Int64}
    )


def _keys(names: Sequence[str], codes: Sequence[str], catalogue: Catalogue) -> pl.Series:
    pairs = list(zip(names, codes, strict=True))
    keys = {pair: catalogue.file_key(*pair) for pair in set(pairs)}
    return pl.Series([keys[pair] for pair in pairs], dtype=pl.String)


def _dated(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    dated = rows.with_columns(date=day("date"))
    _refuse(dated, path, pl.col("date").is_null(), "no date such as 16/08/2024")
    return dated


def _is_text(name: str) -> pl.Expr:
    return (pl.col(name) != "") & number(name).is_null()


def _refuse(rows: pl.DataFrame, path: Path, wrong: pl.Expr, reason: str) -> None:
    for (line,) in rows.filter(wrong).select("line").head(1).iter_rows():
        raise DataError(path, line, reason)
