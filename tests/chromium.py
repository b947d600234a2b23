"""A real browser that waits as long as a busy machine may take."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.waiting import LONG

PATIENCE = 1000 * LONG


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own, without a window."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"], timeout=PATIENCE
        )
        yield browser
        browser.close()


def page_of(context: Browser | BrowserContext) -> Page:
    """A page that waits as long."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    return page
