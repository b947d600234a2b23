"""Leagues and clubs as the wire names them."""

from functools import cached_property

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.ids import slug
from sabiscore.domain import Club, League
from sabiscore.season.schemas import LeagueRef, TeamRef


class Names:
    """Everybody's name and id, by the keys that matches have; a club that the catalogue forgot is called by its key."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.leagues = {league.code: league for league in catalogue.leagues}
        self._league_refs: dict[str, LeagueRef] = {}
        self._team_refs: dict[str, TeamRef] = {}

    @cached_property
    def _clubs(self) -> dict[str, tuple[str, Club]]:
        """By key, which no two countries share, the country and the club."""
        return {
            club.key: (league.country, club)
            for league in self.catalogue.leagues
            for club in self.catalogue.clubs(league)
        }

    def country(self, key: str) -> str | None:
        """Where the club of this key plays."""
        return self._clubs[key][0] if key in self._clubs else None

    def club(self, key: str) -> Club:
        """The club of this key."""
        return self._clubs[key][1] if key in self._clubs else Club(key, key)

    def league(self, code: str) -> League:
        """The league of this code."""
        return self.leagues.get(code) or League(code, code, code)

    def league_ref(self, code: str) -> LeagueRef:
        """It as it stands on the wire."""
        found = self._league_refs.get(code)
        if found is None:
            name = self.league(code).name
            found = self._league_refs[code] = LeagueRef(slug(name), code, name)
        return found

    def team_ref(self, key: str) -> TeamRef:
        """A club as it stands on the wire."""
        found = self._team_refs.get(key)
        if found is None:
            name = self.club(key).name
            found = self._team_refs[key] = TeamRef(slug(name), name)
        return found
