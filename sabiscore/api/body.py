"""The body of a request: read within a size and a time, decoded once.

Not by Litestar's ``data``, which sets no time within which a body has to come, and decodes it to dicts before it makes
Structs of them.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import msgspec
from litestar.types import HTTPScope, Receive

from sabiscore.api.limits import MAX_FIXTURES
from sabiscore.api.problems import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    MALFORMED_BODY,
    UNSUPPORTED_MEDIA_TYPE,
    ProblemError,
    unfit,
)
from sabiscore.api.responses import JSON
from sabiscore.api.work import work_of

T = TypeVar("T")

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises for a body that isn't what it should be."""

_NO_JSON: Mapping[bytes, str] = {
    b"\x1f\x8b": "The body is compressed: send it as it is.",
    b"\xef\xbb\xbf": "The body begins with a byte order mark: send UTF-8 without one.",
    b"\xff\xfe": "The body is UTF-16: send UTF-8.",
    b"\xfe\xff": "The body is UTF-16: send UTF-8.",
}
"""What some bodies are, by how they begin."""

LEFT = "The client left before the answer."
BROKE_OFF = "The client left before the body was complete."


async def read_body(scope: HTTPScope, receive: Receive, *, limit: int) -> bytes:
    """The JSON body, of ``limit`` bytes at most.

    Raises:
        ProblemError: it says that it isn't JSON, is too large (told at once where it says so), or too slow.
    """
    _check_head(scope, limit)
    return await work_of(scope).readers.read(_receive(receive, limit))


def _check_head(scope: HTTPScope, limit: int) -> None:
    content_type, length = b"", b"0"
    for name, value in scope["headers"]:
        if name == b"content-type":
            content_type = value
        elif name == b"content-length":
            length = value
    if not is_json(content_type.decode("latin-1")):
        raise ProblemError(UNSUPPORTED_MEDIA_TYPE)
    if not length.isdigit():
        raise ProblemError(BAD_REQUEST, "The content-length is not a number.")
    if int(length) > limit:
        raise _too_large(limit)


def is_json(content_type: str) -> bool:
    """Whether a body of this type is read."""
    return content_type == JSON or content_type.partition(";")[0].strip().lower() == JSON


async def _receive(receive: Receive, limit: int) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ProblemError(MALFORMED_BODY, BROKE_OFF)
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


async def while_there(answering: Coroutine[Any, Any, T], receive: Receive) -> T:
    """What is answered, if the client waits for it; ``receive`` has had the whole body.

    Raises:
        ProblemError: the client left before, and the work was ended.
    """
    work, gone = asyncio.ensure_future(answering), asyncio.ensure_future(receive())
    try:
        await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise ProblemError(BAD_REQUEST, LEFT)
        return work.result()
    finally:
        work.cancel()
        gone.cancel()


def decode(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T:
    """What ``body`` says.

    Raises:
        ProblemError: it isn't JSON, or not the JSON that the decoder wants.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise unfit(error, decoder.type) from None
    except UNREADABLE as error:
        raise ProblemError(MALFORMED_BODY, _reason(error, bytes(body))) from None


def cost_of(batch: bytes) -> int:
    """How many fixtures a body has, about, and at most as many as are answered: each is an object, and so are odds."""
    return max(1, min(MAX_FIXTURES, batch.count(b"{") - 1))


def _reason(error: Exception, body: bytes) -> str:
    for beginning, reason in _NO_JSON.items():
        if body.startswith(beginning):
            return reason
    match error:
        case _ if not body:
            return "The body is empty."
        case RecursionError():
            return "The JSON is nested too deep."
        case UnicodeDecodeError():
            return "The body is not valid UTF-8."
    return f"{error}."


def _too_large(limit: int) -> ProblemError:
    return ProblemError(BODY_TOO_LARGE, f"The body is over {limit} bytes.")
