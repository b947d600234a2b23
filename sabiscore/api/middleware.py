"""Around every request: its id, and for predictions their count, result and time."""

import random
import re
from collections.abc import Callable, Mapping
from typing import cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from sabiscore.clock import CLOCK
from sabiscore.telemetry.instruments import Instruments, Result, Route

PREDICT = "/api/v1/predict"
BATCH = f"{PREDICT}/batch"

IN_PLAY = f"{PREDICT}/in-play"

ROUTES: Mapping[str, Route] = {PREDICT: "predict", BATCH: "batch", IN_PLAY: "in_play"}

REQUEST_ID = "x-request-id"
SANE = re.compile(r"[!-~]{1,128}")

_HEADER = REQUEST_ID.encode()


def measured(instruments: Instruments) -> Callable[[ASGIApp], ASGIApp]:
    """ASGI middleware that tells ``instruments`` how each request for predictions ended, and how long it took.

    A closure, because Litestar copies whatever else it is given for a route, the instruments too.
    """
    return lambda app: _Measured(app, instruments)


class _Measured:
    def __init__(self, app: ASGIApp, instruments: Instruments) -> None:
        self._app = app
        self._instruments = instruments

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") == "OPTIONS":
            await self._app(scope, receive, send)
            return
        began, status = CLOCK.seconds(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route, seconds = ROUTES[scope["path_template"]], CLOCK.seconds() - began
            self._instruments.request(route=route, result=result_of(status), seconds=seconds)


def result_of(status: int) -> Result:
    """How a request with an answer of this status ended."""
    if status < 400:  # noqa: PLR2004
        return "ok"
    return "invalid" if status < 500 else "error"  # noqa: PLR2004


def request_id(scope: Scope) -> str:
    """The id of this request, the same each time it is asked for: its own, if that is sane."""
    state = cast("dict[str, str]", scope["state"])
    if "request_id" not in state:
        state["request_id"] = chosen_id(_given_id(scope))
    return state["request_id"]


def chosen_id(given: str | None) -> str:
    """The id that was given, if it is sane; else a new one."""
    return given if given and SANE.fullmatch(given) else f"{random.getrandbits(128):032x}"


async def send_request_id(message: Message, scope: Scope) -> None:
    """Add the id to the head of an answer."""
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], (_HEADER, request_id(scope).encode())]


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _HEADER:
            return value.decode("latin-1")
    return None
