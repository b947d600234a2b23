import re
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.cli.test_cli import run
from tests.cli.test_season import data
from tests.waiting import LONG, eventually

__all__ = ["data"]

FIXTURES = "date,league,home,away\n2025-08-30,EPL,Arsenal,Chelsea\n"


class TestScore:
    def test_says_how_many_were_predicted(self, tmp_path: Path) -> None:
        given, out = tmp_path / "fixtures.csv", tmp_path / "predictions.parquet"
        given.write_text(FIXTURES)
        shown = run("score", "--in", given, "--out", out)
        assert shown.exit_code == 0, shown.stderr
        assert f"{out}: 1 of 1 fixtures predicted" in shown.stdout
        assert pl.read_parquet(out)["home_win_prob"].item() == 0.533

    def test_names_the_first_that_was_refused(self, tmp_path: Path) -> None:
        given, out = tmp_path / "fixtures.csv", tmp_path / "predictions.csv"
        given.write_text(f"{FIXTURES}2025-08-30,EPL,Arsnal,Chelsea\n")
        shown = run("score", "--in", given, "--out", out)
        assert shown.exit_code == 1
        assert "1 refused; the first is row 2: Unknown club" in shown.stderr
        assert len(pl.read_csv(out)) == 2

    def test_looks_first_where_predictions_are_to_go(self, tmp_path: Path) -> None:
        refused = run("score", "--in", tmp_path / "no.csv", "--out", tmp_path / "predictions.xlsx")
        assert refused.exit_code == 1
        assert "ends in .csv or .parquet" in refused.stderr

    def test_interrupted_leaves_nothing(self, tmp_path: Path) -> None:
        given = tmp_path / "fixtures.csv"
        given.write_text(FIXTURES + 200_000 * FIXTURES.splitlines(keepends=True)[1])
        command = [sys.executable, "-c", "from sabiscore.cli import main; main()", "score"]
        with subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--in", given, "--out", tmp_path / "out.csv"], stderr=subprocess.PIPE
        ) as process:
            eventually(lambda: len([*tmp_path.iterdir()]) > 1)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=LONG)
        assert process.returncode == 130
        assert b"Traceback" not in said
        assert list(tmp_path.iterdir()) == [given]


class TestExport:
    def test_writes_the_week_of_what_would_be_served(self, data: Path, tmp_path: Path) -> None:
        shown = run("export", "--out", tmp_path / "site", "--league", "EPL", "--from", "2025-08-01")
        assert shown.exit_code == 0, shown.stderr
        assert "4 fixtures in" in shown.stdout
        assert "Arsenal" in (tmp_path / "site" / "index.html").read_text()
        assert data.is_dir()

    def test_names_pictures_for_previews_where_readers_will_find_them(
        self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def pictures(*options: str) -> list[str]:
            shown = run(
                "export", "--out", tmp_path / "site", "--league", "EPL", "--from", "2025-08-01", *options
            )
            assert shown.exit_code == 0, shown.stderr
            page = next((tmp_path / "site" / "fixtures").glob("*/index.html"))
            return re.findall('property="og:image" content="(.*)/fixtures/', page.read_text())

        assert pictures() == []
        assert pictures("--url", "https://example.org/week") == ["https://example.org/week"]
        monkeypatch.setenv("SABISCORE_PUBLIC_URL", "https://example.net")
        assert pictures() == ["https://example.net"]
        assert run("export", "--out", tmp_path / "site", "--url", "example.org").exit_code == 1
        assert data.is_dir()
