from datetime import UTC, date, datetime

import pytest

from sabiscore.cache.protocol import CacheHook
from sabiscore.telemetry.provider import Telemetry

from .scrapes import families, value

PREDICT = "/api/v1/predict"
OURS = {"route": "predict", "result": "ok", "worker": "0"}


class TestARequest:
    def test_is_counted_by_template_method_and_status(self, telemetry: Telemetry) -> None:
        for status in (200, 200, 422, 500):
            telemetry.instruments.request(PREDICT, "POST", status, 0.001)
        labels = {"http_route": PREDICT, "http_request_method": "POST", "worker": "0"}
        counted = [
            value(
                telemetry.scrape(),
                "http_server_request_duration_seconds_count",
                http_response_status_code=status,
                **labels,
            )
            for status in ("200", "422", "500")
        ]
        assert counted == [2, 1, 1]

    def test_for_predictions_is_counted_by_route_and_result_too(self, telemetry: Telemetry) -> None:
        for status in (200, 304, 422, 500):
            telemetry.instruments.request(PREDICT, "GET", status, 0.001)
        telemetry.instruments.request(f"{PREDICT}/batch", "POST", 200, 0.001)
        telemetry.instruments.request(PREDICT, "OPTIONS", 204, 0.001)
        telemetry.instruments.request("/health", "GET", 200, 0.001)
        samples = families(telemetry.scrape())["prediction_requests"].samples
        assert {(each.labels["route"], each.labels["result"]): each.value for each in samples} == {
            ("predict", "ok"): 2,
            ("predict", "invalid"): 1,
            ("predict", "error"): 1,
            ("batch", "ok"): 1,
        }

    def test_of_a_method_that_nobody_knows_is_one_of_others(self, telemetry: Telemetry) -> None:
        for n in range(100):
            telemetry.instruments.request("", f"M{n}", 405, 0.001)
        telemetry.scrape()
        assert (
            value(
                telemetry.scrape(),
                "http_server_request_duration_seconds_count",
                http_route="",
                http_request_method="_OTHER",
                http_response_status_code="405",
                worker="0",
            )
            == 100
        )

    def test_goes_into_a_histogram_in_seconds(self, telemetry: Telemetry) -> None:
        for seconds in (0.0004, 0.0005, 0.03, 2.0):
            telemetry.instruments.request(PREDICT, "POST", 200, seconds)
        text = telemetry.scrape()
        below = [
            (bound, value(text, "prediction_latency_seconds_bucket", le=bound, **OURS))
            for bound in ("0.0005", "0.01", "0.05", "0.1", "0.25", "0.5", "1.0", "+Inf")
        ]
        assert below == [
            ("0.0005", 2),
            ("0.01", 2),
            ("0.05", 3),
            ("0.1", 3),
            ("0.25", 3),
            ("0.5", 3),
            ("1.0", 3),
            ("+Inf", 4),
        ]
        assert value(text, "prediction_latency_seconds_sum", **OURS) == pytest.approx(2.0309)

    def test_is_still_counted_at_the_next_scrape(self, telemetry: Telemetry) -> None:
        telemetry.instruments.request(PREDICT, "POST", 200, 0.001)
        for text in (telemetry.scrape(), telemetry.scrape()):
            assert value(text, "prediction_requests_total", **OURS) == 1
            assert value(text, "prediction_latency_seconds_count", **OURS) == 1


class TestTheCache:
    def test_may_have_the_instruments_as_its_hook(self, telemetry: Telemetry) -> None:
        hook: CacheHook = telemetry.instruments
        hook.looked_up(layer="memory", hits=3, misses=1)
        hook.looked_up(layer="memory", hits=0, misses=1)
        hook.looked_up(layer="valkey", hits=1, misses=1)
        hook.failed(operation="get", reason="timeout")
        text = telemetry.scrape()
        assert value(text, "cache_lookups_total", worker="0", layer="memory", result="hit") == 3
        assert value(text, "cache_lookups_total", worker="0", layer="memory", result="miss") == 2
        assert value(text, "cache_lookups_total", worker="0", layer="valkey", result="hit") == 1
        assert value(text, "cache_failures_total", worker="0", operation="get", reason="timeout") == 1

    def test_has_its_hits_and_misses_from_the_start(self, telemetry: Telemetry) -> None:
        """So that a rate over the first ones is right."""
        for layer in ("body", "memory", "valkey"):
            for result in ("hit", "miss"):
                assert (
                    value(telemetry.scrape(), "cache_lookups_total", worker="0", layer=layer, result=result)
                    == 0
                )

    def test_tells_whether_valkey_is_left_alone(self, telemetry: Telemetry) -> None:
        seen = [value(telemetry.scrape(), "cache_circuit_open", worker="0")]
        for is_open in (True, False):
            telemetry.instruments.circuit(is_open=is_open)
            seen.append(value(telemetry.scrape(), "cache_circuit_open", worker="0"))
        assert seen == [0, 1, 0]


class TestTheModel:
    def test_has_its_calls_and_rows_counted(self, telemetry: Telemetry) -> None:
        telemetry.instruments.model_called(rows=1, seconds=0.00008)
        telemetry.instruments.model_called(rows=256, seconds=0.002)
        text = telemetry.scrape()
        assert value(text, "model_rows_total", worker="0") == 257
        assert value(text, "model_latency_seconds_count", worker="0") == 2
        assert value(text, "model_latency_seconds_bucket", worker="0", le="0.0001") == 1


class TestTheBundle:
    def test_is_absent_before_one_is_loaded(self, telemetry: Telemetry) -> None:
        assert (
            not {"bundle_info", "bundle_data_through_timestamp_seconds"} & families(telemetry.scrape()).keys()
        )

    def test_tells_version_and_watermark(self, telemetry: Telemetry) -> None:
        telemetry.instruments.bundle_loaded(version="0a1b", data_through=date(2025, 5, 25))
        text = telemetry.scrape()
        assert value(text, "bundle_info", worker="0", version="0a1b", data_through="2025-05-25") == 1
        midnight = datetime(2025, 5, 25, tzinfo=UTC).timestamp()
        assert value(text, "bundle_data_through_timestamp_seconds", worker="0") == midnight

    def test_replaced_is_shown_no_more(self, telemetry: Telemetry) -> None:
        telemetry.instruments.bundle_loaded(version="old", data_through=date(2024, 5, 19))
        telemetry.scrape()
        telemetry.instruments.bundle_loaded(version="new", data_through=date(2025, 5, 25))
        shown = families(telemetry.scrape())["bundle_info"].samples
        assert [sample.labels["version"] for sample in shown] == ["new"]


class TestTheRecordByLeague:
    def test_is_that_of_the_bundle_which_answers(self, telemetry: Telemetry) -> None:
        rps: dict[tuple[str, ...], float] = {("E0", "ours"): 0.19, ("SP1", "ours"): 0.2}
        telemetry.instruments.leagues_loaded(settled={"E0": 10, "SP1": 9}, rps=rps)
        telemetry.instruments.leagues_loaded(settled={"E0": 12}, rps={("E0", "ours"): 0.18})
        found = families(telemetry.scrape())
        shown = {name: found[name].samples for name in ("record_league_settled", "record_league_rps")}
        assert [(each.labels["league"], each.value) for each in shown["record_league_settled"]] == [
            ("E0", 12)
        ]
        assert [(each.labels["league"], each.value) for each in shown["record_league_rps"]] == [("E0", 0.18)]
