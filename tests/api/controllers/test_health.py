import pytest
from litestar.testing import TestClient
from litestar.types import ASGIApp

from sabiscore.api import problems
from tests.api.asking import FIXTURE, PREDICT, Client, refused


class TestAServiceThatIsUp:
    @pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
    def test_is_ok(self, client: Client, path: str) -> None:
        response = client.get(path)
        assert response.status_code == 200
        assert response.json() == {"status": "ok"}


class TestAServiceThatIsNotReady:
    def test_is_alive_before_its_bundle_is_loaded(self, app: ASGIApp) -> None:
        client = TestClient(app)
        assert client.get("/health/live").status_code == 200
        refused(client.get("/health/ready"), problems.NOT_READY)

    @pytest.mark.parametrize("path", ["/api/v1/leagues", "/api/v1/leagues/E0/teams", "/api/v1/model"])
    def test_says_so_wherever_a_bundle_is_needed(self, app: ASGIApp, path: str) -> None:
        refused(TestClient(app).get(path), problems.NOT_READY)

    def test_predicts_nothing(self, app: ASGIApp) -> None:
        refused(TestClient(app).post(PREDICT, json=FIXTURE), problems.NOT_READY)

    def test_is_no_more_ready_once_it_stops(self, app: ASGIApp) -> None:
        with TestClient(app) as client:
            assert client.get("/health/ready").status_code == 200
        refused(TestClient(app).get("/health/ready"), problems.NOT_READY)
