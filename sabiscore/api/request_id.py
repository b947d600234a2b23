"""The id of a request, in its answer and in the log: the client's own if that is sane, else made here."""

import random
import re
from typing import cast

from litestar.types import Message, Scope

NAME = "x-request-id"
HEADER = NAME.encode()
SANE = re.compile(r"[!-~]{1,128}")


def request_id(scope: Scope) -> str:
    """The id of this request, the same each time it is asked for."""
    state = cast("dict[str, str]", scope["state"])
    if "request_id" not in state:
        state["request_id"] = chosen(_given(scope))
    return state["request_id"]


def chosen(given: str | None) -> str:
    """The id that was given, if it is sane; else a new one."""
    return given if given and SANE.fullmatch(given) else f"{random.getrandbits(128):032x}"


async def send_request_id(message: Message, scope: Scope) -> None:
    """Add the id to the head of an answer."""
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], (HEADER, request_id(scope).encode())]


def _given(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == HEADER:
            return value.decode("latin-1")
    return None
