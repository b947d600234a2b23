import pytest

from sabiscore.progress import bars, counted


class TestBars:
    def test_show_each_stage_on_standard_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        with bars() as tell:
            tell("reading", 3, 3)
            tell("training", 0, 7)
            tell("training", 2, 7)
        said = capsys.readouterr()
        assert said.out == ""
        stages = {line.split()[0]: line for line in said.err.splitlines() if line.strip()}
        assert "3/3" in stages["reading"]
        assert "2/7" in stages["training"]


class TestCounted:
    def test_counts_the_steps_of_a_stage(self) -> None:
        told: list[tuple[str, int, int]] = []
        step = counted(lambda *said: told.append(said), "pulling")
        for _ in range(2):
            step(5)
        assert told == [("pulling", 1, 5), ("pulling", 2, 5)]
