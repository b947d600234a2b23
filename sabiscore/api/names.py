"""The league or club that an address or a query names, by id or by any usual name."""

from sabiscore.api.listing import Team
from sabiscore.api.problems import NOT_FOUND, ProblemError
from sabiscore.data.spelling import fold
from sabiscore.domain import League
from sabiscore.errors import UnknownClubError, UnknownLeagueError, UnknownNameError
from sabiscore.service import Predicting


def team_of(service: Predicting, name: str, league: League | None = None) -> Team:
    """The club called ``name``, in ``league`` or, where none is named, in any.

    Raises:
        UnknownClubError: nobody is, with the names most like it.
    """
    catalogue = service.catalogue
    if league is not None:
        return Team(league.country, catalogue.club(name, league))
    countries = {each.country for each in service.leagues}
    found = [
        Team(country, club) for country, club in catalogue.clubs_called(name).items() if country in countries
    ]
    if not found:
        raise catalogue.unknown_anywhere(name, countries)
    return next((team for team in found if fold(team.club.name) == fold(name)), found[-1])


def league_at(service: Predicting, name: str) -> League:
    """The league in an address; raises ProblemError: there is none."""
    try:
        return service.league(name)
    except UnknownLeagueError as error:
        raise not_there(error) from error


def team_at(service: Predicting, name: str) -> Team:
    """The club in an address; raises ProblemError: there is none."""
    try:
        return team_of(service, name)
    except UnknownClubError as error:
        raise not_there(error) from error


def not_there(error: UnknownNameError) -> ProblemError:
    """What is said of an address with a name that nobody has."""
    return ProblemError(NOT_FOUND, str(error), closest=list(error.closest))
