from importlib.metadata import version

import pytest

from sabiscore.telemetry.provider import Telemetry

from .scrapes import families, value


class TestTheMetricsOfAProcess:
    def test_say_whose_they_are(self, telemetry: Telemetry) -> None:
        (target,) = families(telemetry.scrape())["target_info"].samples
        assert target.labels["service_name"] == "sabiscore"
        assert target.labels["service_version"] == version("sabiscore")

    def test_take_in_what_the_environment_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test")
        telemetry = Telemetry()
        (target,) = families(telemetry.scrape())["target_info"].samples
        assert target.labels["deployment_environment"] == "test"
        telemetry.close()

    def test_carry_no_scope_on_every_series(self, telemetry: Telemetry) -> None:
        telemetry.instruments.model_called(rows=1, seconds=0.001)
        assert b"otel_scope" not in telemetry.scrape()

    def test_have_its_memory_and_time(self, telemetry: Telemetry) -> None:
        text = telemetry.scrape()
        assert (value(text, "process_resident_memory_bytes") or 0) > 1_000_000
        assert (value(text, "process_cpu_seconds_total") or 0) > 0

    def test_are_its_own(self, telemetry: Telemetry) -> None:
        other = Telemetry()
        other.instruments.model_called(rows=7, seconds=0.001)
        assert value(other.scrape(), "model_rows_total") == 7
        assert value(telemetry.scrape(), "model_rows_total") == 0
        other.close()

    def test_are_gone_with_the_provider(self) -> None:
        telemetry = Telemetry()
        telemetry.close()
        assert not any(name.startswith(("cache", "model")) for name in families(telemetry.scrape()))
