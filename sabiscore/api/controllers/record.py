"""How good the predictions were that anybody could read before kick-off."""

from typing import Any

import msgspec
from litestar import Controller, Request
from msgspec.structs import replace

from sabiscore.api import problems
from sabiscore.api.examples import RECORD
from sabiscore.api.loaded import Held
from sabiscore.api.openapi import answers, asks
from sabiscore.api.query import parameters, query_of, read_as
from sabiscore.api.responses import Replied, cacheable, read
from sabiscore.api.schemas import RecordAnswer, RecordQuery
from sabiscore.ledger.record import NOTHING, statement
from sabiscore.ledger.schemas import Head, Part, Record

NO_PART = "Nothing of this is settled yet."

NO_RECORD = Record(NOTHING, 0, 0, Head(0, "0" * 64))
"""That of a bundle which has none."""


class RecordController(Controller):
    """The record."""

    path = "/api/v1/record"
    tags = ("record",)

    @read(
        operation_class=asks(*parameters(RecordQuery, league="premier-league", season="2025-26")),
        responses=answers(
            RecordAnswer, *problems.OF_LISTS, problems.UNKNOWN_LEAGUE, example=RECORD, cacheable=True
        ),
    )
    async def record(self, request: Request[Any, Any, Any], loaded: Held) -> Replied:
        """How good we were on fixtures that were predicted before kick-off, beside the market and base rates.

        Of all of them, with parts by league, season and month, or of a ``league``, a ``season`` or both. Before
        anything is settled it says so, and where the backtest is.
        """
        asked = read_as(query_of(request.scope), RecordQuery)
        league = loaded.service.league(asked.league).code if asked.league else None
        season = asked.season.replace("-", "/") if asked.season else None
        answer = _answer(loaded.record or NO_RECORD, league, season)
        return Replied(cacheable(msgspec.json.encode(answer)))


def _answer(record: Record, league: str | None, season: str | None) -> RecordAnswer:
    """The record of a league and a season, where they are given."""
    part = record.part(league, season)
    whole = RecordAnswer(
        statement=record.statement,
        sealed=record.sealed,
        settled=record.settled,
        ledger=record.ledger,
        part=part,
        league=league,
        season=season,
        alarms=[alarm for alarm in record.alarms if league in {None, alarm.league}],
        drift=record.drift,
    )
    if record.settled and (league or season):
        whole = replace(whole, statement=NO_PART if part is None else statement(part))
    if league and season:
        return whole
    if league:
        return replace(whole, seasons=record.league_seasons.get(league, {}))
    if season:
        return replace(whole, leagues=_of_season(record, season))
    return replace(whole, leagues=record.leagues, seasons=record.seasons, months=record.months)


def _of_season(record: Record, season: str) -> dict[str, Part]:
    """By league."""
    return {code: parts[season] for code, parts in record.league_seasons.items() if season in parts}
