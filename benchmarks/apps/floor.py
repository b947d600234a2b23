"""The floor: what Granian costs with next to no Python behind it. Every answer is the same real one."""

import asyncio
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol
    from granian.rsgi import Scope

EXAMPLE = Path(__file__).parents[2] / "sabiscore" / "api" / "prediction.json"
ANSWER = msgspec.json.encode(msgspec.json.decode(EXAMPLE.read_bytes()))

Name = Annotated[str, Meta(min_length=1, max_length=100)]


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """A fixture as ours decodes it; nothing of ours is imported here, whose objects would be looked at for garbage."""

    home_team: Name
    away_team: Name
    league: Name
    kickoff_time: datetime


DECODE = msgspec.json.Decoder(Asked).decode

ASGI_HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]
RSGI_HEADERS = [("content-type", "application/json")]

_stored: dict[bytes | str, bytes] = {}


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 - plain ASGI
    """Read the body, decode it, send bytes."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if body:
        DECODE(body)
    await send({"type": "http.response.start", "status": 200, "headers": ASGI_HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})


async def rsgi(_: "Scope", protocol: "RSGIHTTPProtocol") -> None:
    """The same on Granian's own interface."""
    body = await protocol()
    if body:
        DECODE(body)
    protocol.response_bytes(200, RSGI_HEADERS, ANSWER)


class Lookup:
    """Read the body, or the query where there is none, look it up, send what is stored.

    The server's threads wait when they are woken, as they do for ours (`sabiscore.server.machine.wait_when_woken`).
    """

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """The server starts its threads after this, and before the event loop turns again."""
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        loop.call_soon(os.sched_setscheduler, 0, os.SCHED_OTHER, os.sched_param(0))

    async def __rsgi__(self, scope: "Scope", protocol: "RSGIHTTPProtocol") -> None:
        """Answer a request."""
        asked = await protocol() if scope.method == "POST" else scope.query_string
        answer = _stored.get(asked)
        if answer is None:
            answer = _stored[asked] = ANSWER
        protocol.response_bytes(200, RSGI_HEADERS, answer)


lookup = Lookup()
