import json
import posixpath
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

import icalendar
import pytest
from litestar.testing import TestClient
from playwright.sync_api import expect

from sabiscore.api.lifespan import LoadService
from sabiscore.api.loaded import Loaded
from sabiscore.errors import DataError
from sabiscore.export import export as module
from sabiscore.export.export import MARK
from tests.api.conftest import built
from tests.chromium import chromium, page_of
from tests.cli.test_cli import QuietHandler
from tests.export.conftest import exported

MATCH = "premier-league-2025-26-arsenal-chelsea"


class TestSite:
    def test_has_every_page_that_a_page_leads_to(self, site: Path) -> None:
        pages = list(site.rglob("*.html"))
        assert len(pages) > 30
        for page in pages:
            text = page.read_text()
            assert "<form" not in text
            for address in re.findall(r'\b(?:href|src)="(?!https:)([^"#]+)', text):
                assert not address.startswith("/")
                led = posixpath.normpath(posixpath.join(page.parent.relative_to(site).as_posix(), address))
                assert (site / led).is_file(), f"{page}: {address}"

    def test_is_known_again_when_it_is_to_be_replaced(self, site: Path) -> None:
        assert (site / MARK).is_file()
        assert list(site.parent.iterdir()) == [site]

    def test_has_the_bodies_of_the_service(self, site: Path, load_service: LoadService) -> None:
        with TestClient(built(load_service, front=False)) as client:
            for address in (
                "model",
                "leagues",
                "leagues/premier-league/table",
                "leagues/premier-league/ratings",
                f"fixtures/{MATCH}",
                "teams/arsenal",
            ):
                expected = client.get(f"/api/v1/{address}").content
                assert (site / "api" / "v1" / f"{address}.json").read_bytes() == expected
            listed = client.get("/api/v1/fixtures?league=E0").json()
        assert json.loads((site / "api/v1/fixtures.json").read_text()) == listed

    def test_has_a_calendar_of_the_league(self, site: Path) -> None:
        calendar = icalendar.Calendar.from_ical((site / "calendars" / "premier-league.ics").read_bytes())
        assert next(event["SUMMARY"] for event in calendar.walk("VEVENT")) == "Arsenal \N{EN DASH} Chelsea"
        assert (site / "calendars" / "all.ics").is_file()

    def test_is_in_the_language_that_is_asked_for(self, loaded: Loaded, tmp_path: Path) -> None:
        exported(loaded, tmp_path / "woche", "de")
        page = (tmp_path / "woche" / "index.html").read_text()
        assert '<html lang="de">' in page
        assert "Diese Spiele als Kalender" in page
        assert "hreflang" not in page
        said = json.loads((tmp_path / "woche" / "api" / "v1" / "fixtures" / f"{MATCH}.json").read_text())
        assert "Heimsieg" in said["prediction"]["reasoning"][0]
        assert "Erwartete Tore" in (tmp_path / "woche" / "calendars" / "all.ics").read_text()


class TestReplacing:
    def test_whatever_else_is_there_is_left_alone(self, loaded: Loaded, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").touch()
        with pytest.raises(DataError, match="not ours to replace"):
            exported(loaded, tmp_path)
        assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]

    def test_an_interrupted_export_leaves_what_was_there(
        self, loaded: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / MARK).write_text("old")

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(module, "create_app", interrupted)
        with pytest.raises(KeyboardInterrupt):
            exported(loaded, tmp_path / "site")
        assert [each.name for each in tmp_path.iterdir()] == ["site"]
        assert (tmp_path / "site" / MARK).read_text() == "old"


@contextmanager
def hosted(directory: Path) -> Iterator[str]:
    handler = partial(QuietHandler, directory=str(directory))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.browser
def test_pages_work_in_a_browser_below_a_path_of_any_host(site: Path) -> None:
    with hosted(site.parents[1]) as host, chromium() as browser:
        page = page_of(browser)
        complaints: list[str] = []
        page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
        page.on("response", lambda got: complaints.append(got.url) if got.status >= 400 else None)
        title = page.get_by_role("heading", level=1)
        page.goto(f"{host}/football/week/")
        page.get_by_role("link", name="Arsenal \N{EN DASH} Chelsea").last.click()
        expect(title).to_have_text("Arsenal \N{EN DASH} Chelsea")
        page.wait_for_load_state()
        assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
        page.get_by_role("link", name="Premier League").click()
        page.get_by_role("link", name="Liverpool").first.click()
        expect(title).to_have_text("Liverpool")
        page.get_by_role("link", name="Ratings").click()
        page.get_by_role("link", name="SabiScore").click()
        page.wait_for_url(f"{host}/football/week/index.html")
    assert complaints == []
