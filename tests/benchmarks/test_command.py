from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import report
from benchmarks.command import chosen, expected, main, publish
from benchmarks.contenders import ARTICLE, OURS
from tests.benchmarks.runs import invented


def names(*only: str) -> dict[str, list[str]]:
    return {contender.name: [each.name for each in several] for contender, several in chosen(only)}


class TestOnly:
    def test_without_it_everybody_does_everything(self) -> None:
        assert names()[OURS] == [
            "hot",
            "hot get",
            "mix",
            "cold",
            "odds",
            "batch",
            "batch hot",
            "paced cold 700",
            "paced cold 1000",
        ]

    def test_names_contenders_and_workloads(self) -> None:
        assert names(OURS, ARTICLE, "mix") == {OURS: ["mix"], ARTICLE: ["mix"]}

    def test_leaves_out_who_takes_no_part(self) -> None:
        assert names("batch hot").keys() == {OURS}

    def test_refuses_a_name_that_there_is_not(self) -> None:
        assert CliRunner().invoke(main, ["--only", "lukewarm"]).exit_code == 2


class TestRounds:
    def test_are_three_at_least(self) -> None:
        assert CliRunner().invoke(main, ["--rounds", "2"]).exit_code == 2


class TestAWholeRun:
    def test_takes_less_than_twenty_five_minutes(self) -> None:
        assert expected(chosen(()), seconds=4, rounds=3) < 25 * 60


class TestPublishing:
    def test_writes_the_results_with_the_notes_and_the_chart(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("RESULTS", "CHART"):
            monkeypatch.setattr(report, name, tmp_path / name.lower())
        publish(invented())
        assert report.NOTES.read_text().strip() in (tmp_path / "results").read_text()
        assert (tmp_path / "chart").read_text().startswith("<?xml")
