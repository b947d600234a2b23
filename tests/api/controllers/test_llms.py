import re

import msgspec
import pytest

from sabiscore.api.controllers.llms import guide
from sabiscore.api.openapi import DOCUMENT
from sabiscore.service import PredictionService
from sabiscore.settings import Settings
from tests.api.asking import Client

LINK = re.compile(r"\]\((/[^)]*)\)")
OPERATIONS = msgspec.json.decode(DOCUMENT.read_bytes())["paths"]
NOT_ASKED = ("/health", "/metrics")
"""Not for agents."""


@pytest.fixture(scope="module")
def text(client: Client) -> str:
    response = client.get("/llms.txt")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    return response.text


class TestTheGuide:
    def test_leads_only_to_what_there_is(self, client: Client, text: str) -> None:
        links = LINK.findall(text)
        assert links
        assert [link for link in links if client.get(link).status_code != 200] == []

    def test_names_every_route_that_answers_json(self, text: str) -> None:
        wanted = [path for path in OPERATIONS if not path.startswith(NOT_ASKED)]
        assert [path for path in wanted if path not in text] == []

    def test_says_what_bundle_answers(self, client: Client, text: str) -> None:
        card = client.get("/api/v1/model").json()
        assert f"bundle {card['version']}" in text

    def test_begins_as_the_format_wants_and_is_short(self, text: str) -> None:
        assert text.startswith("# SabiScore\n\n> ")
        assert len(text) < 4500

    def test_is_kept_by_caches_until_it_changes(self, client: Client) -> None:
        first = client.get("/llms.txt")
        again = client.get("/llms.txt", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


class TestWhatTheOperatorChose:
    def test_is_told(self, service: PredictionService) -> None:
        told = guide(service, Settings(api_keys="keys", rate_limit="100/minute"))
        assert "X-API-Key" in told
        assert "A key may ask 100/minute" in told
        assert "An address" not in guide(service, Settings())

    def test_has_the_tools_of_agents_where_they_are(self, service: PredictionService) -> None:
        assert "/mcp" in guide(service, Settings(mcp=True))
        assert "/mcp" not in guide(service, Settings())

    def test_hides_what_only_administrators_are_shown(self, service: PredictionService) -> None:
        assert "/schema" in guide(service, Settings())
        assert "/schema" not in guide(service, Settings(admin_port=9000))
