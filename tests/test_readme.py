"""The README names everything that a user can set, run, call or measure."""

import re
import subprocess
from pathlib import Path

from sabiscore.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


class TestReadme:
    def test_names_every_setting(self) -> None:
        variables = [f"`{PREFIX}{field.upper()}`" for field in Settings.__struct_fields__]
        assert [name for name in variables if name not in README] == []


class TestTrackedFiles:
    def test_name_no_place_on_a_developers_machine(self) -> None:
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
        homes = re.compile(rb"/(?:work|root|home/\w+|Users/\w+)/")
        files = [ROOT / name for name in listed.stdout.splitlines()]
        assert [file for file in files if file.is_file() and homes.search(file.read_bytes())] == []
