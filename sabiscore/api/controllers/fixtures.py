"""Fixtures that come, with what is said of them, and those that were played."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from heapq import merge
from operator import attrgetter
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request
from litestar.openapi.spec import Example
from litestar.params import PathParameter
from msgspec.structs import replace

from sabiscore.api import problems
from sabiscore.api.examples import FIXTURE_DETAIL, FIXTURES_PAGE
from sabiscore.api.listing import (
    Choice,
    FixtureDetail,
    FixtureHead,
    FixturesPage,
    FixturesQuery,
    Listed,
    WholeFixture,
    page,
    window,
)
from sabiscore.api.loaded import Held, Loaded
from sabiscore.api.names import team_of
from sabiscore.api.openapi import answers, asks
from sabiscore.api.past import day_of_cursor, head_of, played
from sabiscore.api.problems import NOT_FOUND, ProblemError, invalid
from sabiscore.api.query import DETAIL, LANG, Form, parameters, query_of, read_as, read_form
from sabiscore.api.responses import Replied, cacheable, read
from sabiscore.api.work import work_of
from sabiscore.domain import Fixture, ModelInfo
from sabiscore.errors import InvalidFixtureError
from sabiscore.season.schemas import SeasonMatch

NO_LIST = "This bundle has no list of coming fixtures; `sabiscore update` makes one that has."

NOON = time(12, tzinfo=UTC)

FixtureId = Annotated[
    str,
    PathParameter(
        description="The fixture's `id`, which stays the same when its date moves.",
        examples=[Example(value="premier-league-2025-26-arsenal-chelsea")],
    ),
]


class FixturesController(Controller):
    """Fixtures."""

    path = "/api/v1/fixtures"
    tags = ("fixtures",)

    @read(
        operation_class=asks(*parameters(FixturesQuery, league="premier-league", team="arsenal", limit=50)),
        responses=answers(
            FixturesPage,
            *problems.OF_LISTS,
            *problems.OF_WORK,
            problems.UNKNOWN_LEAGUE,
            problems.UNKNOWN_CLUB,
            example=FIXTURES_PAGE,
            cacheable=True,
        ),
    )
    async def fixtures(self, request: Request[Any, Any, Any], loaded: Held) -> Replied:
        """Fixtures with the first figures of their predictions, of the next seven days unless the query says otherwise.

        ``?league=&team=&from=2025-08-30&to=&status=upcoming|played|all&limit=&cursor=``; where the list of coming
        fixtures has odds, also with them and what they are worth.
        """
        asked = read_as(query_of(request.scope), FixturesQuery)

        def reading() -> Replied:
            return Replied(cacheable(_page(loaded, asked)))

        return await work_of(request.scope).read(reading)

    @read(
        "/{fixture_id:str}",
        operation_class=asks(DETAIL, LANG),
        responses=answers(
            FixtureDetail,
            *problems.OF_LISTS,
            NOT_FOUND,
            *problems.OF_WORK,
            example=FIXTURE_DETAIL,
            cacheable=True,
        ),
    )
    async def fixture(self, request: Request[Any, Any, Any], fixture_id: FixtureId, loaded: Held) -> Replied:
        """One fixture with its whole predictions, without odds and with; when it is played, with what was said before.

        ``?detail=full&lang=de`` as in predictions.
        """
        form = read_form(query_of(request.scope))
        async with work_of(request.scope).reading():
            return Replied(cacheable(await _whole(loaded, fixture_id, form)))


def _page(loaded: Loaded, asked: FixturesQuery) -> bytes:
    service = loaded.service
    league = service.league(asked.league) if asked.league else None
    team = team_of(service, asked.team, league) if asked.team else None
    since, until = window(asked, loaded.clock.now().date())
    if since and until and since > until:
        raise invalid("$.to", f"{until} is before {since}, the first day")
    choice = Choice(league, team, since, until)
    note = None if loaded.coming or asked.status == "played" else NO_LIST
    model = ModelInfo(service.version, service.data_through)
    return page(_rows(loaded, asked, choice), asked, choice, model, note)


def _rows(loaded: Loaded, asked: FixturesQuery, choice: Choice) -> Iterable[Listed]:
    """Fixtures in the order that is wanted; not all that are not wanted are left out."""
    to_come = loaded.coming.rows if loaded.coming else ()
    at = day_of_cursor(asked.cursor) if asked.cursor else None
    if asked.status == "upcoming" or loaded.season is None:
        return to_come if asked.status != "played" else ()
    newest_first = asked.status == "played"
    before = played(loaded.season, choice, loaded.sealed, at, newest_first=newest_first)
    return before if newest_first else merge(before, to_come, key=attrgetter("place"))


async def _whole(loaded: Loaded, fixture_id: str, form: Form) -> bytes:
    head, fixture = _found(loaded, fixture_id)
    wanted = [] if fixture is None else [fixture, *([replace(fixture, odds=head.odds)] if head.odds else [])]
    answered = await loaded.service.answer_many(wanted, form.detail, form.lang)
    said = [msgspec.Raw(answer.body) for answer in answered]
    whole = WholeFixture(**{name: getattr(head, name) for name in FixtureHead.__struct_fields__})
    return msgspec.json.encode(
        replace(whole, **dict(zip(("prediction", "prediction_with_odds"), said, strict=False)))
    )


def _found(loaded: Loaded, fixture_id: str) -> tuple[FixtureHead, Fixture | None]:
    """A fixture by its id, and as it is predicted, if it can be; raises ProblemError: there is none."""
    row = loaded.coming.by_id.get(fixture_id) if loaded.coming else None
    if row:
        return row.head, row.fixture
    match = loaded.season.find(fixture_id) if loaded.season else None
    if match is None:
        raise ProblemError(NOT_FOUND, "There is no such fixture; /api/v1/fixtures lists those there are.")
    return head_of(match, loaded.sealed), _predicted(loaded, match)


def _predicted(loaded: Loaded, match: SeasonMatch) -> Fixture | None:
    """The fixture as of its kick-off, at noon where only the day is known; None before anything is known."""
    said = loaded.sealed.get(match.id)
    day = match.date or loaded.service.data_through + timedelta(days=1)
    try:
        return loaded.service.resolve(
            home_team=match.home.name,
            away_team=match.away.name,
            league=match.league.code,
            kickoff_time=said.kickoff_time if said else datetime.combine(day, NOON),
            odds=None,
        )
    except InvalidFixtureError:
        return None
