import os
import pty
import select
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import pytest
from click.shell_completion import ShellComplete

from benchmarks.serving import SABISCORE
from sabiscore.cli import main
from sabiscore.cli.completion import SHELLS, VARIABLE
from tests.cli.test_cli import run
from tests.waiting import LONG

PRINT, LINE_START = "printf '<%s>'", "\x01"
"""What shows words apart that only stood behind each other when they were typed, and the key that leads before them."""

COMPLETING = [
    ("bash", ["--norc", "--noprofile", "-i"], 'eval "$(sabiscore completion bash)"'),
    ("zsh", ["-f", "-i"], 'autoload -U compinit; compinit -u -D; eval "$(sabiscore completion zsh)"'),
    ("fish", ["--no-config", "-i"], "sabiscore completion fish | source"),
]
"""Shells, how they read nothing of their user's, and what is typed once."""


class Keyboard:
    """A shell on a terminal of its own, and whoever sits there."""

    def __init__(self, command: Sequence[str], home: Path) -> None:
        self._ours, theirs = pty.openpty()
        self._said = ""
        self._shell = subprocess.Popen(  # noqa: S603 - our own commands
            ["setsid", "--ctty", "--wait", *command],  # noqa: S607 - the reader's
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=home,
            env={"PATH": f"{SABISCORE.parent}:{os.environ['PATH']}", "HOME": str(home), "TERM": "xterm"},
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._ours)  # which ends it, as a terminal that is closed does
        self._shell.wait(LONG)

    def types(self, keys: str) -> None:
        """Press these keys."""
        os.write(self._ours, keys.encode())

    def sees(self, text: str) -> None:
        """Wait for it."""
        deadline = time.monotonic() + LONG
        while text not in self._said:
            ready, _, _ = select.select([self._ours], [], [], max(deadline - time.monotonic(), 0))
            assert ready, self._said
            self._said += os.read(self._ours, 65_536).decode(errors="replace")


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

    @pytest.mark.shells
    @pytest.mark.parametrize(("shell", "arguments", "before"), COMPLETING)
    def test_completes_by_tab(self, tmp_path: Path, shell: str, arguments: list[str], before: str) -> None:
        with Keyboard([shell, *arguments], tmp_path) as keyboard:
            keyboard.types(f"{before}; {PRINT} ready\n")
            keyboard.sees("<ready>")
            keyboard.types(f"sabiscore predict ars\t{LINE_START}{PRINT} \n")
            keyboard.sees("<sabiscore><predict><arsenal>")
