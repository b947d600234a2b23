from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.testing import TestClient

from sabiscore.api import problems
from sabiscore.api.lifespan import LoadService
from sabiscore.plugin import SabiScorePlugin
from sabiscore.settings import Settings
from tests.api.asking import FIXTURE, Client
from tests.api.conftest import load_service, season

__all__ = ["load_service", "season"]

BELOW = "/football"


@get("/")
async def home(service: NamedDependency[str]) -> str:
    return service


@get("/api/v1/leagues", operation_id="listLeagues")
async def leagues() -> list[str]:
    return ["ours"]


@get("/broken")
async def broken() -> None:
    raise LookupError("theirs")


def told(_: Request[Any, Any, Any], error: LookupError) -> Response[str]:
    return Response(str(error), status_code=418)


@pytest.fixture(scope="module")
def host(load_service: LoadService) -> Iterator[Client]:
    """An application with routes, dependencies and exception handlers of its own."""
    plugin = SabiScorePlugin(BELOW, Settings(), load_service=load_service)
    app = Litestar(
        [home, leagues, broken],
        dependencies={"service": Provide(lambda: "their own service", sync_to_thread=False)},
        exception_handlers={LookupError: told},
        plugins=[plugin],
        logging_config=None,
    )
    with TestClient(app) as client:
        yield client


class TestTheHost:
    def test_keeps_its_routes_dependencies_and_exception_handlers(self, host: Client) -> None:
        assert host.get("/").text == "their own service"
        assert host.get("/api/v1/leagues").json() == ["ours"]
        assert (host.get("/broken").status_code, host.get("/broken").text) == (418, "theirs")

    def test_has_its_own_errors(self, host: Client) -> None:
        assert host.get("/nothing").json() == {"status_code": 404, "detail": "Not Found"}

    def test_describes_its_own_routes(self, host: Client) -> None:
        assert set(host.get("/schema/openapi.json").json()["paths"]) == {"/", "/api/v1/leagues", "/broken"}


class TestTheGuest:
    def test_answers_below_its_path(self, host: Client) -> None:
        assert host.post(f"{BELOW}/api/v1/predict", json=FIXTURE).json()["home_win_prob"] > 0
        assert host.get(f"{BELOW}/api/v1/leagues").json()["leagues"]
        assert host.get(f"{BELOW}/api/v1/fixtures", params={"league": "E0"}).json()["fixtures"]
        assert host.get(f"{BELOW}/health/ready").status_code == 200

    def test_has_its_own_errors(self, host: Client) -> None:
        answer = host.post(f"{BELOW}/api/v1/predict", json=FIXTURE | {"league": "none"})
        assert answer.json()["type"] == problems.UNKNOWN_LEAGUE.type
        assert host.get(f"{BELOW}/nothing").headers["content-type"] == problems.MEDIA_TYPE

    def test_describes_its_routes_where_they_are(self, host: Client) -> None:
        document = host.get(f"{BELOW}/schema/openapi.json").json()
        assert document["servers"] == [{"url": BELOW}]
        assert "/api/v1/predict" in document["paths"]
        assert host.get(f"{BELOW}/docs").status_code == 200

    def test_has_no_pages(self, host: Client) -> None:
        assert host.get(f"{BELOW}/leagues").status_code == 404

    def test_counts_what_it_answers(self, host: Client) -> None:
        host.post(f"{BELOW}/api/v1/predict", json=FIXTURE)
        assert 'prediction_requests_total{result="ok",route="predict"' in host.get(f"{BELOW}/metrics").text

    def test_begins_and_ends_with_its_host(self, load_service: LoadService) -> None:
        plugin = SabiScorePlugin(settings=Settings(), load_service=load_service)
        app = Litestar(plugins=[plugin], logging_config=None)
        with TestClient(app) as client:
            assert client.get("/sabiscore/health/ready").status_code == 200
        assert TestClient(app).get("/sabiscore/health/ready").json()["type"] == problems.NOT_READY.type
