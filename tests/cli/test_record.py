import json
import shutil
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from sabiscore.domain import ByOutcome, Odds
from sabiscore.ledger.files import RECORD, dump_record
from sabiscore.ledger.ledger import LINES, Ledger
from sabiscore.ledger.record import NOTHING, record
from sabiscore.models import bundles
from tests.cli.test_cli import run
from tests.ledger.entries import KICKOFF, sealed, settled

WEEKS, A_WEEK = 30, 10


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a season in which all is as it is said."""
    _season(Ledger(tmp_path / "ledger"), surprise=False)
    return tmp_path


def _season(ledger: Ledger, *, surprise: bool) -> None:
    """Home wins in half of the matches, which is said; or never, which is not."""
    random = np.random.default_rng(3)
    numbers = range(WEEKS * A_WEEK)
    kickoffs = [KICKOFF + timedelta(weeks=number // A_WEEK) for number in numbers]
    said = ByOutcome(0.5, 0.25, 0.25)
    ledger.seal(
        sealed(number, kickoff_time=kickoff, probabilities=said, with_odds=said, odds=Odds(1.9, 3.8, 3.8))
        for number, kickoff in zip(numbers, kickoffs, strict=True)
    )
    chances = (0.0, 0.0, 1.0) if surprise else structs.astuple(said)
    outcomes = random.choice(["home", "draw", "away"], len(kickoffs), p=chances)
    ledger.settle(
        settled(number, date=kickoff.date(), result=str(outcome), closing_odds=Odds(1.9, 3.8, 3.8))
        for number, kickoff, outcome in zip(numbers, kickoffs, outcomes, strict=True)
    )


class TestShow:
    def test_prints_the_record(self, data: Path) -> None:
        shown = run("record", "show", "--data", data)
        assert shown.exit_code == 0, shown.stderr
        assert "On 300 matches from 16 Aug 2025 to 7 Mar 2026" in shown.stdout
        assert "ours with odds" in shown.stdout

    def test_prints_json(self, data: Path) -> None:
        shown = json.loads(run("record", "show", "--json", "--data", data).stdout)
        assert shown["settled"] == WEEKS * A_WEEK
        assert shown["ledger"]["lines"] == 2 * WEEKS * A_WEEK

    def test_without_a_ledger_points_to_the_backtest(self, tmp_path: Path) -> None:
        shown = run("record", "show", "--data", tmp_path)
        assert shown.exit_code == 0
        assert " ".join(shown.stdout.split()).startswith(NOTHING)


class TestVerify:
    def test_says_that_nothing_was_changed(self, data: Path) -> None:
        verified = run("record", "verify", "--data", data)
        assert verified.exit_code == 0
        assert "600 lines, none changed" in verified.stdout

    def test_names_the_line_that_was(self, data: Path) -> None:
        path = data / "ledger" / LINES
        lines = path.read_bytes().splitlines(keepends=True)
        lines[41] = lines[41].replace(b"0.25", b"0.95", 1)
        path.write_bytes(b"".join(lines))
        verified = run("record", "verify", "--data", data)
        assert verified.exit_code == 1
        assert "ledger.jsonl:42: was changed" in verified.stderr

    @pytest.mark.parametrize("command", ["show", "verify", "check"])
    def test_says_that_a_directory_is_not_there(self, tmp_path: Path, command: str) -> None:
        asked = run("record", command, "--data", tmp_path / "typo")
        assert asked.exit_code == 1
        assert "typo: is not there" in asked.stderr

    def test_tells_of_an_update_that_was_interrupted(self, data: Path) -> None:
        with (data / "ledger" / LINES).open("ab") as file:
            file.write(b'{"previous":"')
        verified = run("record", "verify", "--data", data)
        assert verified.exit_code == 0
        assert "13 bytes behind them" in verified.stdout

    def test_finds_a_ledger_that_was_written_anew_by_what_a_bundle_says(self, data: Path) -> None:
        published = bundles.read(bundles.SHIPPED)
        files = {RECORD: dump_record(record(Ledger(data / "ledger").read()))}
        bundles.write(data / "bundles" / published.version, published.manifest, files)
        assert run("record", "verify", "--data", data).exit_code == 0
        shutil.rmtree(data / "ledger")
        _season(Ledger(data / "ledger"), surprise=True)
        verified = run("record", "verify", "--data", data)
        assert verified.exit_code == 1
        assert "ledger.jsonl:600: is not the line that it was" in verified.stderr

    def test_passes_over_a_bundle_that_is_broken(self, data: Path) -> None:
        published = bundles.read(bundles.SHIPPED)
        bundles.write(data / "bundles" / published.version, published.manifest, published.files)
        (data / "bundles" / published.version / "history.npz").write_bytes(b"")
        verified = run("record", "verify", "--data", data)
        assert verified.exit_code == 0
        assert "600 lines, none changed" in verified.stdout
        assert verified.stderr.startswith("passed over: ")


class TestCheck:
    def test_is_quiet_while_all_is_as_it_is_said(self, data: Path) -> None:
        checked = run("record", "check", "--data", data)
        assert (checked.exit_code, checked.stdout) == (0, "no alarm has fired, on 300 matches\n")

    def test_fails_when_an_alarm_has_fired(self, tmp_path: Path) -> None:
        _season(Ledger(tmp_path / "ledger"), surprise=True)
        checked = run("record", "check", "--data", tmp_path)
        assert checked.exit_code == 1
        assert "E0: outcomes do not come as often as we say" in checked.stdout
        assert "all leagues together" in checked.stdout

    def test_without_a_ledger_has_nothing_to_say(self, tmp_path: Path) -> None:
        assert run("record", "check", "--data", tmp_path).stdout == "no alarm has fired, on 0 matches\n"
