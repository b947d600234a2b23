"""Fixtures that were played, as they are listed; not more of them are made than a page needs."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import msgspec

from sabiscore.api.listing import Choice, FixtureHead, FixtureItem, Listed, place_of
from sabiscore.api.problems import invalid
from sabiscore.features.calendar import day_of
from sabiscore.ledger.schemas import Sealed
from sabiscore.season.reader import Season
from sabiscore.season.schemas import SeasonMatch

AT_ONCE = timedelta(days=7)
"""Days that are looked at first; then twice as many, and so on."""

_ENCODER = msgspec.json.Encoder()


def played(
    season: Season, choice: Choice, sealed: Mapping[str, Sealed], at: date | None, *, newest_first: bool
) -> Iterator[Listed]:
    """Those that are wanted and not before the day of a cursor, in the order of time or backwards."""
    if not len(season.matches):
        return
    days = season.matches.day
    first = max(day_of(int(days.min())), choice.since or date.min)
    last = min(day_of(int(days.max())), choice.until or date.max)
    if at and newest_first:
        last = min(last, at)
    elif at:
        first = max(first, at)
    team, width = choice.team.club if choice.team else None, AT_ONCE
    while first <= last:
        since, until = (max(first, last - width), last) if newest_first else (first, min(last, first + width))
        rows = [_row(match, sealed) for match in season.played(choice.league, team, since, until)]
        yield from sorted(rows, key=lambda row: row.place, reverse=newest_first)
        first, last = (first, since - timedelta(1)) if newest_first else (until + timedelta(1), last)
        width *= 2


def day_of_cursor(cursor: str) -> date:
    """The day on which a page begins; raises ProblemError: there is no such day."""
    try:
        return date.fromisoformat(cursor[:10])
    except ValueError as error:
        raise invalid("$.cursor", str(error)) from None


def head_of(match: SeasonMatch, sealed: Mapping[str, Sealed]) -> FixtureHead:
    """A match of the season as a fixture."""
    return FixtureHead(
        id=match.id,
        league=match.league,
        season=match.season,
        home=match.home,
        away=match.away,
        status=match.status,
        date=match.date,
        kickoff_time=match.kickoff_time,
        score=match.score,
        outcome=match.outcome,
        sealed=sealed.get(match.id),
    )


def item_of(match: SeasonMatch, sealed: Mapping[str, Sealed]) -> FixtureItem:
    """A match of the season as it is listed; what is said of it, it does not have."""
    return FixtureItem(**msgspec.structs.asdict(head_of(match, sealed)))


def _row(match: SeasonMatch, sealed: Mapping[str, Sealed]) -> Listed:
    day = match.date or date.max
    return Listed(
        place=place_of(day, match.kickoff_time, match.id),
        day=day,
        league=match.league.code,
        teams=(match.home.id, match.away.id),
        body=_ENCODER.encode(item_of(match, sealed)),
    )
