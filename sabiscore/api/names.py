"""The league or club that an address or a query names, by id or by any usual name."""

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from sabiscore.api.listing import Team
from sabiscore.api.problems import NOT_FOUND, ProblemError
from sabiscore.data.spelling import fold
from sabiscore.domain import League
from sabiscore.errors import UnknownClubError, UnknownLeagueError, UnknownNameError
from sabiscore.service import Predicting

SUGGESTIONS = 4
ALIKE = 0.75


def team_of(service: Predicting, name: str, league: League | None = None) -> Team:
    """The club called ``name``, in ``league`` or, where none is named, in any.

    Raises:
        UnknownClubError: nobody is, with the names most like it.
    """
    catalogue = service.catalogue
    if league is not None:
        return Team(league.country, catalogue.club(name, league))
    places = {each.country: each for each in reversed(service.leagues)}
    found = []
    for country, each in places.items():
        try:
            found.append(Team(country, catalogue.club(name, each)))
        except UnknownClubError:
            continue
    if not found:
        raise UnknownClubError(name[:100], _like(service, name))
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


def _like(service: Predicting, name: str) -> list[str]:
    names = dict.fromkeys(club.name for league in service.leagues for club in service.catalogue.clubs(league))
    alike = process.extract(
        name[:100],
        list(names),
        scorer=JaroWinkler.normalized_similarity,
        score_cutoff=ALIKE,
        limit=SUGGESTIONS,
        processor=fold,
    )
    return [found for found, _, _ in alike]
