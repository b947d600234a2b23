import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from sabiscore.api import problems
from sabiscore.api.lifespan import LoadService
from tests.api.asking import Client, refused
from tests.api.conftest import built
from tests.api.serving import on_a_port
from tests.chromium import chromium, page_of

FILES = ("begin.js", "swagger-ui-bundle.js", "swagger-ui.css")


class TestTheDescription:
    def test_is_a_page_of_its_own_files(self, client: Client) -> None:
        page = client.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        assert set(re.findall(r'(?:src|href)="docs/([^"]+)"', page.text)) == set(FILES)

    def test_may_load_nothing_from_elsewhere_and_run_nothing_that_stands_in_it(self, client: Client) -> None:
        policy = client.get("/docs").headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert "http" not in policy

    @pytest.mark.parametrize("name", FILES)
    def test_has_files_for_whoever_unpacks_them_and_whoever_does_not(self, client: Client, name: str) -> None:
        plain = client.get(f"/docs/{name}", headers={"accept-encoding": "identity"})
        packed = client.get(f"/docs/{name}", headers={"accept-encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        assert plain.text == packed.text
        again = {"accept-encoding": "gzip", "if-none-match": packed.headers["etag"]}
        assert client.get(f"/docs/{name}", headers=again).status_code == 304

    @pytest.mark.parametrize("name", ["swagger-ui.LICENSE", "nothing.js"])
    def test_has_no_other_files(self, client: Client, name: str) -> None:
        refused(client.get(f"/docs/{name}"), problems.NOT_FOUND)


@pytest.fixture
def address(load_service: LoadService) -> Iterator[str]:
    with on_a_port(built(load_service, front=False)) as address:
        yield address


@pytest.mark.browser
class TestTheDescriptionInABrowser:
    def test_shows_an_operation_has_it_answered_and_asks_nobody_else(self, address: str) -> None:
        asked, complaints = list[str](), list[str]()
        with chromium() as browser:
            page = page_of(browser)
            page.on("request", lambda request: asked.append(request.url))
            page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"{address}/docs")
            operation = page.locator("#operations-leagues-listLeagues")
            operation.locator(".opblock-summary-control").click()
            operation.get_by_role("button", name="Execute").click()
            operation.locator(".live-responses-table .response-col_status", has_text="200").wait_for()
        assert f"{address}/api/v1/leagues" in asked
        elsewhere = {url for url in asked if not url.startswith(("data:", "blob:"))}
        assert {urlsplit(url).netloc for url in elsewhere} == {urlsplit(address).netloc}
        assert complaints == []
