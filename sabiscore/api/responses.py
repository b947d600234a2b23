"""What the routes share: reading, injected parts, and answers that are encoded already, with their cache headers.

Not Litestar's `Response`, which encodes what it is given: most answers are bytes already.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any, TypeAlias

import msgspec
from litestar import route, status_codes
from litestar.datastructures import Headers
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import SkipValidation
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from sabiscore.api.work import Work
from sabiscore.cache.entry import Entry
from sabiscore.service import Answer, Predicting
from sabiscore.telemetry.exposition import Exposition

ENTRY = "entry"
"""Where in the state of its scope a route says which entry it answered with, for whoever may answer so again."""

MAX_AGE = 300
"""Seconds for which nobody needs to ask a `CacheableResponse` again."""

DIGEST_SIZE = 16

CACHE_STATUS, AGE = b"cache-status", b"age"
NAME = b"SabiScore"

Header: TypeAlias = tuple[bytes, bytes]

MISS: tuple[Header, ...] = ((CACHE_STATUS, NAME + b"; fwd=miss; stored"),)
PARTIAL: tuple[Header, ...] = ((CACHE_STATUS, NAME + b"; fwd=partial; stored"),)

Service: TypeAlias = NamedDependency[SkipValidation[Predicting]]
Metrics: TypeAlias = NamedDependency[SkipValidation[Exposition]]

_encode = msgspec.json.Encoder().encode

read = partial(route, http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
"""A route that is read, with HEAD as well (which ``litestar.get`` leaves out)."""


def work_of(scope: Scope) -> Work:
    """What the worker that answers has in work."""
    work: Work = scope["litestar_app"].state["work"]
    return work


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


class CacheableResponse(ASGIResponse):
    """A 200 with JSON that stays the same while a bundle does; a 304 without it to a client that has its ETag."""

    __slots__ = ("_etag",)

    def __init__(self, content: Any) -> None:  # noqa: ANN401 - whatever msgspec encodes
        self.body = _encode(content)
        self._etag = f'"{blake2b(self.body, digest_size=DIGEST_SIZE).hexdigest()}"'

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it; the head alone to whoever asks for that, or has the rest."""
        headers = [(b"etag", self._etag.encode()), (b"cache-control", b"public, max-age=%d" % MAX_AGE)]
        known = self._is_known(Headers.from_scope(scope).getall("if-none-match", []))
        if not known:
            length = (b"content-length", b"%d" % len(self.body))
            headers = [(b"content-type", b"application/json"), length, *headers]
        status = status_codes.HTTP_304_NOT_MODIFIED if known else status_codes.HTTP_200_OK
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = b"" if known or scope.get("method") == "HEAD" else self.body
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _is_known(self, if_none_match: list[str]) -> bool:
        """By the weak comparison of RFC 9110, section 8.8.3.2."""
        tags = [tag.strip().removeprefix("W/") for line in if_none_match for tag in line.split(",")]
        return self._etag in tags or tags == ["*"]


def cache_headers(answers: Sequence[Answer], now: float) -> Iterable[Header]:
    """Cache-Status (RFC 9211) and Age of a message with these answers: a hit if all were cached."""
    cached = [answer.entry for answer in answers if answer.cached]
    if not cached:
        return MISS if answers else ()
    return hit_headers(cached, now) if len(cached) == len(answers) else PARTIAL


def hit_headers(entries: Sequence[Entry], now: float) -> tuple[Header, Header]:
    """The headers of cached entries, as old as the oldest; a time to live below zero is that of stale ones."""
    left = int(min(entry.fresh_until for entry in entries) - now)
    age = max(int(now - min(entry.made for entry in entries)), 0)
    return (CACHE_STATUS, b"%b; hit; ttl=%d" % (NAME, left)), (AGE, b"%d" % age)
