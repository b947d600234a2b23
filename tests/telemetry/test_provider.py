import subprocess
from importlib.metadata import version

import pytest

from sabiscore.telemetry.memory import Memory
from sabiscore.telemetry.provider import Telemetry
from tests.docs.tables import everything_measured

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
        assert (value(text, "process_resident_memory_bytes", worker="0") or 0) > 1_000_000
        assert (value(text, "process_cpu_seconds_total", worker="0") or 0) > 0

    def test_are_its_own_where_nothing_is_shared(self, telemetry: Telemetry) -> None:
        other = Telemetry()
        other.instruments.model_called(rows=7, seconds=0.001)
        assert value(other.scrape(), "model_rows_total", worker="0") == 7
        assert value(telemetry.scrape(), "model_rows_total", worker="0") == 0
        other.close()

    @pytest.mark.prometheus
    def test_are_clean_as_promtool_sees_it(self) -> None:
        checked = subprocess.run(
            ["promtool", "check", "metrics"],  # noqa: S607 - Debian's
            input=everything_measured(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


class TestTheMetricsOfAllWorkers:
    @pytest.fixture
    def memory(self) -> Memory:
        return Memory.inherited()

    async def test_go_on_where_a_predecessor_ended(self, memory: Memory) -> None:
        for generation in range(1, 4):
            telemetry = Telemetry(memory)
            await telemetry.open()
            telemetry.instruments.model_called(rows=5, seconds=0.001)
            assert value(telemetry.scrape(), "model_rows_total", worker="0") == 5 * generation
            telemetry.close()

    async def test_start_with_what_its_worker_says_of_itself(self, memory: Memory) -> None:
        """A gauge of one that was killed is not its successor's."""
        first = Telemetry(memory)
        await first.open()
        first.instruments.active = 5
        first.scrape()
        first.instruments.circuit(is_open=True)
        first.close()
        second = Telemetry(memory)
        await second.open()
        text = second.scrape()
        second.close()
        assert value(text, "http_server_active_requests", worker="0") == 0
        assert value(text, "cache_circuit_open", worker="0") == 0
