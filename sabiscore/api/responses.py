"""Answers: what they are, whoever sends them, what they say of caching, and how Litestar sends them.

Not Litestar's `Response`, which encodes what it is given: most answers are bytes already.
"""

from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from typing import Any, TypeAlias

import msgspec
from litestar import Response, route
from litestar.datastructures import Headers
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import SkipValidation
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from sabiscore.cache.entry import Entry
from sabiscore.service import Answer, Predicting
from sabiscore.telemetry.provider import Telemetry

JSON = "application/json"

FRESH, STALE = 15, 30
"""Seconds for which what is read may be kept without asking again, and then be sent while it is asked for again.

Together less than a minute: so long after a swap nobody is sent anything of the bundle before. And a cache before the
service asks for each address four times a minute at most, however many ask the cache.
"""

CACHING = f"public, max-age={FRESH}, s-maxage={FRESH}, stale-while-revalidate={STALE}"

DIGITS = 32
"""Of the digest in an ETag."""

OK, NOT_MODIFIED = 200, 304

CACHE_STATUS, AGE = "cache-status", "age"
NAME = "SabiScore"

Header: TypeAlias = tuple[str, str]

MISS: tuple[Header, ...] = ((CACHE_STATUS, f"{NAME}; fwd=miss; stored"),)
PARTIAL: tuple[Header, ...] = ((CACHE_STATUS, f"{NAME}; fwd=partial; stored"),)

Service: TypeAlias = NamedDependency[SkipValidation[Predicting]]
Metrics: TypeAlias = NamedDependency[SkipValidation[Telemetry]]

read = partial(route, http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=OK)
"""A route that is read, with HEAD as well (which ``litestar.get`` leaves out)."""


class Reply(Struct, frozen=True):
    """Status, head and body. What it says of ``entry`` holds for whoever asks the same again, while that is fresh."""

    status: int
    headers: list[Header]
    body: bytes
    entry: Entry | None = None


def encoded(body: bytes, *headers: Header, entry: Entry | None = None) -> Reply:
    """A 200 with this JSON."""
    return Reply(OK, [("content-type", JSON), ("content-length", str(len(body))), *headers], body, entry)


def cacheable(body: bytes, *headers: Header, entry: Entry | None = None) -> Reply:
    """A 200 to a GET, which any cache may keep for some seconds; later it asks whether the answer has changed.

    Its age is not told: it is the same as one that was made now, and a cache would take it for stale.
    """
    told = [header for header in headers if header[0] != AGE]
    return encoded(body, ("etag", tag_of(body)), ("cache-control", CACHING), *told, entry=entry)


def tag_of(body: bytes) -> str:
    """The ETag of a body."""
    return f'"{sha256(body).hexdigest()[:DIGITS]}"'


def narrowed(reply: Reply, method: str, if_none_match: Sequence[str]) -> Reply:
    """What is sent of a reply: a 304 to a client that has its ETag, the head alone to whoever asks for that."""
    if if_none_match and reply.status == OK and _is_known(reply, if_none_match):
        kept = [header for header in reply.headers if not header[0].startswith("content-")]
        return Reply(NOT_MODIFIED, kept, b"")
    return Reply(reply.status, reply.headers, b"") if method == "HEAD" else reply


def _is_known(reply: Reply, if_none_match: Sequence[str]) -> bool:
    """By the weak comparison of RFC 9110, section 8.8.3.2."""
    tags = [tag.strip().removeprefix("W/") for line in if_none_match for tag in line.split(",")]
    return any(name == "etag" and (tag in tags or tags == ["*"]) for name, tag in reply.headers)


VARIES = "varies"
"""Where a scope's state has what an answer varies by: Litestar's CORS forgets it."""


class Replied(ASGIResponse):
    """A reply as Litestar sends it: as it is, with nothing built around it."""

    __slots__ = ("_reply",)

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it."""
        if varies := [value.encode() for name, value in self._reply.headers if name == "vary"]:
            scope["state"][VARIES] = varies
        known = Headers.from_scope(scope).getall("if-none-match", [])
        reply = narrowed(self._reply, str(scope.get("method")), known)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body, "more_body": False})


class Refused(Response[bytes]):
    """A reply as Litestar's exception handlers give it."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body, status_code=reply.status)
        self._reply = reply

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:  # noqa: ANN401
        """The reply as it is."""
        return Replied(self._reply)


def of_bundle(content: Any) -> Replied:  # noqa: ANN401 - whatever msgspec encodes
    """A 200 with what is read of a bundle."""
    return Replied(cacheable(msgspec.json.encode(content)))


def cache_headers(answers: Sequence[Answer], now: float) -> tuple[Header, ...]:
    """Cache-Status (RFC 9211) and Age of a message with these answers: a hit if all were cached."""
    cached = [answer.entry for answer in answers if answer.cached]
    if not cached:
        return MISS if answers else ()
    return hit_headers(cached, now) if len(cached) == len(answers) else PARTIAL


def hit_headers(entries: Sequence[Entry], now: float) -> tuple[Header, Header]:
    """The headers of cached entries, as old as the oldest; a time to live below zero is that of stale ones."""
    left = int(min(entry.fresh_until for entry in entries) - now)
    age = max(int(now - min(entry.made for entry in entries)), 0)
    return (CACHE_STATUS, f"{NAME}; hit; ttl={left}"), (AGE, str(age))
