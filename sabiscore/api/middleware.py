"""Of every request: its id."""

import random
import re
from typing import cast

from litestar.types import Message, Scope

PREDICT = "/api/v1/predict"
BATCH = f"{PREDICT}/batch"

IN_PLAY = f"{PREDICT}/in-play"

REQUEST_ID = "x-request-id"
SANE = re.compile(r"[!-~]{1,128}")

_HEADER = REQUEST_ID.encode()


def request_id(scope: Scope) -> str:
    """The id of this request, the same each time it is asked for: its own, if that is sane."""
    state = cast("dict[str, str]", scope["state"])
    if "request_id" not in state:
        state["request_id"] = chosen_id(header_of(scope, REQUEST_ID))
    return state["request_id"]


def chosen_id(given: str | None) -> str:
    """The id that was given, if it is sane; else a new one."""
    return given if given and SANE.fullmatch(given) else random.randbytes(16).hex()  # noqa: S311  # noqa: S311


async def send_request_id(message: Message, scope: Scope) -> None:
    """Add the id to the head of an answer."""
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], (_HEADER, request_id(scope).encode())]


def header_of(scope: Scope, wanted: str) -> str | None:
    """The first header of this name, which is in small letters."""
    sought = wanted.encode()
    for name, value in scope["headers"]:
        if name == sought:
            return value.decode("latin-1")
    return None
