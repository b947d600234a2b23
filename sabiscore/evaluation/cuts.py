"""Which part of a season a match belongs to, and which leagues are looked at together."""

from collections.abc import Collection, Sequence

import polars as pl

from sabiscore.data.seasons import name_of

FIVE = ("E0", "SP1", "I1", "D1", "F1")
SECOND = ("E1", "SP2", "I2", "D2", "F2")
FIRST_ROUNDS, LAST_ROUNDS = 6, 4
ROUNDS = ("first six", "middle", "last four")
NEWCOMERS = ("newcomers' first six", "others")
MONTHS = (
    *("July", "August", "September", "October", "November", "December"),
    *("January", "February", "March", "April", "May", "June"),
)


def groups(present: Collection[str], chosen: Sequence[str] = ()) -> dict[str, list[str]]:
    """Codes of leagues that are looked at together, the most important first.

    The ``chosen`` ones; without, the five big, the second divisions below them, and others, as far as ``present``.
    """
    if chosen:
        parts = {", ".join(chosen): chosen}
    else:
        others = sorted(set(present) - {*FIVE, *SECOND})
        parts = {"five leagues": FIVE, "second divisions": SECOND, "other leagues": others}
    found = {name: [code for code in codes if code in present] for name, codes in parts.items()}
    return {name if len(codes) > 1 else codes[0]: codes for name, codes in found.items() if codes}


def with_cuts(frame: pl.DataFrame) -> pl.DataFrame:
    """A canonical frame with the columns that its parts are made by: season_name, round, newcomer, month, year_month.

    A match is among the ``first six`` or ``last four`` if it is of one of its clubs. A newcomer is a club that was not
    in the league the season before (it came up or, in lower divisions, down).
    """
    names = {season: name_of(season) for season in frame["season"].unique()}
    month = pl.col("date").dt.month()
    return (
        frame.with_row_index("row")
        .join(_places(frame), on="row", how="left", maintain_order="left")
        .with_columns(
            season_name=pl.col("season").replace_strict(names, return_dtype=pl.String),
            month=((month + 5) % 12)
            .cast(pl.Int32)
            .replace_strict(dict(enumerate(MONTHS)), return_dtype=pl.String),
            year_month=pl.col("date").dt.strftime("%Y-%m"),
            round=pl.when(pl.col("left") <= LAST_ROUNDS)
            .then(pl.lit(ROUNDS[2]))
            .otherwise(
                pl.when(pl.col("played") < FIRST_ROUNDS).then(pl.lit(ROUNDS[0])).otherwise(pl.lit(ROUNDS[1]))
            ),
            newcomer=pl.when("fresh").then(pl.lit(NEWCOMERS[0])).otherwise(pl.lit(NEWCOMERS[1])),
        )
        .drop("row", "played", "left", "fresh")
    )


def _places(frame: pl.DataFrame) -> pl.DataFrame:
    """By row: the fewer matches that one of its clubs has played and has left, this one included; fresh newcomers.

    A season that is not over has as many as everyone against everyone twice.
    """
    of_club, of_season = ("league", "season", "club"), ("league", "season")
    numbered = frame.with_row_index("row")
    sides = pl.concat(
        numbered.select("row", "league", "season", "date", club=side) for side in ("home", "away")
    ).sort("date", "row")
    in_all = pl.max_horizontal(pl.len().over(of_club), 2 * (pl.col("club").n_unique().over(of_season) - 1))
    sides = sides.with_columns(played=pl.int_range(pl.len()).over(of_club)).with_columns(
        left=in_all.cast(pl.Int64) - pl.col("played")
    )
    return (
        sides.join(_newcomers(sides), on=of_club, how="left")
        .group_by("row")
        .agg(
            pl.col("played").min(),
            pl.col("left").min(),
            fresh=(pl.col("new").fill_null(value=False) & (pl.col("played") < FIRST_ROUNDS)).any(),
        )
    )


def _newcomers(sides: pl.DataFrame) -> pl.DataFrame:
    """The clubs of each league and season that were not there the season before, if the league was."""
    clubs = sides.select("league", "season", "club").unique()
    before = clubs.with_columns(pl.col("season") + 1)
    known = clubs.join(before, on=["league", "season"], how="semi")
    return known.join(before, on=["league", "season", "club"], how="anti").with_columns(new=pl.lit(True))  # noqa: FBT003
