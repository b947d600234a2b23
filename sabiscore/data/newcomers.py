"""Clubs that no file has had before: those that come up to the lowest division of a country that there are files of.

A name is a newcomer's if nobody knows it, the division is the lowest of its country, its season is one after those
of which the catalogue has all clubs, the season has a place left for it, and it is close to no other name of the
country: none of its words is like a word of another, or begins like it (`NEAR`), words that four clubs have left
aside. Any other name that is not known is refused.

Of 428 older, other or longer spellings of known clubs four are not close to the rest of their club's names (two were
new names); of 784 clubs, 62 % are close to no other of their country: so many newcomers would come by themselves, and
the others wait for the catalogue. `JaroWinkler` of whole names, as suggestions have it, would take 65 spellings for new
clubs where it lets as many newcomers in.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import polars as pl
from msgspec import Struct

from sabiscore.data import catalogue, disk, seasons
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.cells import day
from sabiscore.data.fixture_list import FILE as FIXTURES
from sabiscore.data.parse import REQUIRED
from sabiscore.data.spelling import LONGEST_NAME
from sabiscore.data.table import Table, read_table
from sabiscore.data.untrusted import decoded
from sabiscore.domain import Club, League
from sabiscore.errors import DataError

FILE = "newcomers.json"
"""Where a bundle has them."""

NEAR = 0.85
"""Likeness of two words from which names are close."""

MOST = 64
MOST_BYTES = 2**14


class Newcomer(Struct, frozen=True, forbid_unknown_fields=True):
    """A club by its name in the files, and the code of the league that it came to."""

    name: str
    league: str


def dump(newcomers: Iterable[Newcomer]) -> bytes:
    """As JSON, in the order in which they came; the same ones give the same bytes."""
    return msgspec.json.encode([*newcomers]) + b"\n"


def load(content: bytes) -> list[Newcomer]:
    """Read what `dump` wrote.

    Raises:
        ValueError: the content is not that, or cannot be right.
    """
    found = decoded(content, list[Newcomer], most=MOST_BYTES, otherwise="no newcomers")
    if len(found) > MOST or not all(_can_be(one.name) for one in found):
        raise ValueError("no newcomers: too many, or a name cannot be right")
    return found


def known(files: Mapping[str, bytes]) -> Catalogue:
    """The catalogue of the package with the newcomers that a bundle's files name; raises ValueError as `load`."""
    return joined(catalogue.load(), load(files.get(FILE, b"[]")))


def read(directory: Path) -> Catalogue:
    """The catalogue of the package with the newcomers in a directory's season files and list of fixtures."""
    shipped = catalogue.load()
    paths = [
        path for path in sorted(directory.glob("[0-9][0-9][0-9][0-9]/*.csv")) if _may_have(path, shipped)
    ]
    files = {path: disk.read(path) for path in (*paths, directory / FIXTURES)}
    return joined(shipped, found(files, shipped))


def added(catalogue: Catalogue) -> list[Newcomer]:
    """The newcomers that a catalogue was `joined` with."""
    return [Newcomer(name, code) for code, name in catalogue.added]


def joined(catalogue: Catalogue, newcomers: Iterable[Newcomer]) -> Catalogue:
    """A catalogue that knows newcomers, too; those of leagues or with names that cannot be are left out."""
    for one in newcomers:
        league = next((league for league in catalogue.leagues if league.code == one.league), None)
        if league and catalogue.is_free(one.name):
            catalogue = catalogue.with_club(Club(one.name, one.name), league)
    return catalogue


def found(files: Mapping[Path, bytes], catalogue: Catalogue) -> list[Newcomer]:
    """The newcomers in season files, an earlier season's first, then those in the list of fixtures.

    A name in the list, which may be misspelled, takes no place in a season from one that has played. A file that cannot
    be read has none: whoever parses it says why.
    """
    played = _named({path: body for path, body in files.items() if path.name != FIXTURES}, catalogue)
    listed = _named({path: body for path, body in files.items() if path.name == FIXTURES}, catalogue)
    newcomers: list[Newcomer] = []
    for named in (played, {key: played.get(key, {}) | names for key, names in listed.items()}):
        for code, season in sorted(named, key=lambda key: (key[1], key[0])):
            league = catalogue.league(code)
            for one in _of_season(named[code, season], league, season, catalogue):
                newcomers.append(one)
                catalogue = joined(catalogue, [one])
    return newcomers


def _of_season(names: Iterable[str], league: League, season: int, catalogue: Catalogue) -> list[Newcomer]:
    """The newcomers among the names that a season's files have: all that nobody knows, or none."""
    strangers = [name for name in names if catalogue.file_key(name, league.code) is None]
    clubs = {key for name in names if (key := catalogue.file_key(name, league.code))}
    if len(clubs) + len(strangers) > catalogue.rules(league.code, season).clubs:
        return []
    newcomers: list[Newcomer] = []
    for name in strangers:
        if _can_be(name) and catalogue.is_free(name) and catalogue.likeness(name, league) < NEAR:
            newcomers.append(Newcomer(name, league.code))
            catalogue = joined(catalogue, newcomers[-1:])
    return newcomers


def _named(files: Mapping[Path, bytes], catalogue: Catalogue) -> dict[tuple[str, int], dict[str, None]]:
    """The clubs' names by lowest division and season, in the order in which they come."""
    lowest = {league.country: league.code for league in sorted(catalogue.leagues, key=lambda one: one.level)}
    named: dict[tuple[str, int], dict[str, None]] = {}
    for path, body in files.items():
        for code, season, name in _clubs(path, body, catalogue):
            if code in lowest.values() and catalogue.may_have_newcomers(code, season):
                named.setdefault((code, season), {})[name] = None
    return named


def _clubs(path: Path, body: bytes, catalogue: Catalogue) -> list[tuple[str, int, str]]:
    """Division, season and name of each club in a file."""
    try:
        if path.name != FIXTURES and not _may_have(path, catalogue):
            return []
        table = read_table(body, path)
        names = [name for side in ("home", "away") for name in _column(table, REQUIRED[side])]
        if path.name == FIXTURES:
            years = _seasons(_column(table, REQUIRED["date"]))
            return list(zip(2 * _column(table, ("Div",)), 2 * years, names, strict=True))
        return [(path.stem, seasons.start_of(path.parent.name), name) for name in names if name]
    except (DataError, ValueError):
        return []


def _may_have(path: Path, catalogue: Catalogue) -> bool:
    """Whether a season's file may have a newcomer; raises ValueError where it is of no season."""
    return catalogue.may_have_newcomers(path.stem, seasons.start_of(path.parent.name))


def _column(table: Table, called: Sequence[str]) -> list[str]:
    """A column by the first of its names that is there; raises ValueError where none is."""
    return table.column(next((name for name in called if name in table.header), called[0]))


def _seasons(texts: Sequence[str]) -> list[int]:
    """The season of each date, 0 of what is none."""
    days = pl.DataFrame({"day": texts}, schema={"day": pl.String}).select(day("day"))["day"].to_list()
    return [0 if one is None else seasons.season_at(one) for one in days]


def _can_be(name: str) -> bool:
    """Whether a club may have this name."""
    return len(name) <= LONGEST_NAME and name.isprintable() and sum(map(str.isalpha, name)) > 2  # noqa: PLR2004
