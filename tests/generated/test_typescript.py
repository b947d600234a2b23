"""A frontend in TypeScript, checked by the types that openapi-typescript makes of the document, and run."""

import shutil
import subprocess
from pathlib import Path

import pytest

from sabiscore.api import openapi

pytestmark = pytest.mark.node

FRONTEND = Path(__file__).with_name("frontend")
SOURCES = ("package.json", "package-lock.json", "tsconfig.json", "main.ts")


def run(*command: str, where: Path) -> str:
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def frontend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The frontend with what it needs, and the types."""
    directory = tmp_path_factory.mktemp("frontend")
    for name in SOURCES:
        shutil.copy(FRONTEND / name, directory)
    run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", where=directory)
    run("npm", "run", "types", "--", str(openapi.DOCUMENT), where=directory)
    return directory


class TestAFrontendInTypeScript:
    def test_fits_the_types_and_is_answered(self, frontend: Path, address: str) -> None:
        run("npm", "run", "build", where=frontend)
        *listed, table, prediction, problem = run(
            "node", "built/main.js", address, where=frontend
        ).splitlines()
        assert "Arsenal - Chelsea, 2025-08-01T19:00:00Z" in listed
        assert table.endswith(" points")
        assert prediction.startswith("Arsenal: ")
        assert problem.startswith("/problems/unknown-club: Chelsea")
