"""What the controllers share: reading routes, injected parts, answers that are encoded already."""

from collections.abc import Iterable
from functools import partial
from typing import TypeAlias

from litestar import route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import SkipValidation
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from sabiscore.api.caching import Header
from sabiscore.api.work import Work
from sabiscore.service import Predicting
from sabiscore.telemetry.exposition import Exposition

ENTRY = "entry"
"""Where in the state of its scope a route says which entry it answered with, for whoever may answer so again."""

Service: TypeAlias = NamedDependency[SkipValidation[Predicting]]
Metrics: TypeAlias = NamedDependency[SkipValidation[Exposition]]


def work_of(scope: Scope) -> Work:
    """What the worker that answers has in work."""
    work: Work = scope["litestar_app"].state["work"]
    return work


read = partial(route, http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
"""A route that is read, with HEAD as well (which ``litestar.get`` leaves out)."""


class Encoded(ASGIResponse):
    """A 200 with JSON that was encoded before: sent as it is, with nothing built around it."""

    __slots__ = ("_headers",)

    def __init__(self, body: bytes, headers: Iterable[Header] = ()) -> None:
        self.body = body
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it."""
        length = (b"content-length", b"%d" % len(self.body))
        headers = [(b"content-type", b"application/json"), length, *self._headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})
