"""The pages lead where they say, and the README stays short."""

import ast
import re
from pathlib import Path

import pytest

from tests.docs.pages import files, pages
from tests.docs.tables import ROOT, answered

LONGEST_README = 150
LINK = re.compile(r"\[[^\]]*\]\((?!https?://)([^)#\s]*)(?:#([\w-]+))?\)")


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(ROOT)))
class TestPages:
    def test_link_to_what_there_is(self, page: Path) -> None:
        for where, anchor in LINK.findall(page.read_text("utf-8")):
            target = (page.parent / where).resolve() if where else page
            assert target.exists(), f"{where} is not there"
            assert target.is_relative_to(ROOT)
            assert not anchor or anchor in anchors(target), f"{where} has no heading #{anchor}"


class TestTheReadme:
    def test_is_short(self) -> None:
        assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= LONGEST_README

    def test_leads_to_every_page_that_is_read(self) -> None:
        readme = (ROOT / "README.md").read_text("utf-8")
        led = {(ROOT / where).resolve() for where, _ in LINK.findall(readme) if where}
        assert {page for page in pages() if page.name == "README.md"} - led == {ROOT / "README.md"}


class TestTheExampleInPython:
    def test_answers(self, capsys: pytest.CaptureFixture[str]) -> None:
        page = (ROOT / "sabiscore" / "README.md").read_text("utf-8")
        program = page.partition("## From Python\n")[2].partition("\n\nWhat ")[0]
        code = "\n".join(line.removeprefix("    ") for line in program.splitlines())
        exec(compile(ast.parse(code), "README.md", "exec"), {})  # noqa: S102 - our own
        assert capsys.readouterr().out.startswith('{"home_win_prob":')


class TestTheRequest:
    def test_is_the_same_on_both_pages_that_show_it(self) -> None:
        bodies = {
            re.findall(r"-d '(\{.*?\})'", (ROOT / name).read_text("utf-8"))[0]
            for name in ("README.md", "sabiscore/api/README.md")
        }
        assert len(bodies) == 1
        assert answered()["fixture"]["home_team"] in bodies.pop()


class TestFiles:
    def test_name_no_place_on_a_developers_machine(self) -> None:
        homes = re.compile(rb"/(?:work|root|home/\w+|Users/\w+)/")
        assert [file for file in files() if homes.search(file.read_bytes())] == []
