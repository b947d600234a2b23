"""The leagues and their clubs: the names that a fixture can be asked with."""

from typing import Annotated

from litestar import Controller
from litestar.openapi.spec import Example
from litestar.params import PathParameter

from sabiscore.api.openapi import answers
from sabiscore.api.problems import BAD_REQUEST, NOT_FOUND, NOT_READY, URI_TOO_LONG, ProblemError
from sabiscore.api.responses import Replied, Service, of_bundle, read
from sabiscore.api.schemas import Leagues, Team, Teams
from sabiscore.domain import League
from sabiscore.errors import UnknownLeagueError

PREMIER_LEAGUE = League("E0", "Premier League", "England")

LeagueName = Annotated[
    str,
    PathParameter(
        description="The league's code or any of its names.",
        examples=[Example(value="E0"), Example(value="Premier League")],
    ),
]


class LeaguesController(Controller):
    """Leagues and teams."""

    path = "/api/v1/leagues"
    tags = ("leagues",)

    @read(responses=answers(Leagues, NOT_READY, example=Leagues([PREMIER_LEAGUE]), cacheable=True))
    async def leagues(self, service: Service) -> Replied:
        """The leagues that can be predicted."""
        return of_bundle(Leagues(service.leagues))

    @read(
        "/{league:str}/teams",
        responses=answers(
            Teams,
            BAD_REQUEST,
            NOT_FOUND,
            URI_TOO_LONG,
            NOT_READY,
            example=Teams(PREMIER_LEAGUE, [Team("Arsenal", ["ARS", "Gunners"])]),
            cacheable=True,
        ),
    )
    async def teams(self, league: LeagueName, service: Service) -> Replied:
        """The clubs known in a league, past ones too, with other names that are understood."""
        try:
            known = service.league(league)
        except UnknownLeagueError as error:
            raise ProblemError(NOT_FOUND, str(error), closest=list(error.closest)) from None
        catalogue = service.catalogue
        clubs = catalogue.clubs(known)
        teams = [Team(club.name, list(catalogue.aliases(club, known))) for club in clubs]
        return of_bundle(Teams(known, teams))
