import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]
from litestar.types import HTTPScope, Message, Receive, Scope, Send

from sabiscore.server.rsgi import Bridge
from tests.api.fronting import Played, rsgi_scope

SCOPE: Any = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "path": "/a b/é",
    "query_string": b"x=%20",
    "scheme": "http",
    "headers": [(b"a", b"1"), (b"a", b"2")],
}


class Application:
    """Remembers what it was given, and answers in parts."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts
        self.scope: Any = None
        self.received: list[Any] = []
        self.lifespan: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        if scope["type"] == "lifespan":  # type: ignore[comparison-overlap]
            await self._live(receive, send)
            return
        more = True
        while more:
            self.received.append(await receive())
            more = self.received[-1].get("more_body", False)
        await send({"type": "http.response.start", "status": 201, "headers": [(b"b", b"\xe9")]})
        for part in self.parts:
            await send({"type": "http.response.body", "body": part, "more_body": part is not self.parts[-1]})

    async def _live(self, receive: Any, send: Any) -> None:  # noqa: ANN401
        for step in ("startup", "shutdown"):
            self.lifespan.append((await receive())["type"])
            await send({"type": f"lifespan.{step}.complete"})


class Refusing:
    """Does not start."""

    async def __call__(self, _: Scope, receive: Any, send: Any) -> None:  # noqa: ANN401
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})


def playing(*messages: dict[str, Any]) -> Played:
    parts = iter(messages)

    async def receive() -> Any:  # noqa: ANN401
        return next(parts)

    return Played(receive)


class Left(Played):
    """A client that leaves in the middle of its body."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"a"
        raise ProtocolClosed


class LeftBeforeTheEnd(Played):
    """A client that leaves in the middle of its answer."""

    async def send_bytes(self, data: bytes) -> None:
        raise ProtocolClosed(data)


def whole(body: bytes) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": False}


async def ask(application: Any, protocol: Played) -> list[Message]:  # noqa: ANN401
    await Bridge(application).__rsgi__(rsgi_scope(cast_scope()), protocol)
    return protocol.sent


def cast_scope() -> HTTPScope:
    scope: HTTPScope = SCOPE
    return scope


class TestARequest:
    async def test_is_what_asgi_says_it_should_be(self) -> None:
        application = Application(b"")
        await ask(application, playing(whole(b"body")))
        scope = application.scope
        assert (scope["type"], scope["method"], scope["scheme"]) == ("http", "POST", "http")
        assert (scope["path"], scope["raw_path"], scope["root_path"]) == ("/a b/é", b"/a%20b/%C3%A9", "")
        assert (scope["query_string"], scope["headers"]) == (b"x=%20", [(b"a", b"1"), (b"a", b"2")])
        assert (scope["client"], scope["server"]) == (("127.0.0.1", 50000), ("127.0.0.1", 8000))
        assert scope["state"] == {}

    async def test_has_its_whole_body_in_parts(self) -> None:
        application = Application(b"")
        await ask(application, playing({"body": b"a", "more_body": True}, whole(b"b")))
        assert b"".join(message["body"] for message in application.received) == b"ab"
        assert application.received[-1]["more_body"] is False

    async def test_whose_client_leaves_ends_in_a_disconnect(self) -> None:
        application = Application(b"")
        await ask(application, Left(playing().receive))
        assert [message["type"] for message in application.received] == ["http.request", "http.disconnect"]


class TestAnAnswer:
    async def test_of_one_part_is_sent_at_once(self) -> None:
        sent = await ask(Application(b"all"), playing(whole(b"")))
        assert sent == [
            {"type": "http.response.start", "status": 201, "headers": [(b"b", b"\xe9")]},
            {"type": "http.response.body", "body": b"all", "more_body": False},
        ]

    async def test_of_several_is_a_stream(self) -> None:
        _, *parts = await ask(Application(b"a", b"b", b"", b"c"), playing(whole(b"")))
        assert [part["body"] for part in parts] == [b"a", b"b", b"c"]  # type: ignore[typeddict-item]

    async def test_that_nobody_waits_for_is_an_oserror_as_asgi_says(self) -> None:
        with pytest.raises(OSError, match="left"):
            await ask(Application(b"a", b"b"), LeftBeforeTheEnd(playing(whole(b"")).receive))


class TestTheLifespan:
    def test_begins_and_ends_with_the_server(self) -> None:
        application, loop = Application(), asyncio.new_event_loop()
        bridge = Bridge(application)
        bridge.__rsgi_init__(loop)
        assert application.lifespan == ["lifespan.startup"]
        bridge.__rsgi_del__(loop)
        assert application.lifespan == ["lifespan.startup", "lifespan.shutdown"]
        loop.close()

    def test_that_does_not_begin_ends_the_process(self) -> None:
        loop = asyncio.new_event_loop()
        with pytest.raises(SystemExit):
            Bridge(Refusing()).__rsgi_init__(loop)
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()
