"""Which columns of a file say what is asked, and what a row of them asks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

import polars as pl
from msgspec import Struct

from sabiscore.domain import Fixture, Odds
from sabiscore.errors import InvalidFixtureError, KickoffOutOfRangeError, SabiScoreError

COLUMNS = {
    "kickoff": ("kickoff_time", "kickoff", "date"),
    "league": ("league", "div"),
    "home": ("home_team", "home", "hometeam"),
    "away": ("away_team", "away", "awayteam"),
}
"""What is asked, and the names that its column may have, in small letters; the first one there is counts."""

ODDS = {
    "odds_home": ("odds_home", "avgh"),
    "odds_draw": ("odds_draw", "avgd"),
    "odds_away": ("odds_away", "avga"),
}
"""The same of odds, which need not be there."""

BRITISH = "%d/%m/%Y"
"""Days in files of football-data.co.uk."""

REMEMBERED = 4096

Resolve = Callable[..., Fixture]


class Columns(Struct, frozen=True):
    """The columns of a file that say what is asked."""

    asked: Mapping[str, str]
    odds: Sequence[str]

    @classmethod
    def of(cls, names: Sequence[str]) -> "Columns":
        """Those among the columns of a file.

        Raises:
            SabiScoreError: one is missing.
        """
        there = {name.lower(): name for name in reversed(names)}
        found = {
            what: next((there[name] for name in known if name in there), None)
            for what, known in COLUMNS.items()
        }
        missing = [" or ".join(COLUMNS[what]) for what, name in found.items() if name is None]
        if missing:
            raise SabiScoreError(f"no column {', no column '.join(missing)} in the file")
        odds = [next((there[name] for name in known if name in there), None) for known in ODDS.values()]
        return cls(
            {what: name for what, name in found.items() if name is not None},
            [name for name in odds if name is not None] if all(odds) else [],
        )

    def fixtures(self, piece: pl.DataFrame, resolve: Resolve) -> Iterator[Fixture | str]:
        """The fixture of each row, as ``resolve`` makes it of names, or why there is none."""
        kickoffs = piece[self.asked["kickoff"]].to_list()
        names = (piece[self.asked[what]].cast(pl.String).to_list() for what in ("league", "home", "away"))
        odds: Sequence[Any] = [None] * len(piece)
        if self.odds:
            odds = [*zip(*(piece[name].to_list() for name in self.odds), strict=True)]
        for kickoff, league, home, away, prices in zip(kickoffs, *names, odds, strict=True):
            try:
                yield resolve(
                    home_team=home or "",
                    away_team=away or "",
                    league=league or "",
                    kickoff_time=instant(kickoff),
                    odds=prices and _odds(prices),
                )
            except InvalidFixtureError as error:
                yield str(error)


@lru_cache(REMEMBERED)
def instant(given: object) -> datetime:
    """The instant that a cell means; one without an offset is in UTC, a day alone begins there.

    Raises:
        KickoffOutOfRangeError: it means none.
    """
    moment = _read(given) if isinstance(given, str) else given
    if isinstance(moment, datetime):
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if isinstance(moment, date):
        return datetime.combine(moment, time(), UTC)
    raise KickoffOutOfRangeError(
        "Kick-off {given} is no day or time such as 2025-08-30T16:30:00Z.", given=repr(given)
    )


def _read(text: str) -> datetime | None:
    """What the text says, if it is a day or a time."""
    for read in (datetime.fromisoformat, _british):
        with suppress(ValueError):
            return read(text)
    return None


def _british(text: str) -> datetime:
    return datetime.strptime(text, BRITISH).replace(tzinfo=UTC)


def _odds(prices: tuple[object, object, object]) -> Odds | None:
    """Raises InvalidFixtureError unless all are numbers, or none is there."""
    if all(each is None or each == "" for each in prices):
        return None
    try:
        return Odds(*map(float, prices))  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise InvalidFixtureError("Give odds on home, draw and away as numbers, or none of them.") from error
