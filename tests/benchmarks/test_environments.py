import sys
from pathlib import Path

import pytest

from benchmarks import contenders, environments
from benchmarks.contenders import BEFORE, LITSERVE, OURS, ROOT
from benchmarks.environments import SetUpError


@pytest.mark.checkout
class TestAnotherCommit:
    def test_is_laid_where_it_is_wanted(self, tmp_path: Path) -> None:
        environments.extract("HEAD", tmp_path, "benchmarks/chart.py")
        assert [path.name for path in tmp_path.rglob("*.py")] == ["chart.py"]

    def test_that_there_is_not_is_an_error_that_says_how_to_have_it(self, tmp_path: Path) -> None:
        with pytest.raises(SetUpError, match=r"nowhere.*git fetch --unshallow"):
            environments.extract("nowhere", tmp_path)


class TestAnEnvironment:
    def test_is_ours_or_one_that_git_does_not_see(self) -> None:
        directories = {each.name: each.directory for each in contenders.ALL}
        assert directories[OURS] == Path(sys.prefix)
        assert directories[LITSERVE] == ROOT / ".venv-bench-litserve"
        assert directories[BEFORE] == ROOT / ".venv-bench-0.1"

    def test_of_ours_has_the_libraries_that_are_told(self) -> None:
        ours = [contenders.BY_NAME[OURS]]
        assert {"sabiscore", "granian", "catboost"} <= environments.versions(ours).keys()


class TestThePythonThatRan:
    def test_is_told_by_how_it_was_built(self) -> None:
        assert environments.build().keys() == {"PGO", "LTO"}

    def test_has_all_code_compiled(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "sabiscore").mkdir()
        for name, code in (("good", "ONE = 1"), ("bad", "one two")):
            (tmp_path / "sabiscore" / f"{name}.py").write_text(code)
        monkeypatch.setattr(environments, "ROOT", tmp_path)
        assert environments.compile_all([]) == "compiled, 1 of 2 files"
