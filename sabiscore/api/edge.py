"""The outermost part of the application: refuses what it costs nothing to refuse, before anything is done for it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from sabiscore.api.gate import ADMITTED
from sabiscore.api.lifespan import Resources
from sabiscore.api.limits import LONGEST_URI
from sabiscore.api.middleware import PREDICT, header_of, request_id
from sabiscore.api.problems import BAD_REQUEST, NOT_FOUND, URI_TOO_LONG, ProblemError, refusal
from sabiscore.api.responses import Header, Replied
from sabiscore.clock import CLOCK
from sabiscore.telemetry.families import ROUTES
from sabiscore.telemetry.instruments import Instruments
from sabiscore.telemetry.provider import Telemetry

DRAINED = 1024 * 1024
DRAINED_WITHIN = 5.0
"""Bytes, and seconds, of a body that are still read after its answer.

A connection that is closed on bytes that nobody has read is reset, and the client never sees the answer.
"""

OF_ADMIN = ("/metrics", "/schema", "/docs")
"""What only the port for administrators shows, if there is one."""

BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


class Edge:
    """An ASGI application around another one; tells the instruments how requests ended.

    The other one sees no URI longer than `LONGEST_URI`, and no more requests than it can look up. Its answer arrives
    where it comes before the end of the request's body, too.
    """

    def __init__(self, app: ASGIApp, resources: Resources) -> None:
        self._app = app
        self._work = resources.work
        self._telemetry = resources.telemetry
        self._leaving = resources.leaving
        self._gate = resources.gate
        self._has_admin = bool(resources.settings.admin_port)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if self._leaving.headers:
            send = _saying(send, lambda told: [*told, *self._leaving.headers])
        measured = _Measured(scope, send, self._telemetry)
        try:
            await self._answer(scope, receive, measured)
        finally:
            measured.end()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        reading = _Reading(receive)
        if len(scope["path"]) + len(scope["query_string"]) > LONGEST_URI:
            await _refuse(ProblemError(URI_TOO_LONG), scope, receive, send)
        elif not _names_host(scope):
            await _refuse(ProblemError(BAD_REQUEST, "The request names no host."), scope, receive, send)
        elif (to := await self._let_in(scope, receive, send)) is None:
            pass
        elif scope.get("method") in BODILESS:
            await self._app(scope, receive, to)
            return
        elif self._is_to_be_refused(scope):
            await _refuse(self._work.one.refused(), scope, receive, send)
        else:
            await self._app(scope, reading, to)
        if not reading.ended:
            await _drain(receive)

    def _is_to_be_refused(self, scope: Scope) -> bool:
        return scope["path"].rstrip("/") == PREDICT and self._work.has_no_time()

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> Send | None:
        """How to send to whoever is let in; others are told why they are not."""
        gate = self._gate
        if self._has_admin and scope["path"].startswith(OF_ADMIN):
            if cast("dict[str, bool]", scope["state"]).get("admin"):
                return send
            await _refuse(ProblemError(NOT_FOUND), scope, receive, send)
            return None
        if gate is None:
            return send
        client = scope["client"]
        try:
            admitted = await gate.admit(
                scope["path"], str(scope.get("method")), client[0] if client else "", partial(_header, scope)
            )
        except ProblemError as error:
            await _refuse(error, scope, receive, send)
            return None
        scope["state"][ADMITTED] = admitted
        return _saying(send, lambda headers: [*gate.personal(headers), *admitted.headers])


class _Measured:
    """Sends, and counts an answer just before all of it is sent, so that whoever has one was counted."""

    __slots__ = (
        "_began",
        "_instruments",
        "_path",
        "_scope",
        "_send",
        "_status",
        "_trace",
        "_watched",
        "_watcher",
    )

    def __init__(self, scope: Scope, send: Send, telemetry: Telemetry) -> None:
        self._scope = scope
        self._path = scope["path"].rstrip("/")  # routing may change it
        self._send = send
        self._instruments: Instruments | None = telemetry.instruments
        self._status = 500
        self._began = CLOCK.seconds()
        self._watcher = telemetry.watcher
        self._watched = (
            self._watcher.begin(self._method, scope["path"], partial(header_of, scope), self._began)
            if self._watcher
            else None
        )
        self._trace = self._watched.trace if self._watched else None
        telemetry.instruments.active += 1

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            if timing := self._watch_end():
                message["headers"] = [*message["headers"], *timing]
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            self.end()
        await self._send(message)

    def end(self) -> None:
        """Count it, unless it is counted."""
        instruments, self._instruments = self._instruments, None
        if instruments:
            instruments.active -= 1
            self._watch_end()
            took = CLOCK.seconds() - self._began
            instruments.request(self._route, self._method, self._status, took, self._trace)

    @property
    def _route(self) -> str:
        return self._scope.get("path_template") or (self._path if self._path in ROUTES else "")

    @property
    def _method(self) -> str:
        return str(self._scope.get("method"))

    def _watch_end(self) -> list[tuple[bytes, bytes]]:
        """The end of watching, once; headers to be sent."""
        watched, self._watched = self._watched, None
        if watched is None or self._watcher is None:
            return []
        told = self._watcher.end(
            watched,
            method=self._method,
            route=self._route,
            status=self._status,
            name=request_id(self._scope),
        )
        return [(name.encode(), value.encode()) for name, value in told]


class _Reading:
    """Receives, and knows whether anything is left to receive."""

    __slots__ = ("_receive", "ended")

    def __init__(self, receive: Receive) -> None:
        self.ended = False
        self._receive = receive

    async def __call__(self) -> Any:  # noqa: ANN401 - any message
        self.ended = True  # so it is where receiving fails
        message: Any = await self._receive()
        self.ended = not message.get("more_body", False)
        return message


def _saying(send: Send, said: Callable[[Sequence[Header]], list[Header]]) -> Send:
    """Send answers with the headers that are ``said`` in place of theirs."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            told = said(
                [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
            )
            message["headers"] = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told]
        await send(message)

    return sending


def _names_host(scope: Scope) -> bool:
    """Whether it has a host, as every request of HTTP/1.1 has to (RFC 9112, section 3.2; RFC 9110, section 4.2.1)."""
    return scope["http_version"] != "1.1" or any(name == b"host" and said for name, said in scope["headers"])


def _header(scope: Scope, name: str) -> str:
    """All that a request says by this name."""
    wanted = name.encode()
    return ",".join(value.decode("latin-1") for given, value in scope["headers"] if given == wanted)


async def _drain(receive: Receive) -> None:
    left = DRAINED
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAINED_WITHIN):
            while left > 0:
                message: Any = await receive()
                if not message.get("more_body", False):
                    break
                left -= len(message["body"])


async def _refuse(error: ProblemError, scope: Scope, receive: Receive, send: Send) -> None:
    await Replied(refusal(error, scope["path"], request_id(scope)))(scope, receive, send)
