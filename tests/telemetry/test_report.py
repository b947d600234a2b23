import shutil
from pathlib import Path

import pytest

from sabiscore.telemetry.exposition import Exposition
from sabiscore.telemetry.provider import Telemetry
from sabiscore.telemetry.report import NAME, WANTED, Report

from .scrapes import value


@pytest.fixture
def report(run_dir: Path) -> Report:
    return Report(run_dir, workers=3)


def written(run_dir: Path) -> bytes:
    return (run_dir / NAME).read_bytes()


class TestAReport:
    def test_has_everything_from_the_start(self, run_dir: Path) -> None:
        Report(run_dir, workers=3)
        text = written(run_dir)
        assert value(text, WANTED) == 3
        assert value(text, "worker_losses_total", reason="hung") == 0
        assert value(text, "reloads_total", result="refused") == 0
        assert value(text, "last_reload_successful") == 1
        assert value(text, "valkey_restarts_total") == 0

    def test_counts_what_happens(self, report: Report, run_dir: Path) -> None:
        report.lost("died")
        report.lost("died")
        report.valkey_restarted()
        text = written(run_dir)
        assert value(text, "worker_losses_total", reason="died") == 2
        assert value(text, "valkey_restarts_total") == 1

    def test_tells_whether_the_last_reload_went_well(self, report: Report, run_dir: Path) -> None:
        seen = []
        for result in ("refused", "failed", "ok"):
            report.reloaded(result)
            seen.append(value(written(run_dir), "last_reload_successful"))
        assert seen == [0, 0, 1]

    def test_comes_back_where_it_was_removed(self, report: Report, run_dir: Path) -> None:
        report.lost("late")
        shutil.rmtree(run_dir)
        report.keep()
        assert value(written(run_dir), "worker_losses_total", reason="late") == 1
        assert run_dir.stat().st_mode & 0o777 == 0o700

    async def test_is_shown_with_the_metrics_of_each_worker(
        self, report: Report, run_dir: Path, telemetry: Telemetry
    ) -> None:
        report.lost("hung")
        exposition = Exposition(telemetry.scrape, str(run_dir))
        await exposition.start()
        text = await exposition.text()
        await exposition.close()
        assert value(text, "worker_losses_total", reason="hung") == 1
        assert value(text, "metrics_workers_missing") == 2
