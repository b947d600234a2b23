"""The tools by the Model Context Protocol, with its SDK: one message a request, no session, JSON.

The official SDK, not litestar-mcp: it understands clients of before the protocol's version of July 2026, too.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, TypeAlias

import msgspec
from litestar import Controller, Litestar, Request, post
from litestar.config.app import AppConfig
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation
from litestar.plugins import InitPlugin
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from mcp_types import Tool as Described

from sabiscore.api.agents.tools import TOOLS, Asking, Tool
from sabiscore.api.body import read_body
from sabiscore.api.lifespan import Resources
from sabiscore.api.limits import ONE_LIMIT
from sabiscore.api.problems import NOT_FOUND, ProblemError, refusal
from sabiscore.api.responses import JSON
from sabiscore.api.work import work_of

PATH = "/mcp"
CARD = "sabiscore://model"
INSTRUCTIONS = (
    "Football match probabilities that are calibrated, with their reasons. Say with a figure which bundle it is from "
    "and through which day it knows matches, and link to the page in `source`. Injuries and line-ups are not known. "
    "Nothing here is advice to stake money: name a stake only where an answer has one."
)
HARMLESS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

Context: TypeAlias = ServerRequestContext[Any, Any]


class Agents:
    """What answers agents while the application runs."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._tools = {tool.name: tool for tool in TOOLS}
        self._manager: StreamableHTTPSessionManager

    @asynccontextmanager
    async def lifespan(self, _: Litestar) -> AsyncIterator[None]:
        """From the application's start to its end."""
        server = Server[Any](
            "sabiscore",
            version=version("sabiscore"),
            instructions=INSTRUCTIONS,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_resources,
            on_read_resource=self._read_resource,
        )
        self._manager = StreamableHTTPSessionManager(server, stateless=True, json_response=True)
        async with self._manager.run():
            yield

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one message."""
        asked: Any = scope
        await self._manager.handle_request(asked, receive, send)  # type: ignore[arg-type]

    async def _list_tools(self, _: Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        described = [
            Described(name=tool.name, description=tool.says, input_schema=tool.schema, annotations=HARMLESS)
            for tool in self._tools.values()
        ]
        return ListToolsResult(tools=described)

    async def _call_tool(self, context: Context, asked: CallToolRequestParams) -> CallToolResult:
        try:
            address = str(context.request.base_url).rstrip("/") if context.request else ""
            asking = Asking(self._resources.loaded(), address)
            said = await self._tool(asked.name).call(asking, asked.arguments or {})
        except Exception as error:  # noqa: BLE001 - what nobody foresaw is a problem, too
            reply = refusal(error, PATH, str(context.request_id))
            return CallToolResult(content=[_text(reply.body)], is_error=True)
        return CallToolResult(content=[_text(said)])

    def _tool(self, name: str) -> Tool:
        if name not in self._tools:
            raise ProblemError(NOT_FOUND, f"There is no such tool; there are {', '.join(self._tools)}.")
        return self._tools[name]

    async def _list_resources(self, _: Context, __: PaginatedRequestParams | None) -> ListResourcesResult:
        card = Resource(
            uri=CARD,
            name="model",
            title="The model's card",
            description="Data, method, measured scores with intervals, what each level of confidence was worth.",
            mime_type=JSON,
        )
        return ListResourcesResult(resources=[card])

    async def _read_resource(self, _: Context, asked: ReadResourceRequestParams) -> ReadResourceResult:
        if asked.uri != CARD:
            raise ValueError(f"There is no such resource; there is {CARD}.")
        card = msgspec.json.encode(self._resources.service().card).decode()
        return ReadResourceResult(contents=[TextResourceContents(uri=CARD, mime_type=JSON, text=card)])


def _text(body: bytes) -> TextContent:
    return TextContent(type="text", text=body.decode())


Answering: TypeAlias = NamedDependency[SkipValidation[Agents]]


class AgentsController(Controller):
    """For agents."""

    path = PATH
    include_in_schema = False

    @post(status_code=200)
    async def message(self, request: Request[Any, Any, Any], agents: Answering) -> ASGIResponse:
        """One message of the Model Context Protocol."""
        body = await read_body(request.scope, request.receive, limit=ONE_LIMIT)
        return _Answered(agents, body)


class AgentsPlugin(InitPlugin):
    """What an application needs to answer agents."""

    def __init__(self, resources: Resources) -> None:
        self._agents = Agents(resources)

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add the route, and what answers behind it."""
        app_config.route_handlers.append(AgentsController)
        app_config.lifespan.append(self._agents.lifespan)
        app_config.dependencies["agents"] = Provide(lambda: self._agents, sync_to_thread=False)
        return app_config


class _Answered(ASGIResponse):
    """What agents are answered, with a place among those who ask for one prediction."""

    __slots__ = ("_agents", "_body")

    def __init__(self, agents: Agents, body: bytes) -> None:
        self._agents = agents
        self._body: bytes | None = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""

        async def read() -> Any:  # noqa: ANN401 - a message
            body, self._body = self._body, None
            whole = {"type": "http.request", "body": body, "more_body": False}
            return await receive() if body is None else whole

        work = work_of(scope)
        with work.one.place():
            await work.answers.read(self._agents.handle(scope, read, send))
