"""The leagues and their clubs: the names that a fixture can be asked with."""

from typing import Annotated, Any

from litestar import Controller, Request
from litestar.openapi.spec import Example
from litestar.params import PathParameter

from sabiscore.api.as_of import checked, known, season_of
from sabiscore.api.examples import LEAGUE_RATINGS, LEAGUE_TABLE
from sabiscore.api.loaded import Held
from sabiscore.api.names import league_at
from sabiscore.api.openapi import answers, asks
from sabiscore.api.problems import BAD_REQUEST, NOT_FOUND, NOT_READY, OF_ANY, OF_LISTS, OF_WORK
from sabiscore.api.query import parameters, query_of, read_as
from sabiscore.api.responses import Replied, Service, of_bundle, read
from sabiscore.api.schemas import Leagues, OnQuery, Team, Teams
from sabiscore.api.work import work_of
from sabiscore.domain import League
from sabiscore.season.schemas import LeagueRatings, LeagueTable

PREMIER_LEAGUE = League("E0", "Premier League", "England")

OF_SEASON = (*OF_LISTS, *OF_WORK, NOT_FOUND)

LeagueName = Annotated[
    str,
    PathParameter(
        description="The league's id, code or any of its names.",
        examples=[Example(value="premier-league"), Example(value="E0"), Example(value="Premier League")],
    ),
]


class LeaguesController(Controller):
    """Leagues and teams."""

    path = "/api/v1/leagues"
    tags = ("leagues",)

    @read(responses=answers(Leagues, *OF_ANY, NOT_READY, example=Leagues([PREMIER_LEAGUE]), cacheable=True))
    async def leagues(self, service: Service) -> Replied:
        """The leagues that can be predicted."""
        return of_bundle(Leagues(service.leagues))

    @read(
        "/{league:str}/teams",
        responses=answers(
            Teams,
            BAD_REQUEST,
            NOT_FOUND,
            *OF_ANY,
            NOT_READY,
            example=Teams(PREMIER_LEAGUE, [Team("Arsenal", ["ARS", "Gunners"])]),
            cacheable=True,
        ),
    )
    async def teams(self, league: LeagueName, service: Service) -> Replied:
        """The clubs known in a league, past ones too, with other names that are understood."""
        found, catalogue = league_at(service, league), service.catalogue
        clubs = catalogue.clubs(found)
        teams = [Team(club.name, list(catalogue.aliases(club, found))) for club in clubs]
        return of_bundle(Teams(found, teams))

    @read(
        "/{league:str}/table",
        operation_class=asks(*parameters(OnQuery)),
        responses=answers(LeagueTable, *OF_SEASON, example=LEAGUE_TABLE, cacheable=True),
    )
    async def table(self, request: Request[Any, Any, Any], league: LeagueName, loaded: Held) -> Replied:
        """The table by the league's own rules, with what may become of each club; ``?on=2015-12-25`` as of that day."""
        on = checked(read_as(query_of(request.scope), OnQuery), loaded)

        def reading() -> Replied:
            found = league_at(loaded.service, league)
            return of_bundle(known(season_of(loaded).table(found, on), found.name, on))

        return await work_of(request.scope).read(reading)

    @read(
        "/{league:str}/ratings",
        operation_class=asks(*parameters(OnQuery)),
        responses=answers(LeagueRatings, *OF_SEASON, example=LEAGUE_RATINGS, cacheable=True),
    )
    async def ratings(self, request: Request[Any, Any, Any], league: LeagueName, loaded: Held) -> Replied:
        """How good the clubs of a league are, in goals a match, the best first; ``?on=2015-12-25`` as of that day."""
        on = checked(read_as(query_of(request.scope), OnQuery), loaded)

        def reading() -> Replied:
            found = league_at(loaded.service, league)
            return of_bundle(known(season_of(loaded).ratings(found, on), found.name, on))

        return await work_of(request.scope).read(reading)
