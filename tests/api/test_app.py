import re

import pytest
from litestar.testing import TestClient

from sabiscore.api.app import create_app
from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.cache.factory import open_cache
from sabiscore.settings import Settings
from tests.api.asking import FIXTURE, JSON, ORIGIN, PREDICT, Client

READ = [
    "/health",
    "/health/live",
    "/health/ready",
    "/api/v1/leagues",
    "/api/v1/leagues/E0/teams",
    "/api/v1/model",
]


class TestTheIdOfARequest:
    @pytest.mark.parametrize("given", ["a", "match-of-the-day/1#2", "x" * 128])
    def test_is_the_clients_own_if_it_is_sane(self, client: Client, given: str) -> None:
        assert client.get("/health", headers={"x-request-id": given}).headers["x-request-id"] == given

    @pytest.mark.parametrize("given", [b"", b"x" * 129, b"a b", b"caf\xe9", b"a\tb"])
    def test_is_made_if_it_is_not(self, client: Client, given: bytes) -> None:
        made = client.get("/health", headers={b"x-request-id": given}).headers["x-request-id"]
        assert re.fullmatch("[0-9a-f]{32}", made)

    def test_is_another_each_time(self, client: Client) -> None:
        assert len({client.get("/health").headers["x-request-id"] for _ in range(20)}) == 20

    @pytest.mark.parametrize("path", ["/health", PREDICT, "/nope", "/schema/openapi.json", "/metrics"])
    def test_is_in_every_answer(self, client: Client, path: str) -> None:
        for method in ("GET", "POST", "OPTIONS"):
            response = client.request(method, path, headers={"x-request-id": "seen"})
            assert response.headers.get_list("x-request-id") == ["seen"]


class TestMethods:
    @pytest.mark.parametrize("path", READ)
    def test_head_has_the_head_of_get(self, client: Client, path: str) -> None:
        head, get = client.head(path), client.get(path)
        assert head.status_code == get.status_code == 200
        assert head.headers["content-type"] == get.headers["content-type"]
        assert head.headers["content-length"] == get.headers["content-length"]

    def test_options_lists_the_others(self, client: Client) -> None:
        response = client.options(PREDICT)
        assert response.status_code == 204
        assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}
        assert set(client.options("/health").headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}

    def test_a_slash_at_the_end_changes_nothing(self, client: Client) -> None:
        assert client.post(f"{PREDICT}/", json=FIXTURE).status_code == 200


class TestTheFrontend:
    def test_may_read_answers_and_their_ids(self, client: Client) -> None:
        response = client.post(PREDICT, json=FIXTURE, headers={"origin": ORIGIN})
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == ORIGIN
        exposed = set(response.headers["access-control-expose-headers"].split(", "))
        assert exposed == {"x-request-id", "age", "cache-status", "etag", "retry-after"}
        assert response.headers["vary"] == "Origin"
        assert "access-control-allow-methods" not in response.headers

    @pytest.mark.parametrize("headers", [{}, {"origin": ORIGIN}, {"origin": "https://else.example"}])
    @pytest.mark.parametrize("path", ["/health", "/metrics", "/api/v1/model", "/nope", PREDICT])
    def test_is_what_every_answer_varies_by(self, client: Client, path: str, headers: dict[str, str]) -> None:
        response = client.get(path, headers=headers)
        assert response.headers["vary"] == ("accept, Origin" if path == "/metrics" else "Origin")
        if "etag" in response.headers:
            again = client.get(path, headers=headers | {"if-none-match": response.headers["etag"]})
            assert (again.status_code, again.headers["vary"]) == (304, "Origin")

    @pytest.mark.parametrize(("path", "status"), [("/nope", 404), (PREDICT, 400)])
    def test_may_read_refusals(self, client: Client, path: str, status: int) -> None:
        response = client.post(path, content=b"{", headers=JSON | {"origin": ORIGIN})
        assert response.status_code == status
        assert response.headers["access-control-allow-origin"] == ORIGIN

    def test_may_ask_before_it_posts(self, client: Client) -> None:
        asked = {
            "origin": ORIGIN,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,x-request-id",
        }
        response = client.options(PREDICT, headers=asked)
        assert response.status_code == 204
        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert "POST" in response.headers["access-control-allow-methods"]
        assert "x-request-id" in response.headers["access-control-allow-headers"]

    def test_is_nobody_else(self, client: Client) -> None:
        other = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}
        assert "access-control-allow-origin" not in client.options(PREDICT, headers=other).headers
        assert "access-control-allow-origin" not in client.get("/health", headers=other).headers

    def test_may_be_several_or_none(self, load_service: LoadService) -> None:
        several = Settings(frontend_origin="https://one.example, https://two.example/")
        app = create_app(Resources(several, load_service, open_cache))
        for origin in ("https://one.example", "https://two.example"):
            response = TestClient(app).get("/health", headers={"origin": origin})
            assert response.headers["access-control-allow-origin"] == origin
        none = create_app(Resources(Settings(), load_service, open_cache))
        response = TestClient(none).get("/health", headers={"origin": ORIGIN})
        assert "access-control-allow-origin" not in response.headers
