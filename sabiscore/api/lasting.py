"""Answers that stay the same while a bundle does: told by an ETag, and not sent twice to whoever has them."""

from hashlib import blake2b
from typing import Any

import msgspec
from litestar import status_codes
from litestar.datastructures import Headers
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

MAX_AGE = 300
"""Seconds for which nobody needs to ask again."""

DIGEST_SIZE = 16

_encode = msgspec.json.Encoder().encode


class Lasting(ASGIResponse):
    """A 200 with JSON, or a 304 without."""

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
