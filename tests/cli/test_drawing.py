import os
import pty
import subprocess
import sys
from io import StringIO

import msgspec
import pytest
from rich.console import Console

from sabiscore.api.examples import LEAGUE_TABLE
from sabiscore.api.listing import FixtureItem
from sabiscore.api.loaded import answered
from sabiscore.cli.drawing import draw_fixtures, draw_table
from sabiscore.data.catalogue import Catalogue
from sabiscore.service import PredictionService
from tests.api.coming import coming_fixtures
from tests.cli.test_cli import FIXTURE, run

ESCAPE = "\x1b["


def on_a_terminal(*arguments: str, **environ: str) -> str:
    """What the command says to a terminal."""
    ours, theirs = pty.openpty()
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-c", "from sabiscore.cli import main; main()", *arguments]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=theirs, env={**environment, "TERM": "xterm-256color", "COLUMNS": "100", **environ}
    ) as process:
        os.close(theirs)
        said = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    assert process.returncode == 0
    return said.decode()


def _read(terminal: int) -> bytes:
    """Nothing at the end, which Linux tells by an error."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""


class TestPrediction:
    def test_is_drawn_as_plain_text_where_that_is_asked_for(self) -> None:
        shown = run(*FIXTURE, "--text", "--odds", 2.1, 3.4, 3.6)
        assert shown.exit_code == 0, shown.stderr
        assert ESCAPE not in shown.stdout
        lines = shown.stdout.splitlines()
        assert lines[0] == "Arsenal v Chelsea"
        assert len(lines[3]) == 50
        for said in (
            "Confidence:",
            "Expected goals:",
            "Likeliest scores:",
            "Asian handicap",
            "Half-time and full-time",
            "Corners",
            "The odds given",
            "recommended bet: no bet",
        ):
            assert said in shown.stdout

    def test_moves_from_two_average_clubs_to_what_is_said(self) -> None:
        lines = run(*FIXTURE, "--text").stdout.splitlines()
        start = next(place for place, line in enumerate(lines) if "Two average clubs" in line)
        end = next(place for place, line in enumerate(lines) if line.startswith("Likeliest scores"))
        rows = [line.split()[-3:] for line in lines[start:end] if line.strip() and "%" not in line]
        home = float(lines[4].split("%")[0].split()[-1])
        assert sum(float(row[0]) for row in rows) == pytest.approx(home, abs=0.5)

    def test_of_a_match_that_is_being_played_has_its_score(self) -> None:
        assert "Minute 45, 0-1" in run(*FIXTURE, "--text", "--in-play", 45, 0, 1).stdout

    def test_is_drawn_in_colours_on_a_terminal(self) -> None:
        said = on_a_terminal(*FIXTURE)
        assert "Arsenal v Chelsea" in said
        assert f"{ESCAPE}34m" in said

    def test_has_no_colours_where_nobody_wants_them(self) -> None:
        assert f"{ESCAPE}34m" not in on_a_terminal(*FIXTURE, NO_COLOR="1")

    def test_is_json_on_a_terminal_where_that_is_asked_for(self) -> None:
        assert on_a_terminal(*FIXTURE, "--json").startswith("{")


@pytest.mark.parametrize(("width", "is_wide"), [(80, False), (140, True)])
class TestWidth:
    def test_of_a_table_decides_what_is_shown_of_each_club(self, width: int, *, is_wide: bool) -> None:
        console = Console(file=StringIO(), width=width)
        draw_table(LEAGUE_TABLE, console)
        shown = written(console)
        assert "expected" in shown
        assert "…" not in shown
        assert ("form" in shown) == is_wide

    def test_of_fixtures_decides_what_is_shown_of_each(
        self, width: int, catalogue: Catalogue, service: PredictionService, *, is_wide: bool
    ) -> None:
        rows = answered(service, coming_fixtures(catalogue)).coming.rows
        console = Console(file=StringIO(), width=width)
        draw_fixtures([msgspec.json.decode(row.body, type=FixtureItem) for row in rows], console)
        shown = written(console)
        assert shown.count("%") == 3 * len(rows)
        assert "…" not in shown
        assert ("confidence" in shown) == is_wide


def written(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()
