"""What no description names, pages and what agents ask: whatever is sent there, nothing fails as our fault.

The routes of the API's description are fuzzed from it, in test_openapi.py.
"""

from collections.abc import Iterator
from string import ascii_letters
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from sabiscore.api.agents.mcp import CARD, PATH
from sabiscore.api.agents.tools import TOOLS
from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.api.web.routes import ADDRESSES
from sabiscore.cache.factory import open_cache
from sabiscore.settings import Settings
from tests.api.asking import FIXTURE, JSON, Client
from tests.api.fronting import served

EXAMPLES = settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))

ASKS = {"accept": "application/json, text/event-stream"} | JSON

words = st.sampled_from(
    ["", "E0", "EPL", "Premier League", "Arsenal", "arsenal", "Chelsea", "2025-08-30", "2025-08-30T16:30:00Z",
     "de", "1.8", "-1", "1e999", "nan", "full", "\u0000", "../..", "%00", "<b>", "{{7*7}}", "' or 1=1"]
) | st.text(max_size=40)  # fmt: skip
names = st.sampled_from(
    ["home_team", "away_team", "league", "kickoff_time", "neutral", "home", "draw", "away", "odds", "lang", "detail",
     "from", "to", "on", "season", "team", "after", "limit", "minute", "home_goals", "page"]
) | st.text(ascii_letters, max_size=8)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def client(load_service: LoadService) -> Iterator[Client]:
    """Of an application that agents may ask, too; a fault of ours is an answer, as it is of a server."""
    app = served(Resources(Settings(mcp=True), load_service, open_cache), front=True)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


class TestAPage:
    @pytest.mark.parametrize("template", [address.path for address in ADDRESSES])
    def test_never_fails_whatever_its_address_says(self, client: Client, template: str) -> None:
        @EXAMPLES
        @given(st.data())
        def probe(data: st.DataObject) -> None:
            parts = [
                quote(data.draw(words), safe="") if "{" in part else part for part in template.split("/")
            ]
            query = urlencode(data.draw(st.lists(st.tuples(names, words), max_size=5)))
            answer = client.get(f"{'/'.join(parts)}?{query}")
            assert answer.status_code < 500, (parts, query)
            assert answer.headers["content-type"].startswith(("text/html", "image/svg+xml", "application/"))

        probe()


class TestAnAgent:
    def say(self, client: Client, method: Any, params: Any) -> dict[str, Any] | None:  # noqa: ANN401
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = client.post(PATH, content=msgspec.json.encode(message), headers=ASKS)
        assert answer.status_code < 500, message
        return answer.json() if answer.content else None

    @pytest.mark.parametrize("tool", [tool.name for tool in TOOLS])
    def test_is_answered_or_refused_whatever_it_asks_a_tool_for(self, client: Client, tool: str) -> None:
        @EXAMPLES
        @given(st.dictionaries(names, values, max_size=5), st.booleans())
        def probe(arguments: dict[str, Any], begins_well: bool) -> None:  # noqa: FBT001
            asked = (FIXTURE if begins_well else {}) | arguments
            told = self.say(client, "tools/call", {"name": tool, "arguments": asked})
            assert told
            assert "result" in told or told["error"]["code"] != INTERNAL

        probe()

    @EXAMPLES
    @given(
        method=st.sampled_from(["initialize", "ping", "tools/list", "resources/read", "nope"]) | values,
        params=values,
    )
    def test_may_ask_for_what_there_is_not(self, client: Client, method: Any, params: Any) -> None:  # noqa: ANN401
        self.say(client, method, params)
        self.say(client, "resources/read", {"uri": CARD})

    @EXAMPLES
    @given(st.binary(max_size=300))
    def test_may_send_anything(self, client: Client, body: bytes) -> None:
        assert client.post(PATH, content=body, headers=ASKS).status_code < 500


INTERNAL = -32603
"""JSON-RPC's code of a fault of the server."""
