"""The matches that tests run on: one small Parquet file of what the parser reads of season files.

`python -m tests.sample DIR` makes it again from a directory of season files (`sabiscore pull --into DIR`).
"""

import sys
from pathlib import Path

import polars as pl

from sabiscore.data import seasons
from sabiscore.data.frame import SIDES, STATISTICS
from sabiscore.data.parse import HANDICAPS, OPTIONAL, PRICES

SAMPLE = Path(__file__).with_name("matches.parquet")
LAST_SEASON = 2024
FIRST_SEASON = {"E0": 2005, "SP1": 2018, "I1": 2018, "D1": 2018, "F1": 2018} | dict.fromkeys(
    ("E1", "EC", "SP2", "D2", "SC0"), 2021
)
"""The divisions in the sample, and from when on."""

TYPES = {
    "Div": pl.String,
    "Date": pl.Date,
    **dict.fromkeys(("Time", "HomeTeam", "AwayTeam", "FTR"), pl.String),
    **dict.fromkeys(("FTHG", "FTAG"), pl.Int16),
    **{OPTIONAL[f"{side}_{name}"][0]: pl.Int16 for name in ("half_goals", *STATISTICS) for side in SIDES},
    **{name: pl.Float64 for sets in (PRICES | HANDICAPS).values() for name in sets[0]},
}
"""The columns of season files that are kept: odds in the newest layout, so that some seasons have none."""


def write_files(into: Path) -> None:
    """The season files, `<season>/<division>.csv`, each with the columns that its season has."""
    for (season, division), matches in pl.read_parquet(SAMPLE).group_by("season", "Div", maintain_order=True):
        file = into / str(season) / f"{division}.csv"
        file.parent.mkdir(exist_ok=True)
        known = [column.name for column in matches if column.null_count() < len(matches)]
        matches.select(known).drop("season").write_csv(file, line_terminator="\r\n", date_format="%d/%m/%Y")


def make(directory: Path) -> None:
    """The sample of the season files in a directory."""
    paths = sorted(directory.glob("[0-9][0-9][0-9][0-9]/*.csv"))
    rows = pl.concat([_rows(path) for path in paths if _is_chosen(path)], how="diagonal")
    rows.sort("Div", "Date", "HomeTeam").write_parquet(SAMPLE, compression="zstd", compression_level=19)


def _is_chosen(path: Path) -> bool:
    first = FIRST_SEASON.get(path.stem, LAST_SEASON + 1)
    return first <= seasons.start_of(path.parent.name) <= LAST_SEASON


def _rows(path: Path) -> pl.DataFrame:
    file = pl.read_csv(path, infer_schema=False, encoding="utf8-lossy", truncate_ragged_lines=True)
    there = [name for name in TYPES if name in file.columns]
    return (
        file.filter(pl.col("FTR").str.len_chars() == 1)
        .select(there)
        .cast({name: TYPES[name] for name in there if TYPES[name] is not pl.Date}, strict=False)
        .with_columns(
            pl.coalesce(pl.col("Date").str.to_date(form, strict=False) for form in ("%d/%m/%Y", "%d/%m/%y")),
            season=pl.lit(path.parent.name),
        )
    )


if __name__ == "__main__":
    make(Path(sys.argv[1]))
