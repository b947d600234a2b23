"""Exit statuses, as the page of the package has them, and what is left after Ctrl-C."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from sabiscore import progress
from tests.cli.test_cli import premier_league, run, served


class TestStatus:
    @pytest.mark.parametrize(
        ("arguments", "status"),
        [
            (("--version",), 0),
            (("predict", "Arsenal", "Chelsea"), 0),
            (("predict", "Arsnal", "Chelsea"), 1),
            (("predict", "Arsenal"), 2),
            (("predict", "Arsenal", "Chelsea", "--kickoff", "soon"), 2),
            (("foretell",), 2),
            (("bundle", "foretell"), 1),
        ],
    )
    def test_tells_how_it_ended(self, arguments: tuple[str, ...], status: int) -> None:
        assert run(*arguments).exit_code == status


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is pressed as soon as anything is done, once."""
    presses = iter([signal.SIGINT])

    def press(_: int) -> None:
        for each in presses:
            signal.raise_signal(each)

    def counted(*_: object) -> Callable[[int], None]:
        return press

    monkeypatch.setattr(progress, "counted", counted)


@pytest.mark.usefixtures("interrupted")
class TestInterrupted:
    def test_training_leaves_no_bundle(self, match_files: Path, tmp_path: Path) -> None:
        data = premier_league(match_files, tmp_path / "data", since=2015)
        shown = run("train", "--data", data, "--out", tmp_path / "bundle")
        assert shown.exit_code == 130
        assert [each.name for each in tmp_path.iterdir()] == ["data"]

    def test_an_update_publishes_nothing(self, match_files: Path, tmp_path: Path) -> None:
        site = premier_league(match_files, tmp_path / "site", since=2023)
        with served(site) as url:
            shown = run("update", "--data", tmp_path / "data", "--base-url", url)
        assert shown.exit_code == 130
        assert run("bundle", "list", "--data", tmp_path / "data").stdout == ""
        assert list(tmp_path.rglob("*.part")) == []
