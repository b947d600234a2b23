"""The query and the body of a request: read within a size and a time, decoded once.

Not by Litestar's ``data``, which sets no time within which a body has to come, and decodes it to dicts before it makes
Structs of them.
"""

import asyncio
import re
from collections.abc import Awaitable, Mapping
from typing import TypeVar, cast
from urllib.parse import parse_qsl

import msgspec
from litestar.openapi.spec import Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.types import HTTPScope, Receive

from sabiscore.api.limits import BODY_SECONDS
from sabiscore.api.problems import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    INVALID_REQUEST,
    MALFORMED_BODY,
    SLOW_BODY,
    UNSUPPORTED_MEDIA_TYPE,
    FieldError,
    ProblemError,
)
from sabiscore.domain import Detail

T = TypeVar("T")

JSON = "application/json"

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises for a body that isn't what it should be."""

DETAIL = Parameter(
    name="detail",
    param_in="query",
    description="`full` adds the probability of every score, and every bet with the odds that it is worth.",
    schema=Schema(type=OpenAPIType.STRING, enum=["summary", "full"], default="summary"),
)

USUAL_QUERIES: Mapping[str, Detail] = {"": "summary", "detail=summary": "summary", "detail=full": "full"}
"""Those that people write. There is no end of others that mean the same."""

_LATE = "the body came too slowly"

LONGEST_MESSAGE = 200
WHERE = re.compile(r"(?P<message>.*) - at `(?P<path>\$.*)`", re.DOTALL)
FIELD = re.compile(r"Object (?:missing required|contains unknown) field `(.*)`", re.DOTALL)


def read_detail(scope: HTTPScope) -> Detail:
    """How much of a prediction is wanted.

    Raises:
        ProblemError: the query says something else, or nothing that is known.
    """
    query = scope["query_string"].decode("latin-1")
    if usual := USUAL_QUERIES.get(query):
        return usual
    match parse_qsl(query, keep_blank_values=True):
        case [] | [("detail", "summary")]:
            return "summary"
        case [("detail", "full")]:
            return "full"
    raise ProblemError(BAD_REQUEST, "The query can be detail=summary or detail=full, and nothing else.")


async def read_body(scope: HTTPScope, receive: Receive, *, limit: int) -> bytes:
    """The JSON body, of ``limit`` bytes at most.

    Raises:
        ProblemError: it says that it isn't JSON, is too large (told at once where it says so), or too slow.
    """
    _check_head(scope, limit)
    try:
        return await in_time(_receive(receive, limit))
    except TimeoutError:
        raise ProblemError(SLOW_BODY) from None


async def in_time(reading: Awaitable[T]) -> T:
    """What ``reading`` reads, or TimeoutError after `BODY_SECONDS`.

    By hand: `asyncio.timeout` would cost a tenth of a whole answer that is stored.
    """
    reader = cast("asyncio.Task[None]", asyncio.current_task())
    late = asyncio.get_running_loop().call_later(BODY_SECONDS, reader.cancel, _LATE)
    try:
        return await reading
    except asyncio.CancelledError as error:
        if error.args != (_LATE,):
            raise
        reader.uncancel()
        raise TimeoutError(_LATE) from None
    finally:
        late.cancel()


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
            raise ProblemError(MALFORMED_BODY, "The client left before the body was complete.")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def decode(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T:
    """What ``body`` says.

    Raises:
        ProblemError: it isn't JSON, or not the JSON that the decoder wants.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        wrong = _field_error(str(error))
        raise ProblemError(INVALID_REQUEST, f"{wrong.path}: {wrong.message}", errors=[wrong]) from None
    except UNREADABLE as error:
        raise ProblemError(MALFORMED_BODY, _reason(error)) from None


def _reason(error: Exception) -> str:
    match error:
        case RecursionError():
            return "The JSON is nested too deep."
        case UnicodeDecodeError():
            return "The body is not valid UTF-8."
    return f"{error}."


def _field_error(text: str) -> FieldError:
    found = WHERE.fullmatch(text)
    path, message = (found["path"], found["message"]) if found else ("$", text)
    if named := FIELD.fullmatch(message):
        path = f"{path}.{named[1]}"
    return FieldError(path=path[:LONGEST_MESSAGE], message=message[:LONGEST_MESSAGE])


def _too_large(limit: int) -> ProblemError:
    return ProblemError(BODY_TOO_LARGE, f"The body is over {limit} bytes.")
