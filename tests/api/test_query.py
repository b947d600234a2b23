import urllib.parse
from typing import Any, get_args

import pytest

from sabiscore.api import problems
from sabiscore.api.responses import CACHING
from sabiscore.domain import Language
from tests.api.asking import BATCH, FIXTURE, ORIGIN, PREDICT, Client, refused

ODDS = {"odds_home": "1.8", "odds_draw": "3.70", "odds_away": "4.6"}
AS_A_BODY = {"odds": {"home": 1.8, "draw": 3.7, "away": 4.6}}


def query(**changed: object) -> str:
    return "?" + urllib.parse.urlencode(FIXTURE | changed)


def wrong_at(client: Client, asked: str) -> list[str]:
    problem = refused(client.get(PREDICT + asked), problems.INVALID_REQUEST)
    assert problem.detail == f"{problem.errors[0].path}: {problem.errors[0].message}"
    return [wrong.path for wrong in problem.errors]


class TestAFixtureInAQuery:
    @pytest.mark.parametrize(
        ("odds", "as_a_body"),
        [
            ({}, {}),
            (ODDS, AS_A_BODY),
            ({"neutral": "true"}, {"neutral": True}),
            ({"neutral": "false", "adjust_home": "0"}, {"adjust": {}}),
            ({"adjust_home": "-0.2", "adjust_away": "1"}, {"adjust": {"home": -0.2, "away": 1}}),
            ({"adjust_away": "2"}, {"adjust": {"away": 2.0}}),
        ],
    )
    @pytest.mark.parametrize("detail", ["summary", "full"])
    def test_is_answered_as_one_in_a_body(
        self, client: Client, detail: str, odds: dict[str, Any], as_a_body: dict[str, Any]
    ) -> None:
        got = client.get(PREDICT + query(detail=detail, **odds))
        posted = client.post(f"{PREDICT}?detail={detail}", json=FIXTURE | as_a_body)
        assert (got.status_code, got.content) == (200, posted.content)
        assert got.headers["content-type"] == posted.headers["content-type"]

    def test_may_be_written_in_any_order_and_way(self, client: Client) -> None:
        wanted = client.get(PREDICT + query()).content
        asked = (
            "?kickoff_time=2025-08-30T18%3A30%3A00%2B02:00&league=%45PL&away_team=CFC&home_team=the+gunners&&"
        )
        assert client.get(PREDICT + asked).content == wanted

    @pytest.mark.parametrize("name", ["home_team", "away_team", "league", "kickoff_time"])
    def test_has_all_that_a_body_must_have(self, client: Client, name: str) -> None:
        given = {key: value for key, value in FIXTURE.items() if key != name}
        assert wrong_at(client, "?" + urllib.parse.urlencode(given)) == [f"$.{name}"]
        assert wrong_at(client, query(**{name: ""})) == [f"$.{name}"]

    @pytest.mark.parametrize(
        ("changed", "path"),
        [
            ({"home_team": "A" * 101}, "$.home_team"),
            ({"kickoff_time": "2025-08-30T16:30:00"}, "$.kickoff_time"),
            ({"kickoff_time": "2025-08-30 16:30"}, "$.kickoff_time"),
            ({"kickoff_time": "1756571400"}, "$.kickoff_time"),
            ({"detail": "all"}, "$.detail"),
            ({"detail": ""}, "$.detail"),
            ({"referee": "Webb"}, "$.referee"),
            ({"odds": "1.8"}, "$.odds"),
            (ODDS | {"odds_home": "nan"}, "$.odds_home"),
            (ODDS | {"odds_home": "1e999"}, "$.odds_home"),
            (ODDS | {"odds_home": "1,8"}, "$.odds_home"),
            (ODDS | {"odds_home": "\ud800"}, "$.odds_home"),
            (ODDS | {"odds_away": ""}, "$.odds_away"),
            ({"odds_home": "1.8"}, "$.odds_draw"),
            ({"odds_home": "1.8", "odds_draw": "3.7"}, "$.odds_away"),
            ({"odds_away": "4.6"}, "$.odds_home"),
            ({"neutral": "yes"}, "$.neutral"),
            ({"neutral": "1"}, "$.neutral"),
            ({"adjust_home": "2.5"}, "$.adjust_home"),
            ({"adjust_home": "nan"}, "$.adjust_home"),
            ({"adjust_away": "-2.01"}, "$.adjust_away"),
            ({"adjust": "1"}, "$.adjust"),
        ],
    )
    def test_is_refused_by_the_rules_of_a_body(
        self, client: Client, changed: dict[str, str], path: str
    ) -> None:
        escaped = urllib.parse.urlencode(FIXTURE | changed, errors="replace")
        assert wrong_at(client, f"?{escaped}") == [path]

    @pytest.mark.parametrize("name", ["league", "detail", "referee"])
    def test_names_nothing_twice(self, client: Client, name: str) -> None:
        response = client.get(f"{PREDICT}{query()}&{name}=EPL&{name}=EPL")
        assert name in refused(response, problems.BAD_REQUEST).detail

    def test_is_utf8(self, client: Client) -> None:
        refused(client.get(f"{PREDICT}?home_team=%ff"), problems.BAD_REQUEST)

    def test_whose_offset_lost_its_plus_is_told_so(self, client: Client) -> None:
        asked = query().replace("16%3A30%3A00Z", "18:30:00+02:00")
        problem = refused(client.get(PREDICT + asked), problems.INVALID_REQUEST)
        assert "%2B" in problem.detail

    def test_has_the_problems_of_a_fixture(self, client: Client) -> None:
        refused(client.get(PREDICT + query(home_team="Arsenol")), problems.UNKNOWN_CLUB)
        refused(client.get(PREDICT + query(**ODDS | {"odds_home": "0.9"})), problems.INVALID_ODDS)

    def test_is_no_match_that_is_being_played_and_no_batch(self, client: Client) -> None:
        for path in (f"{PREDICT}/in-play", f"{PREDICT}/batch"):
            refused(client.get(path + query()), problems.METHOD_NOT_ALLOWED)


class TestItsAnswer:
    def test_may_be_kept_by_any_cache_which_would_take_one_of_age_for_stale(self, fresh: Client) -> None:
        for _ in range(4):
            response = fresh.get(PREDICT + query())
            assert response.headers["cache-control"] == CACHING
            assert "age" not in response.headers
        assert "hit" in response.headers["cache-status"]

    @pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', "*"])
    def test_is_not_sent_to_whoever_has_it(self, client: Client, known: str) -> None:
        full = client.get(PREDICT + query())
        tag = full.headers["etag"]
        response = client.get(
            PREDICT + query(), headers={"if-none-match": known.format(tag), "origin": ORIGIN}
        )
        assert (response.status_code, response.content) == (304, b"")
        assert (response.headers["etag"], response.headers["vary"]) == (tag, "Origin")
        assert response.headers["cache-control"] == full.headers["cache-control"]
        assert "content-type" not in response.headers
        assert client.get(PREDICT + query(), headers={"if-none-match": '"other"'}).content == full.content

    def test_has_the_same_head_alone(self, client: Client) -> None:
        get, head = client.get(PREDICT + query()), client.head(PREDICT + query())
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "cache-control", "content-length", "content-type"):
            assert head.headers[name] == get.headers[name]

    def test_that_is_a_refusal_has_no_etag(self, client: Client) -> None:
        response = client.get(PREDICT + query(home_team="Arsenol"), headers={"if-none-match": "*"})
        refused(response, problems.UNKNOWN_CLUB)
        assert "etag" not in response.headers
        assert client.head(PREDICT + query(home_team="Arsenol")).status_code == 422

    def test_is_posted_without_an_etag(self, client: Client) -> None:
        posted = client.post(PREDICT, json=FIXTURE, headers={"if-none-match": "*"})
        assert posted.status_code == 200
        assert "etag" not in posted.headers
        assert "cache-control" not in posted.headers


class TestALanguage:
    @pytest.mark.parametrize("language", get_args(Language))
    def test_is_that_of_the_reasons_and_of_nothing_else(self, client: Client, language: str) -> None:
        english, got = client.get(PREDICT + query()).json(), client.get(PREDICT + query(lang=language)).json()
        posted = client.post(f"{PREDICT}?lang={language}", json=FIXTURE).json()
        batch = client.post(f"{BATCH}?lang={language}", json={"fixtures": [FIXTURE]}).json()
        assert got == posted == batch["predictions"][0]["prediction"]
        assert (got["reasoning"] == english["reasoning"]) is (language == "en")
        assert got | {"reasoning": None} == english | {"reasoning": None}

    def test_that_is_not_spoken_is_refused(self, client: Client) -> None:
        refused(client.get(PREDICT + query(lang="nl")), problems.INVALID_REQUEST)
        refused(client.post(f"{PREDICT}?lang=nl", json=FIXTURE), problems.BAD_REQUEST)

    def test_of_a_fixture_on_the_list_is_that_of_its_prediction(self, client: Client) -> None:
        address = "/api/v1/fixtures/premier-league-2025-26-arsenal-chelsea"
        said = client.get(f"{address}?lang=fr&detail=full").json()["prediction"]
        assert said["score_grid"]
        assert said["reasoning"][0].startswith("Victoire Arsenal")
