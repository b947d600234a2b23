"""Every page in a real browser, as readers have it: two themes, three widths, by keyboard, without scripts."""

import threading
import time
from collections.abc import Iterator
from typing import Literal

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from benchmarks.process import free_port
from sabiscore.api.lifespan import LoadService
from sabiscore.domain import Language
from sabiscore.languages.wording import LANGUAGES
from tests.api.conftest import built
from tests.chromium import chromium, page_of
from tests.waiting import LONG, eventually

pytestmark = pytest.mark.browser

MATCH = "/fixtures/premier-league-2025-26-arsenal-chelsea"
PAGES = {
    "/": 200,
    "/?from=2024-01-01": 200,
    MATCH: 200,
    f"{MATCH}?odds_home=1.8&odds_draw=3.7&odds_away=4.6": 200,
    "/predict": 200,
    "/predict?league=premier-league&home_team=Arsenal&away_team=Chelsee": 200,
    "/fixtures/premier-league-2024-25-arsenal-chelsea": 200,
    "/leagues": 200,
    "/leagues/premier-league": 200,
    "/ratings?league=la-liga": 200,
    "/teams/arsenal": 200,
    "/record": 200,
    "/about": 200,
    "/embed/premier-league-2025-26-arsenal-chelsea": 200,
    "/fixtures/none": 404,
}


@pytest.fixture(scope="module")
def site(load_service: LoadService) -> Iterator[str]:
    port = free_port()
    config = uvicorn.Config(built(load_service, front=False), port=port, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(LONG)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def opened(context: BrowserContext, address: str, status: int = 200) -> tuple[Page, list[str]]:
    """A page, and what its console complains of from now on, but for the status itself."""
    complaints: list[str] = []
    page = page_of(context)
    page.on(
        "console",
        lambda told: (
            complaints.append(told.text)
            if told.type == "error" and f"status of {status}" not in told.text
            else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    response = page.goto(address)
    assert response is not None
    assert response.status == status
    return page, complaints


def figures(page: Page) -> list[str]:
    """Every percentage that a reader sees."""
    return [text for text in page.locator("body").inner_text().split() if "%" in text]


@pytest.mark.parametrize("path", PAGES)
def test_keeps_nobody_out_in_either_theme_fits_its_window_and_says_the_same_without_scripts(
    site: str, browser: Browser, path: str
) -> None:
    with browser.new_context() as context, browser.new_context(java_script_enabled=False) as without:
        page, complaints = opened(context, site + path, PAGES[path])
        bare, _ = opened(without, site + path, PAGES[path])
        assert figures(page) == figures(bare)
        themes: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
        for theme in themes:
            page.emulate_media(color_scheme=theme)
            violations = Axe().run(page).response["violations"]
            assert not [(each["id"], each["nodes"][0]["html"]) for each in violations]
        for width in (360, 768, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert complaints == []


class TestTimes:
    def test_are_those_of_the_readers_zone(self, site: str, browser: Browser) -> None:
        with browser.new_context(timezone_id="Asia/Kolkata", locale="en-GB") as context:
            page, _ = opened(context, f"{site}{MATCH}")
            said = page.locator("time[data-show=whole]").first
            kickoff = time.strptime(str(said.get_attribute("datetime")), "%Y-%m-%dT%H:%M:%SZ")
            hour, minute = divmod(kickoff.tm_hour * 60 + kickoff.tm_min + 330, 60)
            expect(said).to_contain_text(f"{hour % 24:02}:{minute:02}")

    def test_are_in_utc_without_scripts_and_say_so(self, site: str, browser: Browser) -> None:
        with browser.new_context(java_script_enabled=False, timezone_id="Asia/Kolkata") as context:
            page, _ = opened(context, f"{site}{MATCH}")
            assert page.locator("time[data-show=whole]").first.inner_text().endswith("UTC")


class TestByKeyboard:
    def test_the_first_key_leads_to_the_content(self, site: str, browser: Browser) -> None:
        with browser.new_context() as context:
            page, _ = opened(context, f"{site}/")
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.textContent") == "To the content"

    def test_a_match_is_found_and_opened(self, site: str, browser: Browser) -> None:
        with browser.new_context() as context:
            page, _ = opened(context, f"{site}/")
            for _ in range(40):
                page.keyboard.press("Tab")
                if str(page.evaluate("document.activeElement.getAttribute('href')")) == MATCH:
                    break
            page.keyboard.press("Enter")
            page.wait_for_url(f"**{MATCH}")
            expect(page.locator("h1")).to_contain_text("Arsenal")


class TestANewcomer:
    """Finds Saturday's match, understands why, and sees how far to trust it."""

    DAY, GAME, TRUST = "Sat 2 Aug", "Liverpool \N{EN DASH} Everton", "How good it has been"

    def test_with_a_phone(self, site: str, browser: Browser) -> None:
        with browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True) as context:
            page, complaints = opened(context, f"{site}/")
            for name in (self.DAY, self.GAME):
                page.get_by_role("link", name=name).last.tap()
            page.wait_for_url("**/fixtures/*")
            expect(page.get_by_role("listitem").first).to_contain_text("Liverpool to win: ")
            page.get_by_role("link", name=self.TRUST).tap()
            page.wait_for_url("**/record")
            assert complaints == []

    def test_with_a_keyboard(self, site: str, browser: Browser) -> None:
        with browser.new_context() as context:
            page, complaints = opened(context, f"{site}/")
            for name, address in (
                (self.DAY, "**/#d*"),
                (self.GAME, "**/fixtures/*"),
                (self.TRUST, "**/record"),
            ):
                for _ in range(40):
                    page.keyboard.press("Tab")
                    if name in str(page.evaluate("document.activeElement.textContent")):
                        break
                page.keyboard.press("Enter")
                page.wait_for_url(address)
            assert complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_of_every_language_fit_a_phone(site: str, browser: Browser, language: Language) -> None:
    with browser.new_context(viewport={"width": 390, "height": 800}, locale=language) as context:
        for path, status in PAGES.items():
            page, _ = opened(context, site + path, status)
            cut = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth + 1)"
            assert page.evaluate(f"{cut}.map(each => each.ariaLabel)") == [], path
            page.close()


class TestMarkets:
    @pytest.mark.parametrize("scripts", [True, False])
    def test_are_tabs_that_keys_turn(self, site: str, browser: Browser, scripts: bool) -> None:  # noqa: FBT001
        with browser.new_context(java_script_enabled=scripts) as context:
            page, _ = opened(context, f"{site}{MATCH}")
            shown = page.locator(".panel:visible caption")
            expect(shown).to_have_text(["Goals"])
            page.locator("#market-1").focus()
            page.keyboard.press("ArrowRight")
            expect(shown).to_have_text(["Result and both to score"])

    def test_are_all_printed(self, site: str, browser: Browser) -> None:
        with browser.new_context() as context:
            page, _ = opened(context, f"{site}{MATCH}")
            page.emulate_media(media="print")
            assert page.locator(".panel:visible").count() == page.locator(".panel").count() > 1


class TestWhatIf:
    def test_a_slider_draws_all_anew_and_keeps_the_tab_and_the_slider(
        self, site: str, browser: Browser
    ) -> None:
        with browser.new_context() as context:
            page, complaints = opened(context, f"{site}{MATCH}")
            page.get_by_text("Asian handicap", exact=True).first.click()
            numbers = page.locator(".numbers.large")
            before = str(numbers.text_content())
            page.locator("#adjust_away").focus()
            page.keyboard.press("ArrowRight")
            expect(numbers).not_to_have_text(before)
            expect(page.locator("#market-3")).to_be_checked()
            expect(page.locator("#adjust_away")).to_be_focused()
            shares = page.locator(".worth .numbers").inner_text().split()
            assert shares == figures(page)[:3]
            assert complaints == []

    def test_is_worked_out_in_place_and_can_be_linked(self, site: str, browser: Browser) -> None:
        with browser.new_context() as context:
            page, complaints = opened(context, f"{site}{MATCH}")
            numbers = page.locator(".numbers.large")
            before = str(numbers.text_content())
            page.locator("#adjust_home").fill("-1")
            page.get_by_role("button", name="Work it out").click()
            page.wait_for_url("**adjust_home=-1**")
            expect(numbers).not_to_have_text(before)
            assert page.locator(".skip").count() == 1
            assert complaints == []
