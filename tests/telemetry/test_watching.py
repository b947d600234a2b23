import logging
from typing import Any

import pytest

from sabiscore.clock import Clock
from sabiscore.stages import CURRENT, found_in, stage
from sabiscore.telemetry.otlp import is_wanted
from sabiscore.telemetry.watching import Watcher


class Ticking:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0
        self.clock = Clock(seconds=lambda: self.now, unix=lambda: 1_000.0 + self.now)


@pytest.fixture
def ticking() -> Ticking:
    return Ticking()


def watch(watcher: Watcher, ticking: Ticking, path: str = "/api/v1/model") -> list[tuple[str, str]] | None:
    """One request; None where it is not watched."""
    watched = watcher.begin("GET", path, lambda _: None, ticking.now)
    if watched is None:
        return None
    with stage("decode"):
        found_in("memory")
    return watcher.end(watched, method="GET", route=path, status=200, name="a")


def fields(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [vars(record)["fields"] for record in caplog.records]


class TestTheLog:
    def test_has_so_many_a_second_and_counts_the_others(
        self, ticking: Ticking, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, logger="sabiscore.requests")
        watcher = Watcher(a_second=2, clock=ticking.clock)
        for _ in range(5):
            watch(watcher, ticking)
        assert len(fields(caplog)) == 2
        ticking.now += 1
        watch(watcher, ticking)
        assert [each.get("left_out", 0) for each in fields(caplog)] == [0, 0, 3]

    def test_says_what_became_of_it(self, ticking: Ticking, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, logger="sabiscore.requests")
        watch(Watcher(a_second=1, clock=ticking.clock), ticking)
        [said] = fields(caplog)
        assert (said["status"], said["layer"], [*said["stages"]]) == (200, "memory", ["decode"])

    def test_has_nothing_of_what_machines_ask_all_the_time(self, ticking: Ticking) -> None:
        watcher = Watcher(a_second=10, timing=True, clock=ticking.clock)
        assert [watch(watcher, ticking, path) for path in ("/health/ready", "/metrics")] == [None, None]


class TestTiming:
    def test_is_told_in_milliseconds(self, ticking: Ticking) -> None:
        watcher = Watcher(timing=True, clock=ticking.clock)
        watched = watcher.begin("GET", "/", lambda _: None, ticking.now)
        ticking.now += 0.0125
        assert watched
        told = watcher.end(watched, method="GET", route="/", status=200, name="a")
        assert told == [("server-timing", "total;dur=12.500")]
        assert CURRENT.get() is None


class TestStages:
    def test_cost_nobody_anything_where_nobody_asks(self) -> None:
        with stage("cache"):
            found_in("memory")
        assert CURRENT.get() is None


class TestSending:
    @pytest.mark.parametrize(
        ("environ", "wanted"),
        [
            ({}, False),
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:4318"}, True),
            ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a:4318/v1/traces"}, True),
            ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://a:4318/v1/metrics"}, False),
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ],
    )
    def test_is_wanted_where_opentelemetrys_own_variables_say_so(
        self, environ: dict[str, str], *, wanted: bool
    ) -> None:
        assert is_wanted("traces", environ) is wanted
