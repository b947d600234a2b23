from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import SpanContext
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from sabiscore.telemetry.exemplars import WIDTH, Exemplar, keep, kept, latest
from sabiscore.telemetry.families import REQUEST_BOUNDS
from sabiscore.telemetry.provider import Telemetry

PREDICT = "/api/v1/predict"

ids = st.integers(1, 2**64 - 1)
exemplars = st.builds(
    Exemplar,
    time=st.floats(1, 2e9),
    value=st.floats(0, 1e3),
    trace_id=st.integers(1, 2**128 - 1),
    span_id=ids,
)


def traced(trace_id: int, span_id: int = 7) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote=False)


def samples(telemetry: Telemetry, name: str) -> Iterator[Sample]:
    text = telemetry.scrape(with_exemplars=True).decode()
    for family in text_string_to_metric_families(text):  # type: ignore[no-untyped-call]
        yield from (sample for sample in family.samples if sample.name == name)


def told(telemetry: Telemetry, name: str) -> dict[str, str]:
    """The traces at the buckets of a histogram, by their bounds."""
    found = samples(telemetry, f"{name}_bucket")
    return {each.labels["le"]: each.exemplar.labels["trace_id"] for each in found if each.exemplar}


class TestCells:
    @given(st.lists(st.tuples(st.integers(0, 2), exemplars), max_size=8))
    def test_have_the_last_of_each_bucket(self, written: list[tuple[int, Exemplar]]) -> None:
        cells = memoryview(bytearray(8 * 3 * WIDTH)).cast("d")
        for bucket, exemplar in written:
            keep(cells, bucket, exemplar)
        last = dict(written)
        assert kept(cells) == [last.get(bucket) for bucket in range(3)]

    @given(st.lists(st.tuples(*[st.none() | exemplars] * 2), min_size=1, max_size=3))
    def test_of_two_series_together_are_the_later_ones(
        self, pairs: list[tuple[Exemplar | None, Exemplar | None]]
    ) -> None:
        some, others = [a for a, _ in pairs], [b for _, b in pairs]
        for (a, b), one in zip(pairs, latest(some, others), strict=True):
            assert one in (a, b)
            assert one is None or all(each is None or each.time <= one.time for each in (a, b))


class TestATracedRequest:
    def test_is_told_at_its_bucket_until_another_is_there(self, telemetry: Telemetry) -> None:
        for trace, seconds in ((1, 0.03), (2, 0.002), (3, 0.04), (4, 60.0)):
            telemetry.instruments.request(PREDICT, "POST", 200, seconds, traced(trace))
        expected = {"0.0025": f"{2:032x}", "0.05": f"{3:032x}", "+Inf": f"{4:032x}"}
        assert told(telemetry, "http_server_request_duration_seconds") == expected
        assert told(telemetry, "prediction_latency_seconds") == expected

    def test_is_told_with_its_span_its_time_and_how_long_it_took(self, telemetry: Telemetry) -> None:
        telemetry.instruments.request("/x", "GET", 200, 0.03, traced(1, span_id=2))
        [one] = [
            each.exemplar
            for each in samples(telemetry, "http_server_request_duration_seconds_bucket")
            if each.exemplar
        ]
        assert one.labels == {"trace_id": f"{1:032x}", "span_id": f"{2:016x}"}
        assert one.value == 0.03
        assert one.timestamp

    def test_by_another_method_is_the_same_prediction(self, telemetry: Telemetry) -> None:
        telemetry.instruments.request(PREDICT, "POST", 200, 0.03, traced(1))
        telemetry.instruments.request(PREDICT, "GET", 304, 0.03, traced(2))
        assert told(telemetry, "prediction_latency_seconds") == {"0.05": f"{2:032x}"}

    def test_is_told_of_each_worker(self, telemetry: Telemetry) -> None:
        telemetry.instruments.request(PREDICT, "POST", 200, 0.03, traced(1))
        labels = [each.labels["worker"] for each in samples(telemetry, "prediction_latency_seconds_bucket")]
        assert labels == ["0"] * (len(REQUEST_BOUNDS) + 1)


class TestWithoutTraces:
    def test_both_formats_tell_the_same(self, telemetry: Telemetry) -> None:
        telemetry.instruments.request(PREDICT, "POST", 200, 0.03)
        telemetry.instruments.model_called(rows=1, seconds=0.0001)
        plain = {line for line in telemetry.scrape().decode().splitlines() if not line.startswith("#")}
        opened = telemetry.scrape(with_exemplars=True).decode().splitlines()
        telling = {line for line in opened if not line.startswith("#")}
        moving = ("process_", "target_info")
        assert {line for line in plain ^ telling if not line.startswith(moving)} == set()
        assert opened[-1] == "# EOF"

    @pytest.mark.parametrize("name", ["http_server_request_duration_seconds", "prediction_latency_seconds"])
    def test_there_are_none(self, telemetry: Telemetry, name: str) -> None:
        telemetry.instruments.request(PREDICT, "POST", 200, 0.03)
        assert told(telemetry, name) == {}
