"""The outermost part of the application: what no request may do to whatever comes behind."""

import asyncio
from contextlib import suppress
from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send

from sabiscore.api.problems import URI_TOO_LONG, ProblemError, written
from sabiscore.api.request_id import HEADER, request_id

LONGEST_URI = 2048
"""Characters of path and query; the router remembers a thousand paths."""

DRAINED = 1024 * 1024
DRAINED_WITHIN = 5.0
"""Bytes, and seconds, of a body that are still read after its answer.

A connection that is closed on bytes that nobody has read is reset, and the client never sees the answer.
"""

BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


def guarded(app: ASGIApp) -> ASGIApp:
    """``app``, which sees no URI longer than `LONGEST_URI`, and whose answers arrive before a body's end, too."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        if len(scope["path"]) + len(scope["query_string"]) > LONGEST_URI:
            await _refuse(scope, send)
        elif scope.get("method") in BODILESS:
            await app(scope, receive, send)
        else:
            reading = _Reading(receive)
            await app(scope, reading, send)
            if not reading.ended:
                await drain(receive)

    return asked


async def drain(receive: Receive) -> None:
    """Read what is left of a body, within bounds."""
    left = DRAINED
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAINED_WITHIN):
            while left > 0:
                message: Any = await receive()
                if not message.get("more_body", False):
                    break
                left -= len(message["body"])


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


async def _refuse(scope: Scope, send: Send) -> None:
    path = scope["path"][:LONGEST_URI]
    status, headers, content = written(ProblemError(URI_TOO_LONG), path, request_id(scope))
    encoded = [(name.encode(), value.encode()) for name, value in headers]
    # The id is added to every answer of the application.
    head = [header for header in encoded if header[0] != HEADER]
    await send({"type": "http.response.start", "status": status, "headers": head})
    body = b"" if scope.get("method") == "HEAD" else content
    await send({"type": "http.response.body", "body": body, "more_body": False})
