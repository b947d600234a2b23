from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.api import problems
from sabiscore.api.listing import FixtureDetail, FixtureItem, FixturesPage
from sabiscore.data.catalogue import Catalogue
from tests.api.asking import PREDICT, Client, refused
from tests.api.coming import coming_fixtures
from tests.conftest import TODAY

FIXTURES = "/api/v1/fixtures"
ARSENAL_CHELSEA = f"{FIXTURES}/premier-league-2025-26-arsenal-chelsea"
ALL = {"from": "2025-01-01"}


def listed(client: Client, **query: object) -> FixturesPage:
    response = client.get(FIXTURES, params={name: str(value) for name, value in query.items()})
    assert response.status_code == 200, response.text
    return msgspec.json.decode(response.content, type=FixturesPage)


def ids(page: FixturesPage) -> list[str]:
    return [one.id for one in page.fixtures]


def whole(client: Client, path: str) -> FixtureDetail:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return msgspec.json.decode(response.content, type=FixtureDetail)


def asked(one: FixtureItem) -> dict[str, Any]:
    """The same fixture as a request for a prediction."""
    return {
        "home_team": one.home.name,
        "away_team": one.away.name,
        "league": one.league.code,
        "kickoff_time": str(one.kickoff_time).replace(" ", "T"),
    }


class TestFixtures:
    def test_are_those_of_the_next_seven_days(self, client: Client, catalogue: Catalogue) -> None:
        page = listed(client)
        last = TODAY.date() + timedelta(days=6)
        assert (page.since, page.until) == (TODAY.date(), last)
        wanted = [one.id for one in coming_fixtures(catalogue) if one.kickoff.date() <= last]
        assert ids(page) == wanted
        assert 0 < len(wanted) < len(coming_fixtures(catalogue))
        assert page.next_cursor is None

    def test_say_what_is_predicted_of_each_and_what_odds_are_worth(self, client: Client) -> None:
        for one in listed(client, **ALL).fixtures:
            assert one.prediction is not None
            said = client.post(PREDICT, json=asked(one)).json()
            short = msgspec.to_builtins(one.prediction)
            assert short == {name: said[name] for name in short}
            assert (one.odds is None) == (one.prediction_with_odds is None)
            if one.odds:
                said = client.post(PREDICT, json=asked(one) | {"odds": msgspec.to_builtins(one.odds)}).json()
                priced = msgspec.to_builtins(one.prediction_with_odds)
                assert priced == {name: said[name] for name in priced}
                assert "value" in priced

    @pytest.mark.parametrize("name", ["premier-league", "E0", "Premier League", "epl"])
    def test_of_a_league_are_no_others(self, client: Client, name: str) -> None:
        found = listed(client, league=name, **ALL)
        assert {one.league.id for one in found.fixtures} == {"premier-league"}
        assert len(found.fixtures) == 4

    @pytest.mark.parametrize("name", ["tottenham-hotspur", "Spurs", "Tottenham"])
    def test_of_a_club_are_of_any_day(self, client: Client, name: str) -> None:
        for query in ({"team": name}, {"team": name, "league": "E0"}):
            page = listed(client, **query)
            [one] = page.fixtures
            assert "tottenham-hotspur" in one.id
            assert (page.since, page.until) == (None, None)

    def test_of_some_days_are_of_these(self, client: Client) -> None:
        page = listed(client, **{"from": "2025-08-03", "to": "2025-08-05"})
        days = [one.date for one in page.fixtures]
        assert days
        assert date(2025, 8, 3) <= min(days) <= max(days) <= date(2025, 8, 5)
        assert (page.since, page.until) == (date(2025, 8, 3), date(2025, 8, 5))

    @given(limit=st.integers(1, 12))
    def test_come_page_by_page_each_once_and_in_order(self, client: Client, limit: int) -> None:
        everything, found = listed(client, **ALL), []
        cursor: dict[str, str] = {}
        while True:
            page = listed(client, limit=limit, **ALL, **cursor)
            assert len(page.fixtures) <= limit
            found += page.fixtures
            if page.next_cursor is None:
                break
            cursor = {"cursor": page.next_cursor}
        assert found == everything.fixtures
        assert found == sorted(found, key=lambda one: (one.kickoff_time, one.id))

    @pytest.mark.parametrize(
        ("query", "kind"),
        [
            ({"league": "Premier Legue"}, problems.UNKNOWN_LEAGUE),
            ({"team": "Arsenol"}, problems.UNKNOWN_CLUB),
            ({"team": "Barcelona", "league": "E0"}, problems.UNKNOWN_CLUB),
            ({"team": ""}, problems.INVALID_REQUEST),
            ({"from": "soon"}, problems.INVALID_REQUEST),
            ({"from": "2025-02-30"}, problems.INVALID_REQUEST),
            ({"status": "cancelled"}, problems.INVALID_REQUEST),
            ({"limit": "0"}, problems.INVALID_REQUEST),
            ({"limit": "201"}, problems.INVALID_REQUEST),
            ({"limit": "many"}, problems.INVALID_REQUEST),
            ({"cursor": "next"}, problems.INVALID_REQUEST),
            ({"page": "2"}, problems.INVALID_REQUEST),
        ],
    )
    def test_are_refused_where_the_query_makes_no_sense(
        self, client: Client, query: dict[str, str], kind: problems.Kind
    ) -> None:
        refused(client.get(FIXTURES, params=query), kind)

    def test_of_an_unknown_club_suggest_others(self, client: Client) -> None:
        found = refused(client.get(FIXTURES, params={"team": "Arsenol"}), problems.UNKNOWN_CLUB)
        assert "Arsenal" in found.closest


class TestAFixture:
    @pytest.mark.parametrize("detail", ["", "?detail=summary", "?detail=full"])
    def test_has_its_whole_predictions(self, client: Client, detail: str) -> None:
        for one in listed(client, **ALL).fixtures:
            found = client.get(f"{FIXTURES}/{one.id}{detail}").json()
            posted = client.post(PREDICT + detail, json=asked(one)).json()
            assert found["prediction"] == posted
            if one.odds:
                odds = {"odds": msgspec.to_builtins(one.odds)}
                assert (
                    found["prediction_with_odds"]
                    == client.post(PREDICT + detail, json=asked(one) | odds).json()
                )

    def test_is_called_as_on_the_list(self, client: Client) -> None:
        one = listed(client, team="arsenal").fixtures[0]
        found = whole(client, ARSENAL_CHELSEA)
        for name in ("id", "league", "season", "home", "away", "status", "date", "kickoff_time", "odds"):
            assert getattr(found, name) == getattr(one, name)

    @pytest.mark.parametrize("name", ["premier-league-2025-26-chelsea-arsenal", "nothing", "%2e", "A" * 300])
    def test_that_is_not_there_is_not_found(self, client: Client, name: str) -> None:
        assert client.get(f"{FIXTURES}/{name}").status_code == 404

    def test_has_nothing_in_its_query_but_the_detail(self, client: Client) -> None:
        refused(client.get(f"{ARSENAL_CHELSEA}?odds=1"), problems.BAD_REQUEST)

    def test_was_answered_before_anybody_asked(self, fresh: Client) -> None:
        before = fresh.get("/metrics").text
        fresh.get(ARSENAL_CHELSEA)
        one = listed(fresh, team="arsenal").fixtures[0]
        response = fresh.post(PREDICT, json=asked(one))
        assert response.headers["cache-status"].startswith("SabiScore; hit")
        calls = [line for line in before.splitlines() if line.startswith("model_latency_seconds_count")]
        after = fresh.get("/metrics").text.splitlines()
        assert calls == [line for line in after if line.startswith("model_latency_seconds_count")]
