"""Clubs: how good one is and was, and what two have done against each other."""

from typing import Annotated, Any

from litestar import Controller, Request
from litestar.openapi.spec import Example
from litestar.params import PathParameter

from sabiscore.api import problems
from sabiscore.api.as_of import checked, known, season_of
from sabiscore.api.examples import HEAD_TO_HEAD, TEAM_PAGE
from sabiscore.api.loaded import Held
from sabiscore.api.names import team_at, team_of
from sabiscore.api.openapi import answers, asks
from sabiscore.api.problems import NOT_FOUND
from sabiscore.api.query import parameters, query_of, read_as
from sabiscore.api.responses import Replied, of_bundle, read
from sabiscore.api.schemas import HeadToHeadQuery, OnQuery
from sabiscore.api.work import work_of
from sabiscore.errors import SameClubError
from sabiscore.season.schemas import HeadToHead, TeamPage

TeamName = Annotated[
    str,
    PathParameter(
        description="The club's id or any of its names.",
        examples=[Example(value="arsenal"), Example(value="brighton-and-hove-albion")],
    ),
]


class TeamsController(Controller):
    """Clubs."""

    path = "/api/v1"
    tags = ("teams",)

    @read(
        "/teams/{team:str}",
        operation_class=asks(*parameters(OnQuery)),
        responses=answers(
            TeamPage, *problems.OF_LISTS, *problems.OF_WORK, NOT_FOUND, example=TEAM_PAGE, cacheable=True
        ),
    )
    async def team(self, request: Request[Any, Any, Any], team: TeamName, loaded: Held) -> Replied:
        """A club: its place, its rating and those of the last three seasons, its last five matches and its next five.

        ``?on=2015-12-25`` is as of that day.
        """
        on = checked(read_as(query_of(request.scope), OnQuery), loaded)

        def reading() -> Replied:
            club = team_at(loaded.service, team).club
            return of_bundle(known(season_of(loaded).team(club, on), club.name, on))

        return await work_of(request.scope).read(reading)

    @read(
        "/head-to-head",
        operation_class=asks(*parameters(HeadToHeadQuery, home="arsenal", away="chelsea")),
        responses=answers(
            HeadToHead,
            *problems.OF_LISTS,
            *problems.OF_WORK,
            NOT_FOUND,
            problems.UNKNOWN_LEAGUE,
            problems.UNKNOWN_CLUB,
            problems.SAME_CLUB,
            example=HEAD_TO_HEAD,
            cacheable=True,
        ),
    )
    async def head_to_head(self, request: Request[Any, Any, Any], loaded: Held) -> Replied:
        """All matches known between two clubs, ``?home=arsenal&away=chelsea``, of a ``league`` or of all.

        Also ``on`` a day, as above.
        """
        asked = read_as(query_of(request.scope), HeadToHeadQuery)
        on = checked(asked, loaded)

        def reading() -> Replied:
            service = loaded.service
            league = service.league(asked.league) if asked.league else None
            home, away = (team_of(service, name, league).club for name in (asked.home, asked.away))
            if home.key == away.key:
                raise SameClubError(home.name)
            return of_bundle(season_of(loaded).head_to_head(home, away, league, on))

        return await work_of(request.scope).read(reading)
