from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from litestar.testing import TestClient

from sabiscore.api import problems
from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.cache.factory import open_cache
from sabiscore.errors import SettingsError
from sabiscore.settings import Settings
from tests.api.asking import BATCH, BODY, FIXTURE, JSON, PREDICT, Client, refused
from tests.api.fronting import served

GET = f"{PREDICT}?home_team=Arsenal&away_team=Chelsea&league=EPL&kickoff_time=2025-08-30T16:30:00Z"

Gated = Callable[..., Client]


def left(answer: Response) -> int:
    """What an answer says is left of the rate."""
    return int(answer.headers["ratelimit"].partition("r=")[2].partition(";")[0])


@pytest.fixture(params=["asgi", "front"])
def gated(request: pytest.FixtureRequest, load_service: LoadService) -> Iterator[Gated]:
    """Clients of services with these settings."""
    with ExitStack() as stack:

        def make(**settings: Any) -> Client:  # noqa: ANN401 - whatever the settings take
            resources = Resources(Settings(**settings), load_service, open_cache)
            return stack.enter_context(TestClient(served(resources, front=request.param == "front")))

        yield make


@pytest.fixture
def keys(tmp_path: Path) -> str:
    (tmp_path / "keys").write_text(sha256(b"sesame").hexdigest())
    return str(tmp_path / "keys")


class TestAKey:
    def test_is_needed_for_all_but_health(self, gated: Gated, keys: str) -> None:
        client = gated(api_keys=keys)
        for path in (GET, "/api/v1/leagues", "/metrics", "/schema/openapi.json", "/nope"):
            response = client.get(path)
            refused(response, problems.UNAUTHORIZED)
            assert response.headers["www-authenticate"].startswith("Bearer")
        for path in (PREDICT, BATCH):
            refused(client.post(path, content=BODY, headers=JSON), problems.UNAUTHORIZED)
        assert client.get("/health/ready").status_code == 200

    @pytest.mark.parametrize(
        "header",
        [{"x-api-key": "sesame"}, {"authorization": "Bearer sesame"}, {"authorization": "bearer sesame"}],
    )
    def test_lets_in(self, gated: Gated, keys: str, header: dict[str, str]) -> None:
        client = gated(api_keys=keys)
        assert client.post(PREDICT, content=BODY, headers=JSON | header).status_code == 200
        assert client.get("/api/v1/leagues", headers=header).status_code == 200

    def test_that_is_wrong_does_not_get_what_is_stored_for_another(self, gated: Gated, keys: str) -> None:
        client = gated(api_keys=keys)
        for _ in range(3):
            asked = client.post(PREDICT, content=BODY, headers=JSON | {"x-api-key": "sesame"})
            assert asked.status_code == 200
        for given in ({}, {"x-api-key": "sesam"}, {"authorization": "Basic sesame"}):
            refused(client.post(PREDICT, content=BODY, headers=JSON | given), problems.UNAUTHORIZED)

    def test_makes_an_answer_that_no_shared_cache_may_keep(self, gated: Gated, keys: str) -> None:
        client = gated(api_keys=keys)
        for path in (GET, GET, "/api/v1/leagues"):
            answer = client.get(path, headers={"x-api-key": "sesame"})
            assert "private" in answer.headers["cache-control"]
            assert "public" not in answer.headers["cache-control"]
            assert "X-API-Key" in answer.headers["vary"]


class TestARate:
    def test_holds_for_all_routes_together_but_health(self, gated: Gated) -> None:
        client = gated(rate_limit="3/hour")
        assert (
            client.post(PREDICT, content=BODY, headers=JSON).headers["ratelimit"].startswith('"default";r=2')
        )
        assert client.get("/api/v1/leagues").headers["ratelimit"].startswith('"default";r=1')
        assert client.get("/api/v1/leagues").status_code == 200
        response = client.post(PREDICT, content=BODY, headers=JSON)
        refused(response, problems.RATE_LIMITED)
        assert int(response.headers["retry-after"]) >= 1
        assert response.headers["ratelimit-policy"] == '"default";q=3;w=3600'
        assert client.get("/health/live").status_code == 200

    def test_counts_a_batch_as_its_fixtures(self, gated: Gated) -> None:
        client = gated(rate_limit="8/hour")
        assert left(client.post(BATCH, json={"fixtures": [FIXTURE] * 5})) == 3
        too_many = client.post(BATCH, json={"fixtures": [FIXTURE] * 5})
        refused(too_many, problems.RATE_LIMITED)
        assert int(too_many.headers["retry-after"]) >= 1
        assert left(too_many) == 2
        assert left(client.post(BATCH, json={"fixtures": [FIXTURE] * 2})) == 0

    def test_lets_in_a_batch_over_it_of_who_asked_for_nothing_else(self, gated: Gated) -> None:
        client = gated(rate_limit="3/hour")
        assert left(client.post(BATCH, json={"fixtures": [FIXTURE] * 9})) == 0
        refused(client.post(PREDICT, content=BODY, headers=JSON), problems.RATE_LIMITED)

    def test_is_each_key_s_own(self, gated: Gated, tmp_path: Path) -> None:
        (tmp_path / "keys").write_text("\n".join(sha256(key).hexdigest() for key in (b"one", b"two")))
        client = gated(rate_limit="1/hour", api_keys=str(tmp_path / "keys"))
        for key in ("one", "two"):
            first, second = (
                client.post(PREDICT, content=BODY, headers=JSON | {"x-api-key": key}) for _ in range(2)
            )
            assert first.status_code == 200
            refused(second, problems.RATE_LIMITED)


class TestAHost:
    @pytest.mark.parametrize(
        ("host", "status"),
        [
            ("scores.example", 200),
            ("SCORES.example:8000", 200),
            ("a.b.example.org", 200),
            ("example.org", 421),
            ("scores.example.evil", 421),
            ("evil", 421),
        ],
    )
    def test_is_answered_for_if_it_is_listed(self, gated: Gated, host: str, status: int) -> None:
        client = gated(allowed_hosts="scores.example, *.example.org")
        assert client.post(PREDICT, content=BODY, headers=JSON | {"host": host}).status_code == status
        assert client.get("/api/v1/leagues", headers={"host": host}).status_code == status


class TestSecurityHeaders:
    def test_are_said_where_they_are_wanted(self, gated: Gated) -> None:
        client = gated(security_headers=True)
        for answer in (client.post(PREDICT, content=BODY, headers=JSON), client.get("/nope")):
            assert answer.headers["x-content-type-options"] == "nosniff"

    def test_are_not_said_elsewhere(self, gated: Gated) -> None:
        answer = gated().post(PREDICT, content=BODY, headers=JSON)
        assert not answer.headers.keys() & {"x-content-type-options", "ratelimit", "vary"}


class TestAStart:
    @pytest.mark.parametrize(
        "wrong",
        [{"api_keys": "/nowhere"}, {"rate_limit": "x"}, {"trusted_proxies": "x"}],
    )
    def test_fails_with_a_setting_that_makes_no_sense(
        self, load_service: LoadService, wrong: dict[str, str]
    ) -> None:
        with pytest.raises(SettingsError, match=f"SABISCORE_{next(iter(wrong)).upper()}"):
            Resources(Settings(**wrong), load_service, open_cache)  # type: ignore[arg-type]
