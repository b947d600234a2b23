from datetime import UTC, date, datetime

import pytest

from sabiscore.cache.protocol import CacheHook
from sabiscore.telemetry.instruments import Result
from sabiscore.telemetry.provider import Telemetry

from .scrapes import families, value


class TestARequest:
    def test_is_counted_by_route_and_result(self, telemetry: Telemetry) -> None:
        results: list[Result] = ["ok", "ok", "invalid", "error"]
        for result in results:
            telemetry.instruments.request(route="predict", result=result, seconds=0.001)
        telemetry.instruments.request(route="batch", result="ok", seconds=0.001)
        text = telemetry.scrape()
        assert value(text, "prediction_requests_total", route="predict", result="ok") == 2
        assert value(text, "prediction_requests_total", route="predict", result="invalid") == 1
        assert value(text, "prediction_requests_total", route="predict", result="error") == 1
        assert value(text, "prediction_requests_total", route="batch", result="ok") == 1

    def test_goes_into_a_histogram_in_seconds(self, telemetry: Telemetry) -> None:
        for seconds in (0.0004, 0.03, 2.0):
            telemetry.instruments.request(route="predict", result="ok", seconds=seconds)
        text = telemetry.scrape()
        labels = {"route": "predict", "result": "ok"}
        below = [
            (bound, value(text, "prediction_latency_seconds_bucket", le=bound, **labels))
            for bound in ("0.0005", "0.01", "0.05", "0.1", "0.25", "0.5", "1.0", "+Inf")
        ]
        assert below == [
            ("0.0005", 1),
            ("0.01", 1),
            ("0.05", 2),
            ("0.1", 2),
            ("0.25", 2),
            ("0.5", 2),
            ("1.0", 2),
            ("+Inf", 3),
        ]
        assert value(text, "prediction_latency_seconds_sum", **labels) == pytest.approx(2.0304)

    def test_is_still_counted_at_the_next_scrape(self, telemetry: Telemetry) -> None:
        telemetry.instruments.request(route="predict", result="ok", seconds=0.001)
        first, second = telemetry.scrape(), telemetry.scrape()
        assert value(first, "prediction_requests_total", route="predict", result="ok") == 1
        assert value(second, "prediction_requests_total", route="predict", result="ok") == 1
        assert value(second, "prediction_latency_seconds_count", route="predict", result="ok") == 1


class TestTheCache:
    def test_may_have_the_instruments_as_its_hook(self, telemetry: Telemetry) -> None:
        hook: CacheHook = telemetry.instruments
        hook.looked_up(layer="memory", hits=3, misses=1)
        hook.looked_up(layer="memory", hits=0, misses=1)
        hook.looked_up(layer="valkey", hits=1, misses=1)
        hook.failed(operation="get", reason="timeout")
        text = telemetry.scrape()
        assert value(text, "cache_lookups_total", layer="memory", result="hit") == 3
        assert value(text, "cache_lookups_total", layer="memory", result="miss") == 2
        assert value(text, "cache_lookups_total", layer="valkey", result="hit") == 1
        assert value(text, "cache_failures_total", operation="get", reason="timeout") == 1

    def test_has_its_hits_and_misses_from_the_start(self, telemetry: Telemetry) -> None:
        """So that a rate over the first ones is right."""
        for layer in ("body", "memory", "valkey"):
            for result in ("hit", "miss"):
                assert value(telemetry.scrape(), "cache_lookups_total", layer=layer, result=result) == 0

    def test_tells_whether_valkey_is_left_alone(self, telemetry: Telemetry) -> None:
        seen = [value(telemetry.scrape(), "cache_circuit_open")]
        for is_open in (True, False):
            telemetry.instruments.circuit(is_open=is_open)
            seen.append(value(telemetry.scrape(), "cache_circuit_open"))
        assert seen == [0, 1, 0]


class TestTheModel:
    def test_has_its_calls_and_rows_counted(self, telemetry: Telemetry) -> None:
        telemetry.instruments.model_called(rows=1, seconds=0.00008)
        telemetry.instruments.model_called(rows=256, seconds=0.002)
        text = telemetry.scrape()
        assert value(text, "model_rows_total") == 257
        assert value(text, "model_latency_seconds_count") == 2
        assert value(text, "model_latency_seconds_bucket", le="0.0001") == 1


class TestTheBundle:
    def test_is_absent_before_one_is_loaded(self, telemetry: Telemetry) -> None:
        assert (
            not {"bundle_info", "bundle_data_through_timestamp_seconds"} & families(telemetry.scrape()).keys()
        )

    def test_tells_version_and_watermark(self, telemetry: Telemetry) -> None:
        telemetry.instruments.bundle_loaded(version="0a1b", data_through=date(2025, 5, 25))
        text = telemetry.scrape()
        assert value(text, "bundle_info", version="0a1b", data_through="2025-05-25") == 1
        midnight = datetime(2025, 5, 25, tzinfo=UTC).timestamp()
        assert value(text, "bundle_data_through_timestamp_seconds") == midnight

    def test_replaced_is_shown_no_more(self, telemetry: Telemetry) -> None:
        telemetry.instruments.bundle_loaded(version="old", data_through=date(2024, 5, 19))
        telemetry.scrape()
        telemetry.instruments.bundle_loaded(version="new", data_through=date(2025, 5, 25))
        shown = families(telemetry.scrape())["bundle_info"].samples
        assert [sample.labels["version"] for sample in shown] == ["new"]
