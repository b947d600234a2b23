"""The front, asked as if it were an ASGI application: what Granian gives it is played here."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

from granian.rsgi import Scope
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Send
from litestar.types import Scope as AnyScope

from sabiscore.api.app import create_app
from sabiscore.api.lifespan import Resources
from sabiscore.clock import CLOCK, Clock
from sabiscore.server.front import Front
from sabiscore.server.rsgi import Leaving, Stream, StrHeaders


def fronted(resources: Resources, *, entries: int, clock: Clock = CLOCK) -> Front:
    """A new application behind its front."""
    return Front(
        create_app(resources),
        resources,
        entries=entries,
        size=1_000_000,
        clock=clock,
    )


def served(resources: Resources, *, front: bool) -> ASGIApp:
    """A new application, plain or behind its front."""
    if not front:
        return create_app(resources)
    fronting = fronted(resources, entries=100)
    return behind(fronting, fronting.app)


def behind(front: Front, app: ASGIApp) -> ASGIApp:
    """``app`` as it is served behind ``front``; its lifespan goes to it directly."""

    async def asked(scope: AnyScope, receive: Receive, send: Send) -> None:
        if cast("str", scope["type"]) == "lifespan":
            await app(scope, receive, send)
            return
        played = Played(receive)
        await front.__rsgi__(rsgi_scope(cast("HTTPScope", scope)), played)
        for message in played.sent:
            await send(message)

    return asked


def rsgi_scope(scope: HTTPScope) -> Scope:
    """The same request, as Granian shows it."""
    return cast(
        "Scope",
        SimpleNamespace(
            proto="http",
            http_version=scope["http_version"],
            method=scope["method"],
            path=scope["path"],
            query_string=scope["query_string"].decode(),
            scheme=scope["scheme"],
            client="127.0.0.1:50000",
            server="127.0.0.1:8000",
            headers=Headers(scope),
        ),
    )


class Headers:
    """Granian leaves out values that are not ASCII."""

    def __init__(self, scope: HTTPScope) -> None:
        self._items = [(name.decode(), value.decode()) for name, value in scope["headers"] if value.isascii()]
        self._names = list(dict.fromkeys(name.decode() for name, _ in scope["headers"]))

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as Granian has it
        return next(iter(self.get_all(name)), default)

    def get_all(self, name: str) -> list[str]:
        return [value for known, value in self._items if known == name]

    def keys(self) -> list[str]:
        return self._names

    def __len__(self) -> int:
        return len(self._names)

    def items(self) -> list[tuple[str, str]]:
        return self._items

    def __contains__(self, name: str) -> bool:
        return name in self._names


class Played:
    """One request's protocol; keeps what was sent."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.sent: list[Message] = []

    async def __call__(self) -> bytes:
        return b"".join([part async for part in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = cast("dict[str, Any]", await self.receive())
            more = message.get("more_body", False)
            yield message.get("body", b"")

    def client_disconnect(self) -> Leaving:
        return asyncio.ensure_future(self._left())

    async def _left(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    def response_bytes(self, status: int, headers: StrHeaders, body: bytes) -> None:
        self._start(status, headers)
        self.sent.append({"type": "http.response.body", "body": body, "more_body": False})

    def response_stream(self, status: int, headers: StrHeaders) -> Stream:
        self._start(status, headers)
        return self

    async def send_bytes(self, data: bytes) -> None:
        self.sent.append({"type": "http.response.body", "body": data, "more_body": True})

    def _start(self, status: int, headers: StrHeaders) -> None:
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self.sent.append({"type": "http.response.start", "status": status, "headers": encoded})
