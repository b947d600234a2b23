"""Every claim of the threat model is shown by something that there is."""

import ast
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "deploy" / "SECURITY.md").read_text(encoding="utf-8")
CLAIMS = [line for line in PAGE.splitlines() if line.startswith("|")][2:]
SHOWN = sorted({shown for claim in CLAIMS for shown in re.findall(r"`([^`]+)`", claim.split(" | ")[-1])})


def test_every_claim_has_something_that_shows_it() -> None:
    assert len(CLAIMS) > 10
    assert all("`" in claim.split(" | ")[-1] for claim in CLAIMS)


@pytest.mark.parametrize("shown", SHOWN)
def test_what_shows_a_claim_is_there(shown: str) -> None:
    match shown.split():
        case [".ci/run", name]:
            assert f"\n  {name})" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
        case ["uv", "run", "python", "-m", module, *_]:
            assert find_spec(module)
        case _:
            file, _, name = shown.partition("::")
            body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
            assert name in {each.name for each in body if hasattr(each, "name")}
