"""The cache in front, by the cache itself, before a real service."""

from collections.abc import Iterator

import httpx
import pytest

from benchmarks.nginx import cached
from benchmarks.serving import started
from tests.api.asking import FIXTURE

pytestmark = pytest.mark.cache_in_front

ORIGINS = "https://one.example,https://two.example"


@pytest.fixture(scope="module")
def edge() -> Iterator[httpx.Client]:
    """A client of nginx before a service of the shipped bundle."""
    with started(workers=1, settings={"frontend_origin": ORIGINS}) as service:
        service.wait_until_ready()
        with (
            cached(service.port) as port,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
        ):
            yield client


def told(client: httpx.Client, path: str, **headers: str) -> str:
    """Whether the cache had it: HIT, MISS and so on."""
    response = client.get(path, headers=headers)
    assert response.status_code == 200, response.text
    return response.headers["x-cache"]


class TestTheCacheInFront:
    @pytest.mark.parametrize(
        "path", ["/api/v1/fixtures", "/api/v1/leagues/premier-league/table", "/api/v1/teams/arsenal"]
    )
    def test_asks_the_service_once(self, edge: httpx.Client, path: str) -> None:
        assert told(edge, path) == "MISS"
        assert {told(edge, path) for _ in range(3)} == {"HIT"}
        assert edge.head(path).headers["x-cache"] == "HIT"

    def test_keeps_predictions_that_were_asked_for_twice(self, edge: httpx.Client) -> None:
        first, second = (edge.get("/api/v1/predict", params=FIXTURE) for _ in range(2))
        assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")
        assert first.content == second.content

    def test_answers_whoever_has_it(self, edge: httpx.Client) -> None:
        first = edge.get("/api/v1/model")
        known = edge.get("/api/v1/model", headers={"if-none-match": first.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")

    def test_keeps_an_answer_for_each_origin(self, edge: httpx.Client) -> None:
        path = "/api/v1/leagues"
        for origin in ORIGINS.split(","):
            assert told(edge, path, origin=origin) != "HIT"
            response = edge.get(path, headers={"origin": origin})
            assert response.headers["access-control-allow-origin"] == origin
            assert response.headers["x-cache"] == "HIT"

    def test_keeps_a_page_once_a_language_however_browsers_ask_for_it(self, edge: httpx.Client) -> None:
        for language, others in {
            "de": ("de-AT,de;q=0.9,en;q=0.8", "nl, DE-ch ; q=0.7", "fr;q=0, de"),
            "en": ("en-GB,en;q=0.9,de;q=0.5", "nl", ""),
        }.items():
            first = edge.get("/about", headers={"accept-language": language})
            assert first.headers["x-cache"] == "MISS"
            assert first.headers["content-language"] == language
            assert "accept-language" in first.headers["vary"]
            assert {told(edge, "/about", **{"accept-language": other}) for other in others} == {"HIT"}

    def test_keeps_a_page_that_says_its_language_once(self, edge: httpx.Client) -> None:
        assert told(edge, "/about?lang=it", **{"accept-language": "de"}) == "MISS"
        assert told(edge, "/about?lang=it", **{"accept-language": "fr"}) == "HIT"

    def test_sends_packed_pages_to_those_who_unpack_them(self, edge: httpx.Client) -> None:
        for accepted, packing in (
            ("gzip, br", "gzip"),
            ("br, gzip;q=0", None),
            ("deflate, gzip;q=1.0", "gzip"),
        ):
            found = edge.get("/ratings", headers={"accept-encoding": accepted})
            assert found.headers.get("content-encoding") == packing

    def test_lets_everything_else_through_and_keeps_metrics_in(self, edge: httpx.Client) -> None:
        for _ in range(2):
            posted = edge.post("/api/v1/predict", json=FIXTURE)
            assert posted.status_code == 200
            assert posted.headers.get("x-cache") != "HIT"
            assert edge.get("/api/v1/leagues/nowhere/table").status_code == 404
            assert edge.get("/health").headers.get("x-cache") != "HIT"
        assert edge.get("/metrics").status_code == 404
