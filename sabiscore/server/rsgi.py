"""An ASGI application behind Granian's own interface, RSGI: lifespan, streams, disconnects and all.

Not Granian's ASGI: RSGI gives and takes a whole body in one call, so that the front answers what it knows without the
scope, the messages and the framework that ASGI needs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from functools import lru_cache
from typing import Any, Protocol, TypeAlias, cast
from urllib.parse import quote

from granian.asgi import LifespanProtocol
from granian.rsgi import ProtocolClosed, Scope  # type: ignore[attr-defined]
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Message

from sabiscore.api.body import LEFT
from sabiscore.api.problems import BAD_REQUEST, ProblemError

StrHeaders: TypeAlias = list[tuple[str, str]]

UNREADABLE = b"\xff"
"""Stands for a header's value that is not ASCII, which Granian does not show."""

SHORT = 256
"""Characters of the paths whose quoted form is remembered; raw ones that are longer nobody looks at."""


class Stream(Protocol):
    """An answer that is sent in parts."""

    async def send_bytes(self, data: bytes) -> None:
        """Send a part; raises ProtocolClosed when the client has left."""


class Leaving(Protocol):
    """The leaving of a client, which is awaited or told of."""

    def __await__(self) -> Generator[None, None, None]:
        """Wait for it."""

    def add_done_callback(self, told: Callable[[Any], object]) -> None:
        """Have it told."""

    def remove_done_callback(self, told: Callable[[Any], object]) -> int:
        """Nobody is told any more."""

    def cancel(self) -> bool:
        """Nobody waits any more."""


class HTTPProtocol(Protocol):
    """What Granian gives for each request, to read it and to answer it."""

    async def __call__(self) -> bytes:
        """The whole body; raises ProtocolClosed when the client leaves before its end."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The body in parts; raises ProtocolClosed likewise."""

    def client_disconnect(self) -> Leaving:
        """The client's leaving."""

    def response_bytes(self, status: int, headers: StrHeaders, body: bytes) -> None:
        """Send a whole answer."""

    def response_stream(self, status: int, headers: StrHeaders) -> Stream:
        """Begin an answer."""


class WhileThere:
    """Ends the present task where its client leaves before the end of the block.

    Raises:
        ProblemError: that is so. There is nobody to be told, but what counts answers.
    """

    __slots__ = ("_leaving", "_task")

    def __init__(self, protocol: HTTPProtocol) -> None:
        self._leaving = protocol.client_disconnect()
        self._task: Any = asyncio.current_task()

    def __enter__(self) -> None:
        """From now on."""
        self._leaving.add_done_callback(self._end)

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        """Until now."""
        self._leaving.remove_done_callback(self._end)
        self._leaving.cancel()
        if isinstance(error, asyncio.CancelledError) and error.args == (LEFT,):
            self._task.uncancel()
            raise ProblemError(BAD_REQUEST, LEFT) from None

    def _end(self, _: object) -> None:
        self._task.cancel(LEFT)


class Bridge:
    """Hands every request to ``app``."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._lifespan: Any = LifespanProtocol(app)  # type: ignore[no-untyped-call]

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the application; ends the process if that fails."""
        loop.run_until_complete(self._lifespan.startup())
        if self._lifespan.interrupt:
            raise SystemExit(1)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop the application."""
        loop.run_until_complete(self._lifespan.shutdown())

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer a request."""
        await self.pass_on(scope, protocol)

    async def pass_on(
        self, scope: Scope, protocol: HTTPProtocol, body: bytes | None = None
    ) -> dict[str, Any]:
        """Have the application answer a request, whose ``body`` may have been read.

        Returns what it is shown of the request, and what it adds to that.
        """
        exchange = Exchange(protocol, aiter(protocol) if body is None else _whole(body))
        asgi = _asgi_scope(scope, dict(self._lifespan.state))
        await self.app(cast("HTTPScope", asgi), exchange.receive, exchange.send)
        return asgi


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    yield body


class Exchange:
    """The two ways of one request, as ASGI has them."""

    def __init__(self, protocol: HTTPProtocol, chunks: AsyncIterator[bytes]) -> None:
        """``chunks`` are the request's body."""
        self._status = 0
        self._headers: StrHeaders = []
        self._protocol = protocol
        self._chunks: AsyncIterator[bytes] | None = chunks
        self._stream: Stream | None = None

    async def receive(self) -> HTTPReceiveMessage:
        """The next part of the body; after all of it, the client's leaving."""
        if self._chunks is None:
            await self._protocol.client_disconnect()
            return {"type": "http.disconnect"}
        try:
            return {"type": "http.request", "body": await anext(self._chunks), "more_body": True}
        except StopAsyncIteration:
            self._chunks = None
            return {"type": "http.request", "body": b"", "more_body": False}
        except ProtocolClosed:
            return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Send a part of the answer: at once if it is all of it, else as a stream."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]
            ]
        elif message["type"] == "http.response.body":
            body, more = message.get("body", b""), message.get("more_body", False)
            if self._stream is None and not more:
                self._protocol.response_bytes(self._status, self._headers, body)
            else:
                await self._send_part(body)

    async def _send_part(self, body: bytes) -> None:
        if self._stream is None:
            self._stream = self._protocol.response_stream(self._status, self._headers)
        if body:
            try:
                await self._stream.send_bytes(body)
            except ProtocolClosed as error:
                raise OSError("the client has left") from error


def _asgi_scope(scope: Scope, state: dict[str, Any]) -> dict[str, Any]:
    given = scope.headers
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items()]
    if len(headers) < len(given):  # type: ignore[arg-type]
        shown = {name for name, _ in headers}
        headers += [(name.encode(), UNREADABLE) for name in given.keys() if name.encode() not in shown]  # noqa: SIM118
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": scope.http_version,
        "method": scope.method,
        "scheme": scope.scheme,
        "path": scope.path,
        "raw_path": _quoted(scope.path) if len(scope.path) <= SHORT else b"",
        "query_string": scope.query_string.encode(),
        "root_path": "",
        "headers": headers,
        "client": _address(scope.client),
        "server": _address(scope.server),
        "state": state,
    }


@lru_cache(maxsize=1024)
def _quoted(path: str) -> bytes:
    return quote(path).encode()


@lru_cache(maxsize=1024)
def _address(text: str) -> tuple[str, int] | None:
    host, _, port = text.rpartition(":")
    return (host, int(port)) if port.isdigit() else None
