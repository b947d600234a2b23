"""The id of a request, in its answer and in the log: the client's own if that is sane, else made here."""

import os
import re
from typing import cast

from litestar.types import Message, Scope

HEADER = b"x-request-id"
SANE = re.compile(rb"[!-~]{1,128}")


def request_id(scope: Scope) -> str:
    """The id of this request, the same each time it is asked for."""
    state = cast("dict[str, str]", scope["state"])
    if "request_id" not in state:
        state["request_id"] = _given(scope) or os.urandom(16).hex()
    return state["request_id"]


async def send_request_id(message: Message, scope: Scope) -> None:
    """Add the id to the head of an answer."""
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], (HEADER, request_id(scope).encode())]


def _given(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == HEADER and SANE.fullmatch(value):
            return value.decode()
    return None
