import pytest

from sabiscore.api import problems
from tests.api.asking import FIXTURE, PREDICT, Client, refused


class TestLeagues:
    def test_are_those_of_the_bundle(self, client: Client) -> None:
        leagues = client.get("/api/v1/leagues").json()["leagues"]
        assert {league["code"] for league in leagues} >= {"E0", "SP1", "I1", "D1", "F1"}
        assert {"code": "E0", "name": "Premier League", "country": "England", "level": 1} in leagues


class TestTeams:
    @pytest.mark.parametrize("league", ["E0", "e0", "Premier League", "EPL"])
    def test_are_found_by_any_name_of_the_league(self, client: Client, league: str) -> None:
        answer = client.get(f"/api/v1/leagues/{league}/teams").json()
        assert answer["league"]["code"] == "E0"
        assert {"Arsenal", "Chelsea"} < {team["name"] for team in answer["teams"]}

    def test_are_understood_by_each_of_their_names(self, client: Client) -> None:
        teams = client.get("/api/v1/leagues/E0/teams").json()["teams"]
        [united] = [team for team in teams if team["name"] == "Manchester United"]
        for name in united["aliases"]:
            answer = client.post(PREDICT, json=FIXTURE | {"away_team": name}).json()
            assert answer["fixture"]["away_team"] == "Manchester United"

    def test_of_an_unknown_league_are_not_found_but_others_are_named(self, client: Client) -> None:
        problem = refused(client.get("/api/v1/leagues/Bundeslig/teams"), problems.NOT_FOUND)
        assert problem.closest[0] == "Bundesliga"
