import ast
from pathlib import Path

import pytest

import sabiscore

PAGE = Path(sabiscore.__file__).parent / "api" / "README.md"


class TestTheExampleOnThePage:
    def test_works(self, address: str, capsys: pytest.CaptureFixture[str]) -> None:
        program = PAGE.read_text("utf-8").partition("be loaded:\n")[2].partition("\nEvery route")[0]
        code = "\n".join(line.removeprefix("    ") for line in program.splitlines())
        asked = code.replace("http://127.0.0.1:8000", address)
        exec(compile(ast.parse(asked), "README.md", "exec"), {})  # noqa: S102 - our own
        *listed, closest = capsys.readouterr().out.splitlines()
        assert listed
        assert "Chelsea" in closest
