"""Asked by the official client, as it speaks now and as it spoke before July 2026."""

import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent, TextResourceContents

from benchmarks.serving import Service, started
from sabiscore.api import agents, problems
from sabiscore.api.agents.mcp import CARD, PATH
from sabiscore.api.agents.tools import TOOLS
from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.cache.factory import open_cache
from sabiscore.errors import SettingsError
from sabiscore.settings import Settings
from tests.api.asking import FIXTURE, PREDICT, refused

KEY = {"x-api-key": "sesame"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With a key and a rate, so that both are seen to count for agents, too."""
    keys = tmp_path_factory.mktemp("keys") / "keys"
    keys.write_text(sha256(b"sesame").hexdigest())
    settings = {"mcp": "true", "api_keys": str(keys), "rate_limit": "1000/hour", "cache_timeout": "5"}
    with started(settings=settings) as service:
        service.wait_until_ready()
        yield service


@asynccontextmanager
async def asking(server: Service, mode: str = "auto") -> AsyncIterator[Client]:
    async with (
        httpx2.AsyncClient(headers=KEY, timeout=60) as http,
        Client(streamable_http_client(server.url + PATH, http_client=http), mode=mode) as client,
    ):
        yield client


def get(server: Service, path: str) -> httpx.Response:
    return httpx.get(server.url + path, headers=KEY, timeout=60)


def said(result: Any) -> dict[str, Any]:  # noqa: ANN401
    assert isinstance(result, CallToolResult)
    [content] = result.content
    assert isinstance(content, TextContent)
    found: dict[str, Any] = json.loads(content.text)
    return found


class TestAnAgent:
    @pytest.mark.parametrize("mode", ["auto", "legacy"])
    async def test_finds_the_tools_and_calls_one(self, server: Service, mode: str) -> None:
        async with asking(server, mode) as client:
            listed = (await client.list_tools()).tools
            result = await client.call_tool("predict", FIXTURE)
        assert [tool.name for tool in listed] == [tool.name for tool in TOOLS]
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in listed)
        answer = get(server, f"{PREDICT}?{urlencode(FIXTURE)}").json()
        told = said(result)
        assert not result.is_error
        assert told["home_win_prob"] == answer["home_win_prob"]
        assert told["source"]["bundle"] == answer["model"]["version"]

    async def test_is_told_an_address_that_leads_to_the_page(self, server: Service) -> None:
        async with asking(server) as client:
            told = said(await client.call_tool("table", {"league": "EPL"}))
        path = told["source"]["page"].removeprefix(server.url)
        assert path == "/leagues/premier-league"
        assert get(server, path).status_code == 200

    async def test_reads_the_models_card(self, server: Service) -> None:
        async with asking(server) as client:
            [card] = (await client.list_resources()).resources
            [text] = (await client.read_resource(card.uri)).contents
        assert card.uri == CARD
        assert isinstance(text, TextResourceContents)
        assert json.loads(text.text) == get(server, "/api/v1/model").json()

    @pytest.mark.parametrize(
        ("tool", "arguments", "kind"),
        [
            ("predict", FIXTURE | {"home_team": "Arsenol"}, problems.UNKNOWN_CLUB),
            ("predict", {"home_team": "Arsenal"}, problems.INVALID_REQUEST),
            ("table", {"league": "nowhere"}, problems.NOT_FOUND),
            ("bet", {}, problems.NOT_FOUND),
        ],
    )
    async def test_that_asks_wrongly_is_told_why(
        self, server: Service, tool: str, arguments: dict[str, Any], kind: problems.Kind
    ) -> None:
        async with asking(server) as client:
            result = await client.call_tool(tool, arguments)
        told = said(result)
        assert (result.is_error, told["type"]) == (True, kind.type)
        assert kind is not problems.UNKNOWN_CLUB or "Arsenal" in told["closest"]


class TestTheGate:
    def test_lets_nobody_in_without_a_key(self, server: Service) -> None:
        refused(httpx.post(server.url + PATH, json={}, timeout=60), problems.UNAUTHORIZED)

    def test_counts_messages_as_requests(self, server: Service) -> None:
        left = [
            httpx.post(server.url + PATH, json={}, headers=KEY, timeout=60).headers["ratelimit"].split(";")[1]
            for _ in range(2)
        ]
        assert int(left[0].removeprefix("r=")) - int(left[1].removeprefix("r=")) == 1

    def test_refuses_what_is_too_large(self, server: Service) -> None:
        body = b'{"x":"' + b"x" * 70_000 + b'"}'
        response = httpx.post(
            server.url + PATH, content=body, headers=KEY | {"content-type": "application/json"}, timeout=60
        )
        refused(response, problems.BODY_TOO_LARGE)

    def test_keeps_no_stream_open(self, server: Service) -> None:
        refused(get(server, PATH), problems.METHOD_NOT_ALLOWED)


class TestTheSetting:
    def resources(self, load_service: LoadService, *, mcp: bool) -> Resources:
        return Resources(Settings(mcp=mcp), load_service, open_cache)

    def test_is_off_by_default(self, load_service: LoadService) -> None:
        assert not Settings().mcp
        assert agents.plugins(self.resources(load_service, mcp=False)) == []

    def test_says_what_to_install(self, load_service: LoadService, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(sys.modules, "sabiscore.api.agents.mcp")
        monkeypatch.setitem(sys.modules, "mcp.server.lowlevel", None)
        with pytest.raises(SettingsError, match=r"sabiscore\[mcp\]"):
            agents.plugins(self.resources(load_service, mcp=True))
