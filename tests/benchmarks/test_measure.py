"""Each way of asking for a second against ours, so that the benchmark cannot rot."""

from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import chart, report, workloads
from benchmarks.command import chosen, measure
from benchmarks.contenders import OURS
from benchmarks.results import Measure, Run

pytestmark = pytest.mark.load_drivers

WORKLOADS = ("hot get", "mix", "cold", "batch", "paced cold 700")


@pytest.fixture(scope="module")
def run() -> Run:
    """One round. An answer that isn't 2xx, or isn't of the contract's shape, voids it with an exception."""
    return measure(chosen([OURS, *WORKLOADS]), seconds=1, rounds=1, console=Console(quiet=True))


def found(run: Run, workload: str) -> Measure:
    measured = run.of(OURS, workload)
    assert measured is not None
    return measured


class TestOurs:
    @pytest.mark.parametrize("workload", WORKLOADS)
    def test_answers_every_workload(self, run: Run, workload: str) -> None:
        measured = found(run, workload)
        assert measured.requests > 0
        assert measured.rate > 0.0
        assert measured.looked_at > 0
        assert 0.0 < measured.p50 <= measured.p95 <= measured.p99

    @pytest.mark.parametrize("workload", WORKLOADS)
    def test_is_seen_to_use_a_processor_and_memory(self, run: Run, workload: str) -> None:
        measured = found(run, workload)
        assert 5.0 < measured.cpu < 1e6
        assert 10e6 < measured.private < measured.memory < 1e9
        assert 0.0 < measured.driver_busy <= 1.0

    def test_has_seen_most_of_the_mix_before(self, run: Run) -> None:
        hit_rate = found(run, "mix").hit_rate
        assert hit_rate is not None
        assert 0.4 < hit_rate < 0.83, "73 % once thousands were asked; a busy machine gets less far"

    @pytest.mark.parametrize("workload", ["cold", "batch", "paced cold 700"])
    def test_has_seen_nothing_of_what_is_new(self, run: Run, workload: str) -> None:
        assert found(run, workload).hit_rate == pytest.approx(0.0, abs=0.02)

    def test_has_seen_all_of_what_comes_again(self, run: Run) -> None:
        assert found(run, "hot get").hit_rate == pytest.approx(1.0, abs=0.05)

    def test_is_paced_as_the_workload_says(self, run: Run) -> None:
        assert found(run, "paced cold 700").rate == pytest.approx(700, rel=0.01)

    def test_says_when_it_was_ready(self, run: Run) -> None:
        started = run.start_seconds(OURS)
        assert started is not None
        assert 0.1 < started < 60.0


class TestItsReport:
    def test_has_a_row_of_figures_for_every_workload(self, run: Run) -> None:
        text = report.markdown(run, "")
        for workload in map(workloads.BY_NAME.__getitem__, WORKLOADS):
            section = text.partition(f"## {workload.name}: {workload.title}")[2].partition("\n## ")[0]
            measured = found(run, workload.name)
            assert "\n| ours | " in section
            assert f" | {measured.p50:.2f} | {measured.p95:.2f} | {measured.p99:.2f} | " in section

    def test_is_drawn(self, run: Run, tmp_path: Path) -> None:
        chart.draw(run, tmp_path / "chart.svg")
        text = (tmp_path / "chart.svg").read_text()
        assert f"{found(run, 'cold').rate:,.0f}" in text
