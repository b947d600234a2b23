"""Match files of football-data.co.uk in, the canonical frame out.

A file is `<season>/<division>.csv`, as in "2425/E0.csv". Its results are the truth of the whole product: what
touches date, clubs or goals and cannot be right is refused with its line; what is only context and
cannot be used is null.

Handled: a byte order mark, UTF-8 or Windows-1252, blank rows anywhere, short rows, extra commas, spaces
around names, dates as dd/mm/yy, dd/mm/yyyy or yyyy-mm-dd (mixed), "2.0" goals, older column names, columns
that are missing but not required, a match written twice alike (kept once), a fixture not yet played (no
goals and no result: left out), a statistic that is no count (null), a half-time score with more goals than the
final one (null), odds that no bookmaker offers (null, with the rest of their set), single bookmakers in place of
their average (averaged, in files that have no averages).

Refused: no match file at all (empty, a web page, no Date, clubs or goals column, a column twice), a row
cut off at the end of the file, a row with more values than columns, a Div of another league, a date that is
none or outside its season, an unknown club, a club against itself or twice on one day, goals that are no
number from 0 to 30, a result that disagrees with its goals, a match written twice differently (where clubs
meet more than twice: on one day).
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import polars as pl

from sabiscore.data import seasons
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.cells import (
    MOST_GOALS,
    MOST_OF_A_STATISTIC,
    MOST_XG,
    are_handicap,
    are_odds,
    count,
    day,
    measure,
    minutes,
    number,
)
from sabiscore.data.frame import FACTS, LINES, ORDER, SCHEMA, SIDES, STATISTICS, TOTALS, handicap, odds
from sabiscore.data.prices import with_prices
from sabiscore.data.table import Table, read_table
from sabiscore.domain import League
from sabiscore.errors import DataError

REQUIRED = {
    "date": ("Date",),
    "home": ("HomeTeam", "HT", "Home"),
    "away": ("AwayTeam", "AT", "Away"),
    "home_goals": ("FTHG", "HG"),
    "away_goals": ("FTAG", "AG"),
}
"""Columns of ours and what the files call them, the first that is there counts."""

OPTIONAL = {
    "division": ("Div",),
    "result": ("FTR", "Res"),
    "time": ("Time",),
    "home_half_goals": ("HTHG",),
    "away_half_goals": ("HTAG",),
    "home_shots": ("HS",),
    "away_shots": ("AS",),
    "home_shots_on_target": ("HST",),
    "away_shots_on_target": ("AST",),
    "home_corners": ("HC",),
    "away_corners": ("AC",),
    "home_yellows": ("HY",),
    "away_yellows": ("AY",),
    "home_reds": ("HR",),
    "away_reds": ("AR",),
    "home_xg": ("HxG",),
    "away_xg": ("AxG",),
}

Sets: TypeAlias = dict[tuple[str, ...], tuple[tuple[str, ...], ...]]
"""Columns of ours that count as a whole and the sets of the files, newest layout first."""

Usable: TypeAlias = Callable[[Sequence[pl.Expr]], pl.Expr]
"""Whether the cells of a set can be right."""

PRICES: Sets = {
    odds("average"): (("AvgH", "AvgD", "AvgA"), ("BbAvH", "BbAvD", "BbAvA")),
    odds("closing"): (("AvgCH", "AvgCD", "AvgCA"),),
    odds("maximum"): (("MaxH", "MaxD", "MaxA"), ("BbMxH", "BbMxD", "BbMxA")),
    odds("pinnacle_closing"): (("PSCH", "PSCD", "PSCA"),),
    odds("average", TOTALS): (("Avg>2.5", "Avg<2.5"), ("BbAv>2.5", "BbAv<2.5")),
    odds("closing", TOTALS): (("AvgC>2.5", "AvgC<2.5"),),
}
HANDICAPS: Sets = {
    handicap("average"): (("AHh", "AvgAHH", "AvgAHA"), ("BbAHh", "BbAvAHH", "BbAvAHA")),
    handicap("closing"): (("AHCh", "AvgCAHH", "AvgCAHA"),),
}
"""A line and the odds of each side."""

BOOKMAKERS = tuple(
    tuple(f"{name}{outcome}" for outcome in "HDA")
    for name in ("B365", "BS", "BW", "GB", "IW", "LB", "SB", "SJ", "SO", "SY", "VC", "WH")
)
"""Single bookmakers, whose mean is the average where a file has none (before 2005/06)."""

LONGEST_QUOTE = 40
_PLACE = re.compile(r"{(\w+)}")
_SETS = [group for sets in (*PRICES.values(), *HANDICAPS.values()) for group in sets]
_AVERAGES = PRICES[odds("average")]
_OF_BOOKMAKERS = frozenset(name for group in BOOKMAKERS for name in group)
_TEXTS = tuple(REQUIRED | OPTIONAL)
_PRICES = tuple(name for group in (*_SETS, *BOOKMAKERS) for name in group)
_WANTED = REQUIRED | OPTIONAL | {name: (name,) for name in _PRICES}


def read_matches(
    directory: Path, catalogue: Catalogue, leagues: Iterable[League] | None = None
) -> pl.DataFrame:
    """Every match in ``directory``, of ``leagues`` (all by default): `frame.SCHEMA` sorted by `frame.ORDER`.

    Files of other divisions are left alone.

    Raises:
        DataError: a file is refused, or there is none.
    """
    files = {path: read_file(path) for path in season_files(directory, catalogue, leagues)}
    return parse_seasons(files, catalogue)


def season_files(
    directory: Path, catalogue: Catalogue, leagues: Iterable[League] | None = None
) -> list[Path]:
    """The files of ``leagues`` (all by default) in ``directory``; raises DataError where there is none."""
    codes = {league.code for league in (catalogue.leagues if leagues is None else leagues)}
    paths = sorted(path for path in directory.glob("[0-9][0-9][0-9][0-9]/*.csv") if path.stem in codes)
    if not paths:
        raise DataError(
            directory, 0, f"no match files here; get them with `sabiscore pull --into {directory}`"
        )
    return paths


def parse_seasons(files: Mapping[Path, bytes], catalogue: Catalogue) -> pl.DataFrame:
    """As `read_matches`, of at least one file with its content."""
    return _matches([_rows(body, path, catalogue) for path, body in files.items()])


def read_season(path: Path, catalogue: Catalogue) -> pl.DataFrame:
    """The matches of one file: `frame.SCHEMA` sorted by `frame.ORDER`; no rows before a season's first match.

    Raises:
        DataError: the file is refused.
    """
    return parse_season(read_file(path), path, catalogue)


def parse_season(body: bytes, path: Path, catalogue: Catalogue) -> pl.DataFrame:
    """As `read_season`, for a ``body`` that is to be the file at ``path``."""
    return _matches([_rows(body, path, catalogue)])


def read_file(path: Path) -> bytes:
    """The content of a match file; raises DataError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(path, 0, f"cannot be read: {error.strerror}") from error


def _rows(body: bytes, path: Path, catalogue: Catalogue) -> pl.DataFrame:
    """The cells we want of one file as stripped text, with where they are from and the clubs' keys."""
    league, start = _league_and_season(path, catalogue)
    rules = catalogue.rules(league.code, start)
    table = read_table(body, path)
    columns = _columns(table, path)
    opens, closes = seasons.days_of(start)
    clubs = {
        f"{side}_{what}": values
        for side in ("home", "away")
        for what, values in zip(("key", "problem"), _clubs(columns[side], league, catalogue), strict=True)
    }
    return pl.DataFrame(
        columns | clubs | {"line": table.lines},
        schema_overrides=dict.fromkeys(columns | clubs, pl.String) | {"line": pl.Int64},
    ).with_columns(
        file=pl.lit(str(path)),
        league=pl.lit(league.code),
        season=pl.lit(start),
        opens=pl.lit(opens),
        closes=pl.lit(closes),
        country=pl.lit(league.country),
        tier=pl.lit(league.level - 1),
        season_matches=pl.lit(rules.rounds),
        **{name: pl.lit(places) for name, places in zip(LINES, rules.lines, strict=True)},
        often=pl.lit(rules.often),
    )


def _league_and_season(path: Path, catalogue: Catalogue) -> tuple[League, int]:
    league = next((league for league in catalogue.leagues if league.code == path.stem), None)
    if league is None:
        known = ", ".join(league.code for league in catalogue.leagues)
        raise DataError(path, 0, f"the file's name is no division we know ({known})")
    try:
        return league, seasons.start_of(path.parent.name)
    except ValueError as error:
        raise DataError(path, 0, f"the directory's name: {error}") from error


def _columns(table: Table, path: Path) -> dict[str, list[str]]:
    """The cells ``[n]`` of each column we want, by our name."""
    present: dict[str, str] = {}
    averaged = any(set(group) <= set(table.header) for group in _AVERAGES)
    wanted = {ours: theirs for ours, theirs in _WANTED.items() if not (averaged and ours in _OF_BOOKMAKERS)}
    for ours, theirs in wanted.items():
        found = next((name for name in theirs if name in table.header), None)
        if found and table.header.count(found) > 1:
            raise DataError(path, table.line, f"column {found} twice")
        if found:
            present[ours] = found
    missing = [theirs[0] for ours, theirs in REQUIRED.items() if ours not in present]
    if missing:
        raise DataError(path, table.line, f"not a match file: no column {', '.join(missing)}")
    return {ours: table.column(theirs) for ours, theirs in present.items()}


def _clubs(
    names: Sequence[str], league: League, catalogue: Catalogue
) -> tuple[list[str | None], list[str | None]]:
    """Key of each name ``[n]`` and what is wrong with it ``[n]``: one of the two is None."""
    keys = {name: catalogue.file_key(name, league.code) for name in set(names)}
    problems = {name: str(catalogue.unknown_club(name, league)) for name, key in keys.items() if key is None}
    return [keys[name] for name in names], [problems.get(name) for name in names]


def _matches(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    rows = pl.concat(tables, how="diagonal")
    absent = [pl.lit("").alias(name) for name in _TEXTS if name not in rows.columns]
    prices = [name for name in _PRICES if name in rows.columns]
    rows = rows.with_columns(absent).with_columns(pl.col(_TEXTS).fill_null(""), *map(number, prices))
    played = rows.filter(pl.any_horizontal(pl.col("home_goals", "away_goals", "result") != ""))
    played = played.with_columns(day=day("date"))
    _refuse_first(played.select("file", "line", reason=_fault()).drop_nulls())
    canonical = _canonical(frozenset(prices))
    unknown = [pl.lit(None).alias(name) for name in SCHEMA if name not in canonical]
    matches = played.select("file", "line", "often", *unknown, **canonical).cast(pl.Schema(SCHEMA))
    return with_prices(_once(matches).select(list(SCHEMA)).sort(ORDER))


def _fault() -> pl.Expr:
    """The first reason to refuse a row, null where there is none."""
    home, away = count("home_goals", MOST_GOALS), count("away_goals", MOST_GOALS)
    outcome = (
        pl.when(home > away).then(pl.lit("H")).when(home < away).then(pl.lit("A")).otherwise(pl.lit("D"))
    )
    division, result = pl.col("division"), pl.col("result").str.to_uppercase()
    return pl.coalesce(
        _when((division != "") & (division != pl.col("league")), "Div is '{division}' in a file of {league}"),
        _when(pl.col("day").is_null(), "'{date}' is no date such as 16/08/2024"),
        _when(~pl.col("day").is_between("opens", "closes"), "{date} is outside the season"),
        pl.col("home_problem"),
        pl.col("away_problem"),
        _when(pl.col("home_key") == pl.col("away_key"), "{home} against itself"),
        _when(home.is_null(), f"'{{home_goals}}' is no number of goals from 0 to {MOST_GOALS}"),
        _when(away.is_null(), f"'{{away_goals}}' is no number of goals from 0 to {MOST_GOALS}"),
        _when(
            (result != "") & (result != outcome), "'{result}', but the goals are {home_goals}-{away_goals}"
        ),
    )


def _when(wrong: pl.Expr, reason: str) -> pl.Expr:
    """``reason`` with its {columns} filled in where ``wrong``, else null."""
    cells = [pl.col(name).str.slice(0, LONGEST_QUOTE) for name in _PLACE.findall(reason)]
    return pl.when(wrong).then(pl.format(_PLACE.sub("{}", reason), *cells))


def _refuse_first(faults: pl.DataFrame) -> None:
    for file, line, reason in faults.head(1).iter_rows():
        raise DataError(file, line, reason)


def _canonical(prices: Collection[str]) -> dict[str, pl.Expr]:
    """The columns of ours that can be told where the files have odds in the columns ``prices``."""
    return {
        "league": pl.col("league"),
        "season": pl.col("season"),
        "date": pl.col("day"),
        "home": pl.col("home_key"),
        "away": pl.col("away_key"),
        "home_goals": count("home_goals", MOST_GOALS),
        "away_goals": count("away_goals", MOST_GOALS),
        "time": minutes("time"),
        **_half_goals(),
        **{
            f"{side}_{name}": count(f"{side}_{name}", MOST_OF_A_STATISTIC)
            for name in STATISTICS
            for side in SIDES
        },
        **{f"{side}_xg": measure(f"{side}_xg", MOST_XG) for side in SIDES},
        **_first_usable(PRICES, prices, are_odds),
        **_averages(prices),
        **_first_usable(HANDICAPS, prices, are_handicap),
        **{name: pl.col(name) for name in FACTS},
    }


def _half_goals() -> dict[str, pl.Expr]:
    goals = {side: count(f"{side}_half_goals", MOST_GOALS) for side in SIDES}
    possible = pl.all_horizontal(goals[side] <= count(f"{side}_goals", MOST_GOALS) for side in SIDES)
    return {f"{side}_half_goals": pl.when(possible).then(goals[side]) for side in SIDES}


def _first_usable(sets: Sets, prices: Collection[str], usable: Usable) -> dict[str, pl.Expr]:
    """Each of our columns of ``sets`` and its value in the first set that is usable, of those there."""
    found = {}
    for names, groups in sets.items():
        offers = [[pl.col(theirs) for theirs in group] for group in groups if set(group) <= set(prices)]
        for place, ours in enumerate(names if offers else ()):
            found[ours] = pl.coalesce(pl.when(usable(offer)).then(offer[place]) for offer in offers)
    return found


def _averages(prices: Collection[str]) -> dict[str, pl.Expr]:
    """The average odds, or else the mean of the bookmakers there."""
    names = odds("average")
    known = _first_usable({names: PRICES[names]}, prices, are_odds)
    offers = [[pl.col(theirs) for theirs in group] for group in BOOKMAKERS if set(group) <= set(prices)]
    if not offers:
        return known
    means = (
        pl.mean_horizontal(pl.when(are_odds(offer)).then(offer[place]) for offer in offers)
        for place in range(len(names))
    )
    return {
        name: pl.coalesce(*([known[name]] if known else []), mean)
        for name, mean in zip(names, means, strict=True)
    }


def _once(matches: pl.DataFrame) -> pl.DataFrame:
    """``matches`` without exact repetitions.

    Raises:
        DataError: a match is there twice, differently, or a club plays twice on one day.
    """
    matches = matches.unique(list(SCHEMA), keep="first", maintain_order=True)
    occasions = matches.with_columns(occasion=pl.when("often").then("date"))
    same_match = ("season", "league", "home", "away", "occasion")
    _refuse_pair(occasions, same_match, "{home} - {away} again, and not as in line {first}")
    sides = [matches.select("file", "line", "league", "date", club=side) for side in ("home", "away")]
    _refuse_pair(
        pl.concat(sides), ("date", "league", "club"), "{club} plays twice on {date}: see line {first}"
    )
    return matches


def _refuse_pair(rows: pl.DataFrame, same: Sequence[str], reason: str) -> None:
    pairs = rows.filter(pl.len().over(same) > 1).sort(*same, "line")
    if pairs.is_empty():
        return
    first, second = pairs.row(0, named=True), pairs.row(1, named=True)
    raise DataError(second["file"], second["line"], reason.format(first=first["line"], **second))
