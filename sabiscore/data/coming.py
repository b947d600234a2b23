"""The fixtures that come, as a bundle keeps them: JSON, by kick-off."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

import msgspec
import polars as pl

from sabiscore.data import seasons
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.ids import fixture_id
from sabiscore.data.prices import are_offered
from sabiscore.data.spelling import LONGEST_NAME
from sabiscore.data.untrusted import decoded
from sabiscore.domain import Fixture, ListedFixture

FILE = "coming.json"
MOST_FIXTURES = 2_000
MOST_BYTES = 2**20
LONGEST_ID = 255
FIRST_YEAR, LAST_YEAR = 1993, 2198

SAME_OCCASION = timedelta(days=7)
"""Where clubs are host to each other more than once a season, a match so near to its date is the one listed."""

_ID = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")


def dump(fixtures: Iterable[ListedFixture]) -> bytes:
    """The fixtures as JSON, by kick-off; the same ones give the same bytes."""
    ordered = sorted(fixtures, key=_order)
    return msgspec.json.format(msgspec.json.encode(ordered), indent=1) + b"\n"


def load(content: bytes) -> list[ListedFixture]:
    """Read what `dump` wrote.

    Raises:
        ValueError: the content is not that, or cannot be right.
    """
    fixtures = decoded(content, list[ListedFixture], most=MOST_BYTES, otherwise="no list of fixtures")
    if len(fixtures) > MOST_FIXTURES:
        raise ValueError(f"no list of fixtures: more than {MOST_FIXTURES}")
    for fixture in fixtures:
        _check(fixture)
    if not all(_order(one) < _order(other) for one, other in pairwise(fixtures)):
        raise ValueError("no list of fixtures: they are not in the order of their kick-offs")
    if len({fixture.id for fixture in fixtures}) < len(fixtures):
        raise ValueError("no list of fixtures: an id is there twice")
    return fixtures


def to_come(listed: Iterable[Fixture], matches: pl.DataFrame, catalogue: Catalogue) -> list[ListedFixture]:
    """Of the fixtures that are listed those that are not among the played ``matches``, by kick-off, each with its id.

    A match that was moved is the same one. Where clubs are host to each other more than once a season, it is if it was
    played within a week of its date, or after.
    """
    listed = [*listed]
    played = _days(matches, {fixture.home.key for fixture in listed})
    found: dict[str, ListedFixture] = {}
    for fixture in sorted(listed, key=lambda one: (one.kickoff, one.league.code, one.home.key)):
        season = seasons.season_at(fixture.kickoff.date())
        days = played[fixture.league.code, season, fixture.home.key, fixture.away.key]
        meeting = _meeting(
            days, fixture.kickoff.date(), often=catalogue.rules(fixture.league.code, season).often
        )
        if meeting:
            days.append(fixture.kickoff.date())
            one = _listed(fixture, season, meeting)
            found[one.id] = one
    return sorted(found.values(), key=_order)


def _days(matches: pl.DataFrame, hosts: set[str]) -> defaultdict[tuple[str, int, str, str], list[date]]:
    """On which days ``hosts`` were that to others, by league, season and clubs."""
    days: defaultdict[tuple[str, int, str, str], list[date]] = defaultdict(list)
    matches = matches.select("league", "season", "home", "away", "date")
    last = (pl.col("season") >= pl.col("season").max() - 1) & pl.col("home").is_in([*hosts])
    for *pair, day in matches.filter(last).iter_rows():
        days[tuple(pair)].append(day)
    return days


def _meeting(days: Sequence[date], day: date, *, often: bool) -> int:
    """Which meeting of its season it is, with those on ``days`` played or listed before; 0 if it is one of them."""
    if not often:
        return 0 if days else 1
    return 0 if any(other > day - SAME_OCCASION for other in days) else 1 + len(days)


def _listed(fixture: Fixture, season: int, meeting: int) -> ListedFixture:
    return ListedFixture(
        id=fixture_id(fixture.league, season, fixture.home, fixture.away, meeting),
        league=fixture.league.code,
        season=season,
        home=fixture.home.key,
        away=fixture.away.key,
        kickoff=fixture.kickoff,
        odds=fixture.odds,
    )


def _order(fixture: ListedFixture) -> tuple[object, ...]:
    return fixture.kickoff, fixture.id


def _check(fixture: ListedFixture) -> None:
    offset, odds = fixture.kickoff.utcoffset(), fixture.odds
    names = (fixture.league, fixture.home, fixture.away)
    right = {
        "id": len(fixture.id) <= LONGEST_ID and _ID.fullmatch(fixture.id) is not None,
        "kick-off": offset == timedelta(0) and FIRST_YEAR <= fixture.kickoff.year <= LAST_YEAR,
        "season": FIRST_YEAR <= fixture.season <= LAST_YEAR,
        "name": all(0 < len(name) <= LONGEST_NAME and name.isprintable() for name in names),
        "pair of clubs": fixture.home != fixture.away,
        "odds": odds is None or are_offered(odds),
    }
    for what, is_right in right.items():
        if not is_right:
            raise ValueError(f"no list of fixtures: a {what} cannot be right")
