"""The pages of the documentation."""

import subprocess
from pathlib import Path

from tests.docs.tables import ROOT


def pages() -> list[Path]:
    """Every Markdown file that is not ignored."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md")
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - git
    return [path for name in found.stdout.splitlines() if (path := ROOT / name).is_file()]
