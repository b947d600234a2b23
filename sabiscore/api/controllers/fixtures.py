"""Fixtures that come, with what is said of them, and those that were played."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request
from litestar.openapi.spec import Example
from litestar.params import PathParameter
from msgspec.structs import asdict, replace

from sabiscore.api import problems
from sabiscore.api.examples import FIXTURE_DETAIL, FIXTURES_PAGE
from sabiscore.api.listing import (
    Choice,
    FixtureDetail,
    FixturesPage,
    FixturesQuery,
    WholeFixture,
    page,
    window,
)
from sabiscore.api.loaded import Held, Loaded
from sabiscore.api.names import team_of
from sabiscore.api.openapi import answers, asks
from sabiscore.api.problems import NOT_FOUND, ProblemError
from sabiscore.api.query import DETAIL, parameters, query_of, read_as, read_detail
from sabiscore.api.responses import Replied, cacheable, read
from sabiscore.api.work import work_of
from sabiscore.domain import Detail, ModelInfo

NO_LIST = "This bundle has no list of coming fixtures; `sabiscore update` makes one that has."

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
        operation_class=asks(*parameters(FixturesQuery, league="premier-league", team="arsenal", limit="50")),
        responses=answers(
            FixturesPage,
            *problems.OF_LISTS,
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
        service = loaded.service
        league = service.league(asked.league) if asked.league else None
        team = team_of(service, asked.team, league) if asked.team else None
        choice = Choice(league, team, *window(asked, loaded.clock.now().date()))
        model = ModelInfo(service.version, service.data_through)
        rows = loaded.coming.rows if loaded.coming and asked.status != "played" else ()
        return Replied(cacheable(page(rows, asked, choice, model, None if loaded.coming else NO_LIST)))

    @read(
        "/{fixture_id:str}",
        operation_class=asks(DETAIL),
        responses=answers(
            FixtureDetail,
            *problems.OF_LISTS,
            NOT_FOUND,
            problems.OVERLOADED,
            example=FIXTURE_DETAIL,
            cacheable=True,
        ),
    )
    async def fixture(self, request: Request[Any, Any, Any], fixture_id: FixtureId, loaded: Held) -> Replied:
        """One fixture with its whole predictions, without odds and with; when it is played, with what was said before.

        ``?detail=full`` as in predictions.
        """
        detail = read_detail(query_of(request.scope))
        with work_of(request.scope).one:
            return Replied(cacheable(await _whole(loaded, fixture_id, detail)))


async def _whole(loaded: Loaded, fixture_id: str, detail: Detail) -> bytes:
    row = loaded.coming.by_id.get(fixture_id) if loaded.coming else None
    if row is None:
        raise ProblemError(NOT_FOUND, "There is no such fixture; /api/v1/fixtures lists those there are.")
    wanted = [row.fixture, *([replace(row.fixture, odds=row.odds)] if row.odds else [])]
    plain, *priced = await loaded.service.answer_many(wanted, detail)
    return msgspec.json.encode(
        WholeFixture(
            **asdict(row.head)
            | {
                "prediction": msgspec.Raw(plain.body),
                "prediction_with_odds": msgspec.Raw(priced[0].body) if priced else None,
                "sealed": loaded.sealed.get(fixture_id),
            }
        )
    )
