"""Requests one by one, at a real service: traces and metrics by OTLP, log lines, Server-Timing."""

import asyncio
from collections.abc import Iterator

import httpx
import msgspec
import pytest

from benchmarks.dashboard import prometheus
from benchmarks.serving import Service, started
from tests.api.asking import BATCH, FIXTURE, PREDICT
from tests.waiting import eventually

from .otlp import Receiver, attributes, receiving

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
NOT_SAMPLED = {"traceparent": f"00-{'1' * 32}-{'2' * 16}-00"}
ATTEMPTS = 600
OFTEN = {"OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_METRIC_EXPORT_INTERVAL": "200"}


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module", params=["1", "0"], ids=["front", "asgi"])
def server(request: pytest.FixtureRequest, receiver: Receiver) -> Iterator[Service]:
    settings = {"front": request.param, "log_requests": "1000", "server_timing": "true", "log_format": "json"}
    environment = OFTEN | {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}
    with started(settings=settings, environment=environment) as server:
        server.wait_until_ready(workers=0)
        receiver.spans.clear()
        yield server


def logged(server: Service, request_id: str) -> list[dict[str, object]]:
    lines = [msgspec.json.decode(line) for line in server.log().splitlines()]
    return [line for line in lines if line.get("request_id") == request_id]


class TestATrace:
    def test_goes_on_from_that_of_the_caller(self, server: Service, receiver: Receiver) -> None:
        answer = server.http.post(PREDICT, json=FIXTURE, headers=SAMPLED | {"x-request-id": "traced"})
        assert answer.status_code == 200
        eventually(lambda: receiver.named(f"POST {PREDICT}"))
        [span] = [each for each in receiver.named(f"POST {PREDICT}") if each.trace_id.hex() == TRACE]
        assert span.parent_span_id.hex() == PARENT
        assert attributes(span.attributes) == {
            "http.request.method": "POST",
            "http.route": PREDICT,
            "http.response.status_code": 200,
            "sabiscore.request_id": "traced",
            "sabiscore.layer": "model",
        }
        assert receiver.services == {"sabiscore"}
        ours = {each.name: each for each in receiver.spans if each.trace_id.hex() == TRACE}
        assert ours.keys() == {f"POST {PREDICT}", "decode", "cache", "wait", "batch", "model"}
        for name in ("decode", "cache", "wait", "batch"):
            assert ours[name].parent_span_id == span.span_id
            assert span.start_time_unix_nano <= ours[name].start_time_unix_nano
            assert ours[name].end_time_unix_nano <= span.end_time_unix_nano
        assert ours["model"].parent_span_id == ours["batch"].span_id
        assert [link.span_id for link in ours["batch"].links] == [span.span_id]
        assert [link.span_id for link in ours["wait"].links] == [ours["batch"].span_id]

    def test_tells_of_what_is_stored_and_what_is_refused(self, server: Service, receiver: Receiver) -> None:
        for _ in range(3):
            server.http.post(PREDICT, json=FIXTURE, headers={"x-request-id": "stored"})
        server.http.get("/nowhere", headers={"x-request-id": "missed"})

        def told(name: str) -> list[dict[str, str | int]]:
            found = [attributes(each.attributes) for each in receiver.spans if each.kind == 2]
            return [each for each in found if each["sabiscore.request_id"] == name]

        eventually(lambda: len(told("stored")) == 3 and told("missed"))
        assert {each["sabiscore.layer"] for each in told("stored")} <= {"body", "memory"}
        assert told("missed")[0]["http.response.status_code"] == 404

    def test_is_none_where_the_caller_does_not_sample_or_a_machine_asks(
        self, server: Service, receiver: Receiver
    ) -> None:
        server.http.post(PREDICT, json=FIXTURE, headers=NOT_SAMPLED)
        server.http.get("/metrics")
        server.http.get("/health/ready")
        server.http.get("/api/v1/model", headers={"x-request-id": "last"})
        eventually(lambda: receiver.named("GET /api/v1/model"))
        assert {each.trace_id.hex() for each in receiver.spans} & {"1" * 32} == set()
        assert [each.name for each in receiver.spans if "metrics" in each.name or "health" in each.name] == []


class TestMetrics:
    def test_are_pushed_with_what_was_counted(self, server: Service, receiver: Receiver) -> None:
        server.http.post(BATCH, json={"fixtures": [FIXTURE]})

        def counted() -> int:
            metric = receiver.exports[-1]["http.server.request.duration"] if receiver.exports else None
            points = metric.histogram.data_points if metric else []
            wanted = {"http.route": BATCH, "http.response.status_code": "200"}.items()
            return sum(point.count for point in points if wanted <= attributes(point.attributes).items())

        eventually(lambda: counted() >= 1)
        assert receiver.exports[-1]["workers_up"].gauge.data_points[0].as_int == 1

    def test_have_the_trace_beside_a_bucket_of_its_latency(self, server: Service, receiver: Receiver) -> None:
        server.http.post(PREDICT, json=FIXTURE, headers=SAMPLED)

        def traces() -> set[str]:
            metric = receiver.exports[-1]["http.server.request.duration"]
            return {each.trace_id.hex() for point in metric.histogram.data_points for each in point.exemplars}

        eventually(lambda: receiver.exports and TRACE in traces())

    @pytest.mark.prometheus
    async def test_of_a_real_prometheus_lead_to_the_trace(self, server: Service) -> None:
        async with (
            prometheus(server.url) as url,
            httpx.AsyncClient(base_url=url) as client,
        ):
            query = {"query": "prediction_latency_seconds_bucket", "start": "0", "end": "9999999999"}
            found: set[str] = set()
            for _ in range(ATTEMPTS):
                server.http.post(PREDICT, json=FIXTURE, headers=SAMPLED)
                answer = (await client.get("/api/v1/query_exemplars", params=query)).json()
                found = {each["labels"]["trace_id"] for one in answer["data"] for each in one["exemplars"]}
                if TRACE in found:
                    break
                await asyncio.sleep(0.1)
            assert TRACE in found


class TestALogLine:
    def test_says_once_what_became_of_a_request(self, server: Service) -> None:
        headers = SAMPLED | {"x-request-id": "logged"}
        server.http.post(PREDICT, json=FIXTURE | {"away_team": "Everton"}, headers=headers)
        eventually(lambda: logged(server, "logged"))
        [line] = logged(server, "logged")
        assert line["message"].startswith(f"POST {PREDICT} 200 in ")  # type: ignore[attr-defined]
        assert line["trace_id"] == TRACE
        assert (line["route"], line["status"], line["layer"]) == (PREDICT, 200, "model")
        assert line["stages"].keys() == {"decode", "cache", "wait"}  # type: ignore[attr-defined]
        assert (line["level"], line["logger"]) == ("info", "sabiscore.requests")

    def test_is_json_whatever_is_told(self, server: Service) -> None:
        lines = [msgspec.json.decode(line) for line in server.log().splitlines()]
        assert all({"time", "level", "logger", "process", "message"} <= line.keys() for line in lines)


class TestServerTiming:
    def test_has_each_stage(self, server: Service) -> None:
        answer = server.http.post(PREDICT, json=FIXTURE | {"away_team": "Fulham"})
        names = [each.split(";")[0] for each in answer.headers["server-timing"].split(", ")]
        assert names == ["decode", "cache", "wait", "total"]

    def test_is_each_requests_own(self, server: Service) -> None:
        timings = [server.http.get("/api/v1/leagues").headers.get_list("server-timing") for _ in range(3)]
        assert [len(each) for each in timings] == [1, 1, 1]


class TestByDefault:
    def test_nobody_is_watched(self) -> None:
        with started() as server:
            server.wait_until_ready()
            answer = server.http.post(PREDICT, json=FIXTURE, headers=SAMPLED)
            assert "server-timing" not in answer.headers
            assert "sabiscore.requests" not in server.log()
