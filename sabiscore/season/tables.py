"""Projected tables as a bundle keeps them: JSON, by league code."""

from datetime import date
from itertools import pairwise

import msgspec
from msgspec import Struct

from sabiscore.data.untrusted import decoded
from sabiscore.season.schemas import PlaceChances, ProjectionInfo

FILE = "tables.json"
MOST_BYTES = 2**20
MOST_CLUBS = 64
TOLERANCE = 0.01
"""By how much chances of all places may differ from 1: each has four decimals."""


class ProjectedTable(Struct, frozen=True, forbid_unknown_fields=True):
    """What may become of each club of a league's season, by its key, after its matches through a day.

    ``state`` is a digest of all that it was made from.
    """

    state: str
    season: int
    data_through: date
    simulations: int
    to_come: int
    clubs: dict[str, PlaceChances]

    @property
    def info(self) -> ProjectionInfo:
        """How it was made."""
        return ProjectionInfo(self.simulations, self.to_come, self.data_through)


def dump(tables: dict[str, ProjectedTable]) -> bytes:
    """The tables as JSON, by league code; the same ones give the same bytes."""
    return msgspec.json.encode({code: tables[code] for code in sorted(tables)}) + b"\n"


def load(content: bytes) -> dict[str, ProjectedTable]:
    """Read what `dump` wrote.

    Raises:
        ValueError: the content is not that, or cannot be right.
    """
    tables = decoded(content, dict[str, ProjectedTable], most=MOST_BYTES, otherwise="no projected tables")
    for table in tables.values():
        _check(table)
    return tables


def _check(table: ProjectedTable) -> None:
    clubs = len(table.clubs)
    if clubs > MOST_CLUBS:
        raise ValueError(f"no projected tables: one has {clubs} clubs")
    for club in table.clubs.values():
        named = [getattr(club, name) for name in PlaceChances.__struct_fields__[2:]]
        chances = [*club.positions, *(chance for chance in named if chance is not None)]
        title, champions, europe = club.title, club.champions_league, club.europe
        nested = [each for each in (title, champions, europe) if each is not None]
        if not (
            len(club.positions) == clubs
            and all(0.0 <= chance <= 1.0 for chance in chances)
            and abs(sum(club.positions) - 1.0) < TOLERANCE
            and all(one <= other + TOLERANCE for one, other in pairwise(nested))
        ):
            raise ValueError("no projected tables: a chance cannot be right")
