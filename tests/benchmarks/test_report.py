from io import StringIO

import pytest
from rich.console import Console

from benchmarks import contenders, report, workloads
from benchmarks.contenders import (
    ARTICLE,
    BEFORE,
    LITSERVE,
    LOOKUP,
    ONE_WORKER,
    OURS,
    THREE_WORKERS,
    TWO_WORKERS,
)
from benchmarks.targets import TARGETS, judged
from tests.benchmarks.runs import invented, measured


def verdicts(*measures: object) -> dict[tuple[str, str], str]:
    run = invented(*measures)  # type: ignore[arg-type]
    return {(each.workload, each.what): each.verdict for each in judged(run)}


class TestTargets:
    def test_are_judged_by_the_medians_of_the_rounds(self) -> None:
        ours = [measured(OURS, "hot", number=n, rate=rate) for n, rate in enumerate((100.0, 4400.0, 9000.0))]
        theirs = [
            measured(ARTICLE, "hot", number=n, rate=rate) for n, rate in enumerate((1000.0, 1.0, 2000.0))
        ]
        assert verdicts(*ours, *theirs)["hot", "requests/s against article"] == "reached"

    @pytest.mark.parametrize(("rate", "verdict"), [(901.0, "reached"), (450.0, "**missed** by 50%")])
    def test_compare_with_the_floor(self, rate: float, verdict: str) -> None:
        given = verdicts(measured(OURS, "hot", rate=rate), measured(LOOKUP, "hot", rate=1000.0))
        assert given["hot", f"requests/s against {LOOKUP}"] == verdict

    def test_compare_a_get_with_the_post_of_who_has_none(self) -> None:
        given = verdicts(measured(OURS, "hot get", rate=6600.0), measured(ARTICLE, "hot", rate=1000.0))
        assert given["hot get", "requests/s against article"] == "reached"

    @pytest.mark.parametrize(("cpu", "verdict"), [(109.0, "reached"), (143.0, "**missed** by 30%")])
    def test_compare_two_workers_with_one_on_the_same_cores(self, cpu: float, verdict: str) -> None:
        given = verdicts(measured(TWO_WORKERS, "hot", cpu=cpu), measured(ONE_WORKER, "hot", cpu=100.0))
        assert given["hot", "CPU a request of two workers against one's"] == verdict

    @pytest.mark.parametrize(("p99", "verdict"), [(4.9, "reached"), (7.5, "**missed** by 50%")])
    def test_compare_latency_with_the_release_before(self, p99: float, verdict: str) -> None:
        given = verdicts(
            measured(OURS, "paced cold 1000", p99=p99), measured(BEFORE, "paced cold 1000", p99=10.0)
        )
        assert given["paced cold 1000", "p99 against 0.1's"] == verdict

    def test_count_what_each_worker_alone_has(self) -> None:
        given = verdicts(measured(THREE_WORKERS, "cold", private=130_000_000))
        assert given["cold", "private memory of each of three workers"] == "**missed** by 100%"

    def test_that_were_not_measured_are_not_reached(self) -> None:
        assert verdicts(measured(OURS, "odds"))["batch", "fixtures/s against 0.1"] == "not measured"


class TestMarkdown:
    def test_has_every_target_with_its_verdict(self) -> None:
        run = invented()
        section = report.markdown(run, "").partition("## Targets")[2].partition("\n!")[0]
        lines = [line for line in section.splitlines() if line.startswith("|")][2:]
        assert len(lines) == len(TARGETS)
        assert all("| reached |" in line or "| **missed** by " in line for line in lines)

    def test_has_every_contender_in_all_its_workloads(self) -> None:
        text = report.markdown(invented(), "")
        for workload in workloads.ALL:
            section = text.partition(f"## {workload.name}: ")[2].partition("\n## ")[0]
            for contender in contenders.ALL:
                assert (f"\n| {contender.name} | " in section) == (workload.name in contender.workloads)

    def test_names_who_is_missing_and_why(self) -> None:
        run = invented(measured(OURS, "cold"), missing={LITSERVE: "cannot be installed: no wheel"})
        text = report.markdown(run, "")
        assert f"- {LITSERVE}: cannot be installed: no wheel" in text
        assert f"\n| {LITSERVE} | missing |" in text.partition("## cold: ")[2]

    def test_keeps_the_notes_as_they_are(self) -> None:
        assert "\n\n## Notes\n\nBy *hand*.\n\n" in report.markdown(invented(), "## Notes\n\nBy *hand*.\n")


class TestTerminal:
    def test_shows_tables_and_who_is_missing(self) -> None:
        text = StringIO()
        report.show(
            invented(measured(OURS, "cold"), missing={LITSERVE: "no [wheel]"}), Console(file=text, width=200)
        )
        assert "every fixture new" in text.getvalue()
        assert f"missing: {LITSERVE}: no [wheel]" in text.getvalue()
