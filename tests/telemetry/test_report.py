from collections.abc import Callable
from functools import partial

from sabiscore.telemetry.memory import Memory
from sabiscore.telemetry.provider import Telemetry
from sabiscore.telemetry.report import Report

from .scrapes import value


class TestAReport:
    async def test_has_everything_from_the_start(self) -> None:
        memory = Memory.inherited()
        Report(memory, workers=3)
        telemetry = Telemetry(memory)
        await telemetry.open()
        text = telemetry.scrape()
        telemetry.close()
        assert value(text, "workers_wanted") == 3
        assert value(text, "workers_up") == 1
        assert value(text, "metrics_workers_missing") == 2
        assert value(text, "worker_losses_total", reason="hung") == 0
        assert value(text, "reloads_total", result="refused") == 0
        assert value(text, "last_reload_successful") == 1
        assert value(text, "valkey_restarts_total") == 0

    def test_counts_what_happens(self) -> None:
        memory = Memory.inherited()
        report = Report(memory, workers=3)
        report.lost("died")
        report.lost("died")
        report.valkey_restarted()
        report.refused("older")
        text = Telemetry(memory).scrape()
        assert value(text, "worker_losses_total", reason="died") == 2
        assert value(text, "valkey_restarts_total") == 1
        assert value(text, "bundle_refused_total", reason="older") == 1
        assert value(text, "bundle_refused_total", reason="changed") == 0

    def test_tells_whether_the_last_reload_went_well(self) -> None:
        memory = Memory.inherited()
        report, telemetry, seen = Report(memory, workers=3), Telemetry(memory), []
        events: list[Callable[[], None]] = [
            partial(report.reloaded, "refused"),
            partial(report.reloaded, "failed"),
            partial(report.reloaded, "ok"),
            partial(report.refused, "older"),
            report.prepared,
        ]
        for happens in events:
            happens()
            seen.append(value(telemetry.scrape(), "last_reload_successful"))
        assert seen == [0, 0, 1, 0, 1]
