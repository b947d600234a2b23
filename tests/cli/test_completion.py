import os
import subprocess
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from benchmarks.serving import SABISCORE
from sabiscore.cli import main
from sabiscore.cli.completion import SHELLS, VARIABLE
from tests.cli.test_cli import run


def completed(*words: str) -> list[str]:
    """What the last word may become."""
    *before, last = words
    return [
        each.value
        for each in ShellComplete(main, {}, "sabiscore", VARIABLE).get_completions(list(before), last)
    ]


class TestWords:
    @pytest.mark.parametrize(
        ("words", "found"),
        [
            (("pred",), ["predict"]),
            (("bundle", "roll"), ["rollback"]),
            (("predict", "--kick"), ["--kickoff"]),
            (("predict", "man"), ["manchester-city", "manchester-united"]),
            (("predict", "--league", "SP1", "Real M"), ["real-madrid"]),
            (("predict", "--league", "nowhere", "arse"), ["arsenal"]),
            (("table", "Prem"), ["premier-league"]),
            (("table", "sc"), ["SC0", "SC1", "SC2", "SC3"]),
            (("completion", "f"), ["fish"]),
        ],
    )
    def test_are_completed(self, words: tuple[str, ...], found: list[str]) -> None:
        assert set(found) <= set(completed(*words))

    def test_that_are_clubs_are_understood(self) -> None:
        assert run("predict", "manchester-united", "nottingham-forest").exit_code == 0


class TestScript:
    @pytest.mark.parametrize("shell", SHELLS)
    def test_is_for_the_shell(self, shell: str) -> None:
        assert VARIABLE in run("completion", shell).stdout

    @pytest.mark.shell
    def test_completes_in_bash(self, tmp_path: Path) -> None:
        script = tmp_path / "complete.sh"
        script.write_text(run("completion", "bash").stdout)
        asked = (
            f"source {script}; COMP_WORDS=(sabiscore predict ars); COMP_CWORD=2; "
            'eval "$(complete -p sabiscore | sed -E \'s/.*-F ([^ ]+).*/\\1 sabiscore/\')"; echo "${COMPREPLY[@]}"'
        )
        environment = {"PATH": f"{SABISCORE.parent}:{os.environ['PATH']}"}
        said = subprocess.run(  # noqa: S603 - our own script
            ["bash", "-c", asked],  # noqa: S607 - the reader's
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        )
        assert said.stdout.split() == ["arsenal"]
