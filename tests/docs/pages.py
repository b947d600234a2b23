"""The files of the project, and the pages of its documentation among them; found without git."""

from pathlib import Path

from tests.docs.tables import ROOT

FOLDERS = (".ci", ".github", "benchmarks", "deploy", "sabiscore", "tests")


def files() -> list[Path]:
    """Every file that belongs to the project."""
    inside = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))
    found = [path for path in (*ROOT.glob("[!.]*"), *inside) if path.is_file()]
    return sorted(path for path in found if "__pycache__" not in path.parts)


def pages() -> list[Path]:
    """Every page."""
    return [path for path in files() if path.suffix == ".md"]
