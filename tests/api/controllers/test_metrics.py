import re

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from litestar.types import ASGIApp
from msgspec.structs import replace

from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.api.loaded import Loaded
from sabiscore.cache.factory import open_cache
from sabiscore.cache.protocol import Cache
from sabiscore.ledger.schemas import Alarm, Head, Record
from sabiscore.making import ModelHook
from sabiscore.settings import Settings
from tests.api.asking import BATCH, FIXTURE, JSON, PREDICT, Client
from tests.api.conftest import built

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

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_is_openmetrics_to_whoever_takes_that(self, client: Client, method: str) -> None:
        asked = {"accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"}
        response = client.request(method, "/metrics", headers=asked)
        assert (
            response.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
        )
        assert int(response.headers["content-length"]) > 1000
        assert response.text.endswith("# EOF\n" if method == "GET" else "")


class TestTheRecord:
    def test_of_the_bundle_has_its_alarms_counted(self, load_service: LoadService) -> None:
        alarms = [
            Alarm(league, "calibration", n=100, evidence=1.0, highest=1.0, threshold=1000.0, fired=fired)
            for league, fired in (("E0", True), ("E1", True), ("D1", False))
        ]
        record = Record("Said.", 500, 400, Head(1, "0" * 64), alarms=alarms)

        def load(settings: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:
            return replace(load_service(settings, cache=cache, hook=hook), record=record)

        with TestClient(built(load, front=False)) as client:
            text = client.get("/metrics").text
        assert 'record_alarm{question="calibration",worker="0"} 2.0' in text
        assert 'record_alarm{question="drift",worker="0"} 0.0' in text
        assert 'record_settled{worker="0"} 400.0' in text

    async def test_is_not_shown_any_more_once_a_bundle_has_none(self, load_service: LoadService) -> None:
        records = iter([Record("Said.", 500, 400, Head(1, "0" * 64), alarms=[]), None])

        def load(settings: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:
            return replace(load_service(settings, cache=cache, hook=hook), record=next(records))

        resources = Resources(Settings(), load, open_cache)
        async with resources.lifespan(Litestar(logging_config=None)):
            assert b"record_sealed{" in resources.telemetry.scrape()
            await resources.replace(load)
            assert not re.search(rb"^record_", resources.telemetry.scrape(), re.MULTILINE)
