import re

import pytest

from sabiscore.progress import bars, counted

_PAINT = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
"""What tells a terminal of colours and where to write."""


class TestBars:
    def test_show_each_stage_on_standard_error(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        with bars() as tell:
            tell("reading", 3, 3)
            tell("training", 0, 7)
            tell("training", 2, 7)
        said = capsys.readouterr()
        assert said.out == ""
        lines = [_PAINT.sub("", line) for line in said.err.splitlines()]
        stages = {line.split()[0]: line for line in lines if line.strip()}
        assert "3/3" in stages["reading"]
        assert "2/7" in stages["training"]

    def test_say_nothing_where_that_is_no_terminal(self, capsys: pytest.CaptureFixture[str]) -> None:
        with bars() as tell:
            tell("reading", 3, 3)
        assert capsys.readouterr().err == ""


class TestCounted:
    def test_counts_the_steps_of_a_stage(self) -> None:
        told: list[tuple[str, int, int]] = []
        step = counted(lambda *said: told.append(said), "pulling")
        for _ in range(2):
            step(5)
        assert told == [("pulling", 1, 5), ("pulling", 2, 5)]
