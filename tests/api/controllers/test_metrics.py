import re

import pytest
from litestar.testing import TestClient
from litestar.types import ASGIApp

from tests.api.asking import BATCH, FIXTURE, JSON, PREDICT, Client

COUNTED = re.compile(r'prediction_requests_total{result="(\w+)",route="(\w+)",worker="0"} ([\d.]+)')
TIMED = re.compile(r'prediction_latency_seconds_count{result="(\w+)",route="(\w+)",worker="0"} ([\d.]+)')


def found(client: Client, pattern: re.Pattern[str]) -> dict[tuple[str, str], float]:
    return {(route, result): float(n) for result, route, n in pattern.findall(client.get("/metrics").text)}


class TestRequestsForPredictions:
    def test_are_counted_and_timed_by_how_they_ended(self, fresh: Client) -> None:
        fresh.post(PREDICT, json=FIXTURE)
        fresh.post(PREDICT, json=FIXTURE | {"home_team": "Arsenol"})
        fresh.post(PREDICT, content=b"{", headers=JSON)
        fresh.post(PREDICT, content=b"{}", headers={"content-type": "text/plain"})
        fresh.get(PREDICT, params=FIXTURE)
        fresh.head(PREDICT, params=FIXTURE | {"home_team": "Arsenol"})
        fresh.post(BATCH, json={"fixtures": [FIXTURE, None]})
        expected = {("predict", "ok"): 2, ("predict", "invalid"): 4, ("batch", "ok"): 1}
        assert found(fresh, COUNTED) == expected
        assert found(fresh, TIMED) == expected

    def test_are_errors_when_they_fail_as_our_fault(self, app: ASGIApp) -> None:
        not_ready = TestClient(app)
        not_ready.post(PREDICT, json=FIXTURE)
        assert found(not_ready, COUNTED) == found(not_ready, TIMED) == {("predict", "error"): 1}

    @pytest.mark.parametrize("path", ["/health", "/api/v1/leagues", "/api/v1/model", "/nope"])
    def test_are_not_mixed_with_others(self, fresh: Client, path: str) -> None:
        fresh.get(path)
        fresh.options(PREDICT)
        fresh.put(PREDICT, json=FIXTURE)
        assert found(fresh, COUNTED) == {}
        assert found(fresh, TIMED) == {}


class TestTheText:
    def test_is_what_prometheus_reads(self, client: Client) -> None:
        client.post(PREDICT, json=FIXTURE)
        response = client.get("/metrics")
        assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert "# TYPE prediction_latency_seconds histogram" in response.text
        assert "bundle_info{" in response.text
