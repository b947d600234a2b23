from typing import get_args

import pytest

from sabiscore.api.responses import CACHING, FRESH, STALE, cache_headers
from sabiscore.cache.entry import Entry
from sabiscore.service import Answer, Source
from tests.api.asking import Client

CACHEABLE = [
    "/api/v1/leagues",
    "/api/v1/leagues/E0/teams",
    "/api/v1/model",
    "/api/v1/record",
    "/api/v1/leagues/E0/table",
    "/api/v1/leagues/premier-league/ratings?on=2015-12-25",
    "/api/v1/teams/arsenal",
    "/api/v1/head-to-head?home=arsenal&away=chelsea",
    "/api/v1/fixtures/premier-league-2024-25-arsenal-chelsea",
    "/api/v1/fixtures",
    "/api/v1/fixtures?league=premier-league&status=all",
    "/api/v1/fixtures/premier-league-2025-26-arsenal-chelsea",
]
YOUNG, OLD, EXPIRED = Entry(b"", 90.0, 190.0), Entry(b"", 50.0, 150.0), Entry(b"", 0.0, 80.0)
NOW = 100.0


def told(*answers: tuple[Entry, Source]) -> dict[str, str]:
    return dict(cache_headers([Answer(*each) for each in answers], NOW))


@pytest.mark.parametrize("path", CACHEABLE)
class TestACacheableResponse:
    def test_says_for_how_long(self, client: Client, path: str) -> None:
        assert client.get(path).headers["cache-control"] == CACHING

    @pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', "*"])
    def test_is_not_sent_to_whoever_has_it(self, client: Client, path: str, known: str) -> None:
        etag = client.get(path).headers["etag"]
        response = client.get(path, headers={"if-none-match": known.format(etag)})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == etag
        assert "content-type" not in response.headers

    def test_is_sent_to_whoever_has_another(self, client: Client, path: str) -> None:
        response = client.get(path, headers={"if-none-match": '"other"'})
        assert response.status_code == 200
        assert response.json()

    def test_has_the_same_head_alone(self, client: Client, path: str) -> None:
        get, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "cache-control", "content-length", "content-type"):
            assert head.headers[name] == get.headers[name]


def test_a_shared_cache_turns_over_within_a_minute() -> None:
    assert FRESH + STALE < 60


class TestOtherAnswers:
    @pytest.mark.parametrize("path", ["/health/ready", "/metrics", "/api/v1/leagues/None/teams"])
    def test_have_no_etag(self, client: Client, path: str) -> None:
        assert "etag" not in client.get(path).headers

    def test_differ_in_their_etag(self, client: Client) -> None:
        assert len({client.get(path).headers["etag"] for path in CACHEABLE}) == len(CACHEABLE)


class TestTheCacheStatus:
    def test_of_a_hit_tells_what_is_left(self) -> None:
        assert told((YOUNG, "fresh")) == {"cache-status": "SabiScore; hit; ttl=90", "age": "10"}

    def test_of_a_stale_hit_has_less_than_nothing_left(self) -> None:
        assert told((EXPIRED, "stale")) == {"cache-status": "SabiScore; hit; ttl=-20", "age": "100"}

    def test_of_what_was_made_now_has_no_age(self) -> None:
        assert told((YOUNG, "made")) == {"cache-status": "SabiScore; fwd=miss; stored"}

    def test_of_several_hits_is_that_of_the_oldest(self) -> None:
        found = told((YOUNG, "fresh"), (OLD, "fresh"))
        assert found == {"cache-status": "SabiScore; hit; ttl=50", "age": "50"}

    def test_of_some_hits_among_others_is_partial(self) -> None:
        found = told((YOUNG, "fresh"), (OLD, "made"))
        assert found == {"cache-status": "SabiScore; fwd=partial; stored"}

    def test_of_nothing_is_nothing(self) -> None:
        assert told() == {}

    @pytest.mark.parametrize("source", get_args(Source))
    def test_never_has_an_age_below_zero(self, source: Source) -> None:
        ahead = Entry(b"", NOW + 5.0, NOW + 100.0)
        assert told((ahead, source)).get("age", "0") == "0"
