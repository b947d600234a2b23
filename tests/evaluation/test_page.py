import re
import sys
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import msgspec
import polars as pl
import pytest
from rich.console import Console

from sabiscore.errors import SabiScoreError
from sabiscore.evaluation import command as commands
from sabiscore.evaluation.backtest import Backtest, SeasonModel
from sabiscore.evaluation.command import command
from sabiscore.evaluation.figures import VARIABLES, figures
from sabiscore.evaluation.page import page
from sabiscore.evaluation.sheet import markdown
from sabiscore.evaluation.tables import FEWEST, print_sheets, sheets
from sabiscore.features.columns import fingerprint
from sabiscore.progress import Progress
from sabiscore.scoring.months import Months
from tests.evaluation.standin import stand_in


@pytest.fixture(scope="module")
def html(found: Backtest) -> str:
    return page(found)


class Tags(HTMLParser):
    """Every tag of a page, with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


class TestPage:
    def test_asks_nothing_of_the_network(self, html: str) -> None:
        assert not re.search(r"<(script|link|img|iframe)\b|@import|url\((?!#)", html)
        assert set(re.findall(r'https?://[^"]+', html)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }

    def test_every_picture_says_in_words_what_it_shows(self, html: str) -> None:
        pictures = [attributes for tag, attributes in Tags(html).found if tag == "svg"]
        assert len(pictures) == 10
        assert all(each["role"] == "img" and len(each["aria-label"] or "") > 40 for each in pictures)

    def test_no_identifier_is_there_twice_and_every_reference_finds_one(self, html: str) -> None:
        names = [attributes["id"] for _, attributes in Tags(html).found if "id" in attributes]
        assert len(names) == len(set(names))
        assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', html)) <= {
            *((name, "") for name in names),
            *(("", name) for name in names),
        }

    def test_colours_are_the_pages_in_light_and_in_dark(self, html: str) -> None:
        assert not any(stand_in in html for stand_in in VARIABLES)
        for variable in VARIABLES.values():
            assert html.count(f"--{variable}:") == 2

    def test_is_the_same_page_every_time(self, found: Backtest, html: str) -> None:
        assert page(found) == html

    def test_holds_every_table(self, found: Backtest, html: str) -> None:
        assert html.count("<table>") == len(sheets(found))


class TestFigures:
    def test_say_how_to_install_matplotlib(self, found: Backtest, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        monkeypatch.delitem(sys.modules, "matplotlib.figure", raising=False)
        with pytest.raises(SabiScoreError, match=r"needs matplotlib.*uv sync --group backtest"):
            figures(found)


class TestSheets:
    def test_rows_are_as_wide_as_their_columns(self, found: Backtest) -> None:
        for sheet in sheets(found):
            assert {len(row) for row in sheet.rows} == {len(sheet.columns)}

    def test_show_what_was_measured(self, found: Backtest) -> None:
        told = StringIO()
        print_sheets(found, Console(file=told, width=240))
        assert f"{found.forecasts['ours'].scores.rps:.4f}" in told.getvalue()
        assert found.betting[0].claim in " ".join(told.getvalue().split())

    def test_are_markdown_too(self, found: Backtest) -> None:
        title, _, first, second, *_ = markdown(sheets(found)[1]).splitlines()
        assert title.startswith("**Forecasts, five leagues")
        assert first.startswith("| forecast | RPS |")
        assert second.startswith("| :-- | --: |")

    def test_the_first_has_what_most_people_ask(self, found: Backtest) -> None:
        glance = sheets(found)[0]
        told = {row[0]: row for row in glance.rows}
        ours = found.forecasts["ours"].less["market"]
        assert told["gap to market, five leagues"][1:] == [
            f"{ours.value:+.5f}",
            f"({ours.low:+.5f} to {ours.high:+.5f})",
            str(found.n),
        ]
        assert {"expected gap, five leagues", "KL, five leagues", "Brier, both score"} <= told.keys()
        assert {"gap to market, first six rounds", "accuracy of high confidence"} <= told.keys()

    def test_one_of_nothing_is_left_out(self, found: Backtest) -> None:
        whole = [sheet.title for sheet in sheets(found)]
        without = [sheet.title for sheet in sheets(msgspec.structs.replace(found, ablations=[]))]
        assert [title for title in whole if title not in without] == ["Ablations"]


class TestCommand:
    @pytest.fixture(autouse=True)
    def already_counted(self, found: Backtest, monkeypatch: pytest.MonkeyPatch) -> None:
        def counted(
            _: pl.DataFrame, seasons: list[int], __: SeasonModel, told: Progress, **___: object
        ) -> Backtest:
            assert seasons in ([2024], [2023, 2024])
            told("the work", 1, 2)
            told("the work", 2, 2)
            return found

        monkeypatch.setattr(commands, "backtest", counted)

    @pytest.mark.parametrize("is_terminal", [True, False])
    def test_shows_progress_on_standard_error_where_that_is_a_terminal(
        self,
        few_weeks: pl.DataFrame,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        *,
        is_terminal: bool,
    ) -> None:
        monkeypatch.setenv("TTY_COMPATIBLE", str(int(is_terminal)))
        command(few_weeks, stand_in, [2024], console=Console(file=StringIO(), width=240))
        shown = capsys.readouterr()
        assert ("the work" in shown.err) is is_terminal
        assert not shown.out

    def test_prints_json_that_reads_back(self, few_weeks: pl.DataFrame, found: Backtest) -> None:
        told = StringIO()
        command(few_weeks, stand_in, [2024], as_json=True, console=Console(file=told, width=80))
        assert msgspec.json.decode(told.getvalue(), type=Backtest) == found

    def test_writes_the_page(self, few_weeks: pl.DataFrame, html: str, tmp_path: Path) -> None:
        told = StringIO()
        command(few_weeks, stand_in, html=tmp_path / "page.html", console=Console(file=told, width=240))
        assert (tmp_path / "page.html").read_text(encoding="utf-8") == html
        assert "Betting" in told.getvalue()

    def test_writes_the_months_beside_market_and_base_rates(
        self, few_weeks: pl.DataFrame, found: Backtest, tmp_path: Path
    ) -> None:
        path = tmp_path / "months.json"
        command(few_weeks, stand_in, months=path, console=Console(file=StringIO(), width=240))
        told = msgspec.json.decode(path.read_bytes(), type=Months)
        assert (told.features, told.leagues) == (fingerprint(), found.pooled)
        many = [part for part in found.months if part.n >= FEWEST]
        assert [(each.month, each.n, each.ours) for each in told.months] == [
            (part.name, part.n, part.rps["ours"]) for part in many
        ]

    def test_refuses_a_page_without_a_directory_before_the_work(
        self, few_weeks: pl.DataFrame, tmp_path: Path
    ) -> None:
        with pytest.raises(SabiScoreError, match="cannot be written"):
            command(few_weeks, stand_in, html=tmp_path / "none" / "page.html")
