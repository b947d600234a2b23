from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient
from msgspec import structs

from sabiscore.api import problems
from sabiscore.api.listing import FixtureDetail, FixtureItem, FixturesPage
from sabiscore.api.loaded import Loaded
from sabiscore.cache.protocol import Cache
from sabiscore.data.catalogue import Catalogue
from sabiscore.making import ModelHook
from sabiscore.season.reader import Season
from sabiscore.service import PredictionService
from sabiscore.settings import Settings
from tests.api.asking import PREDICT, Client, refused
from tests.api.coming import coming_fixtures
from tests.api.conftest import built
from tests.conftest import ON_TODAY, TODAY
from tests.ledger.entries import SEALED as OF_ARSENAL

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


def asked_at_noon(found: FixtureDetail) -> dict[str, Any]:
    """A fixture of which only the day is known, as a request for a prediction."""
    return {
        "home_team": found.home.name,
        "away_team": found.away.name,
        "league": found.league.code,
        "kickoff_time": f"{found.date}T12:00:00Z",
    }


SEALED = structs.replace(
    OF_ARSENAL,
    id="premier-league-2024-25-arsenal-chelsea",
    season=2024,
    kickoff_time=datetime(2025, 3, 16, 13, 30, tzinfo=UTC),
    sealed_at=datetime(2025, 3, 15, 6, 0, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def sealing(service: PredictionService, season: Season) -> Iterator[Client]:
    """A client of an application whose bundle has something sealed."""

    def load(_: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:  # noqa: ARG001
        return Loaded(service, season=season, sealed={SEALED.id: SEALED}, clock=ON_TODAY)

    with TestClient(built(load, front=True)) as client:
        yield client


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
        days = [one.date for one in page.fixtures if one.date]
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
            *(
                ({"cursor": "2025-13-01T00:00Z~a", "status": status}, problems.INVALID_REQUEST)
                for status in ("upcoming", "played", "all")
            ),
            ({"from": "2025-08-31", "to": "2025-08-30"}, problems.INVALID_REQUEST),
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


class TestPlayedFixtures:
    def test_are_the_last_ones_the_newest_first(self, client: Client) -> None:
        page = listed(client, status="played", **{"from": "2025-05-20", "to": "2025-05-25"})
        assert len(page.fixtures) == 50
        assert page.next_cursor
        places = [(one.date, one.id) for one in page.fixtures]
        assert places == sorted(places, reverse=True)
        assert {one.status for one in page.fixtures} == {"played"}
        assert all(one.score and one.outcome for one in page.fixtures)

    def test_of_the_last_week_are_none_in_summer(self, client: Client) -> None:
        page = listed(client, status="played")
        assert (page.fixtures, page.until) == ([], TODAY.date())

    @pytest.mark.parametrize("limit", [7, 38, 200])
    def test_of_a_season_come_page_by_page_each_once(self, client: Client, limit: int) -> None:
        found: list[FixtureItem] = []
        query: dict[str, Any] = {"status": "played", "league": "E0", "from": "2024-08-01", "limit": limit}
        while True:
            page = listed(client, **query)
            found += page.fixtures
            if page.next_cursor is None:
                break
            query["cursor"] = page.next_cursor
        assert len({one.id for one in found}) == len(found) == 380
        assert found == sorted(found, key=lambda one: (str(one.date), one.id), reverse=True)

    def test_of_a_club_are_all_of_it(self, client: Client) -> None:
        page = listed(client, status="played", team="arsenal", limit=200)
        assert len(page.fixtures) == 200
        assert all("arsenal" in {one.home.id, one.away.id} for one in page.fixtures)

    def test_stand_before_those_to_come(self, client: Client) -> None:
        page = listed(client, status="all", team="arsenal", limit=200, **{"from": "2025-05-01"})
        assert [one.status for one in page.fixtures][-1] == "upcoming"
        assert [one.status for one in page.fixtures].count("upcoming") == 1
        assert len(page.fixtures) > 3
        days = [str(one.date) for one in page.fixtures]
        assert days == sorted(days)

    def test_have_what_is_said_of_them_from_matches_before(self, client: Client) -> None:
        path = f"{FIXTURES}/premier-league-2024-25-arsenal-chelsea"
        found = whole(client, path)
        assert (found.status, found.outcome) == ("played", "home")
        assert found.score is not None
        assert (found.score.home, found.score.away) == (1, 0)
        said = client.get(path).json()["prediction"]
        assert said == client.post(PREDICT, json=asked_at_noon(found)).json()
        assert found.sealed is None

    def test_that_were_sealed_have_what_was_sealed(self, sealing: Client) -> None:
        found = whole(sealing, f"{FIXTURES}/{SEALED.id}")
        assert found.sealed == SEALED
        assert found.score is not None
        day = {"from": "2025-03-16", "to": "2025-03-16"}
        sealed = {one.id: one.sealed for one in listed(sealing, status="played", league="E0", **day).fixtures}
        assert len(sealed) > 1
        assert {id_: one for id_, one in sealed.items() if one} == {SEALED.id: SEALED}


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
