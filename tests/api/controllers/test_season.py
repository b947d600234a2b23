from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from sabiscore.api import problems
from sabiscore.api.loaded import Loaded
from sabiscore.cache.protocol import Cache
from sabiscore.data.catalogue import Catalogue
from sabiscore.making import ModelHook
from sabiscore.season.reader import Season
from sabiscore.season.schemas import HeadToHead, LeagueRatings, LeagueTable, TeamPage
from sabiscore.service import PredictionService
from sabiscore.settings import Settings
from tests.api.asking import Client, refused
from tests.api.conftest import built

LEAGUE, TEAM, MEETINGS = "/api/v1/leagues/premier-league", "/api/v1/teams/arsenal", "/api/v1/head-to-head"
READ = [f"{LEAGUE}/table", f"{LEAGUE}/ratings", TEAM, f"{MEETINGS}?home=arsenal&away=chelsea"]
ON = date(2015, 12, 25)


def got(client: Client, path: str, kind: Any) -> Any:  # noqa: ANN401
    response = client.get(path)
    assert response.status_code == 200, response.text
    return msgspec.json.decode(response.content, type=kind)


@pytest.fixture(scope="module")
def bare(service: PredictionService) -> Iterator[Client]:
    """A client of an application whose bundle has heads and state only."""

    def load(_: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:  # noqa: ARG001
        return Loaded(service)

    with TestClient(built(load, front=False)) as client:
        yield client


class TestWhatIsReadOfASeason:
    @pytest.mark.parametrize("on", [None, ON])
    def test_is_what_the_season_says(
        self, client: Client, season: Season, catalogue: Catalogue, on: date | None
    ) -> None:
        league = catalogue.league("E0")
        arsenal, chelsea = (catalogue.club(name, league) for name in ("Arsenal", "Chelsea"))
        query = f"on={on}" if on else ""
        assert got(client, f"{LEAGUE}/table?{query}", LeagueTable) == season.table(league, on)
        assert got(client, f"{LEAGUE}/ratings?{query}", LeagueRatings) == season.ratings(league, on)
        assert got(client, f"{TEAM}?{query}", TeamPage) == season.team(arsenal, on)
        asked = f"{MEETINGS}?home=arsenal&away=chelsea&{query}"
        assert got(client, asked, HeadToHead) == season.head_to_head(arsenal, chelsea, None, on)
        asked += "&league=epl"
        assert got(client, asked, HeadToHead) == season.head_to_head(arsenal, chelsea, league, on)

    @pytest.mark.parametrize("name", ["E0", "EPL", "Premier%20League", "premier-league"])
    def test_is_found_by_any_name_of_a_league(self, client: Client, name: str) -> None:
        assert got(client, f"/api/v1/leagues/{name}/table", LeagueTable).league.id == "premier-league"

    @pytest.mark.parametrize("name", ["Spurs", "tottenham-hotspur", "Tottenham"])
    def test_is_found_by_any_name_of_a_club(self, client: Client, name: str) -> None:
        assert got(client, f"/api/v1/teams/{name}", TeamPage).team.id == "tottenham-hotspur"

    def test_is_of_every_league_and_of_every_club_in_its_table(
        self, client: Client, service: PredictionService
    ) -> None:
        for league in service.leagues:
            table = got(client, f"/api/v1/leagues/{league.code}/table", LeagueTable)
            ratings = got(client, f"/api/v1/leagues/{league.code}/ratings", LeagueRatings)
            assert {row.team.id for row in table.rows} == {each.team.id for each in ratings.teams}
            for row in (table.rows[0], table.rows[-1]):
                assert got(client, f"/api/v1/teams/{row.team.id}", TeamPage).team == row.team

    @pytest.mark.parametrize("path", READ)
    def test_is_as_of_a_day_that_can_be(self, client: Client, path: str) -> None:
        sign = "&" if "?" in path else "?"
        for on in ("tomorrow", "2025-13-01", "", "2099-01-01"):
            refused(client.get(f"{path}{sign}on={on}"), problems.INVALID_REQUEST)

    @pytest.mark.parametrize("path", READ[:3])
    def test_is_not_found_before_the_first_match(self, client: Client, path: str) -> None:
        found = refused(client.get(f"{path}?on=1990-01-01"), problems.NOT_FOUND)
        assert "before 1990-01-01" in found.detail

    @pytest.mark.parametrize("path", READ)
    def test_is_not_found_in_a_bundle_without_matches(self, bare: Client, path: str) -> None:
        assert "sabiscore update" in refused(bare.get(path), problems.NOT_FOUND).detail


class TestWhatNobodyIsCalled:
    @pytest.mark.parametrize("what", ["table", "ratings"])
    def test_is_no_league(self, client: Client, what: str) -> None:
        found = refused(client.get(f"/api/v1/leagues/premier-legue/{what}"), problems.NOT_FOUND)
        assert "Premier League" in found.closest

    def test_is_no_club(self, client: Client) -> None:
        found = refused(client.get("/api/v1/teams/arsenol"), problems.NOT_FOUND)
        assert "Arsenal" in found.closest
        found = refused(client.get(f"{MEETINGS}?home=arsenal&away=chelsae"), problems.UNKNOWN_CLUB)
        assert "Chelsea" in found.closest

    def test_is_no_pair(self, client: Client) -> None:
        refused(client.get(f"{MEETINGS}?home=arsenal&away=the+gunners"), problems.SAME_CLUB)
        refused(client.get(f"{MEETINGS}?home=arsenal"), problems.INVALID_REQUEST)
        refused(client.get(f"{MEETINGS}?home=arsenal&away=chelsea&league=nowhere"), problems.UNKNOWN_LEAGUE)
