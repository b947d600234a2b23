"""Every request for predictions counted with its result, and timed."""

from collections.abc import Callable, Mapping
from time import perf_counter

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from sabiscore.telemetry.instruments import Instruments, Result, Route

ROUTES: Mapping[str, Route] = {"/api/v1/predict": "predict", "/api/v1/predict/batch": "batch"}


def measured(instruments: Instruments) -> Callable[[ASGIApp], ASGIApp]:
    """ASGI middleware that tells ``instruments`` how each POST ended, and how long it took.

    A closure, because Litestar copies whatever else it is given for a route, the instruments too.
    """
    return lambda app: _Measured(app, instruments)


class _Measured:
    def __init__(self, app: ASGIApp, instruments: Instruments) -> None:
        self._app = app
        self._instruments = instruments

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") != "POST":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route, seconds = ROUTES[scope["path_template"]], perf_counter() - began
            self._instruments.request(route=route, result=_result(status), seconds=seconds)


def _result(status: int) -> Result:
    if status < 400:  # noqa: PLR2004
        return "ok"
    return "invalid" if status < 500 else "error"  # noqa: PLR2004
