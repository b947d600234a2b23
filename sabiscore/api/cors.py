"""Which other origins may read the answers, and that answers differ by origin."""

from litestar.config.cors import CORSConfig
from litestar.types import Message, Scope

from sabiscore.api import request_id

ALLOW_ORIGIN = "access-control-allow-origin"
VARY = ("vary", "Origin")


def config(origins: str) -> CORSConfig | None:
    """What ``origins``, separated by commas, may do; None if there are none."""
    allowed = [origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()]
    if not allowed:
        return None
    return CORSConfig(
        allow_origins=allowed,
        allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
        allow_headers=["content-type", "if-none-match", request_id.NAME],
        expose_headers=[request_id.NAME, "age", "cache-status", "etag", "retry-after"],
    )


async def tell_caches(message: Message, _: Scope) -> None:
    """Say in each answer that it varies, and nothing else to an origin that is not allowed.

    A cache that met the answer without `Vary` would give it to an origin, too, which could not read it.
    """
    if message["type"] != "http.response.start":
        return
    headers = [(name.lower(), value) for name, value in message["headers"]]
    if not any(name == ALLOW_ORIGIN.encode() for name, _ in headers):
        headers = [header for header in headers if not header[0].startswith(b"access-control-")]
    if not any(name == b"vary" for name, _ in headers):
        headers.append((b"vary", b"Origin"))
    message["headers"] = headers


class Origins:
    """The origins that get an answer of their own."""

    def __init__(self, cors: CORSConfig | None) -> None:
        self._cors = cors

    def known(self, origin: str) -> str | None:
        """``origin`` if it is allowed; all others are answered alike."""
        return origin if self._cors and self._cors.is_origin_allowed(origin) else None

    def headers(self, origin: str | None) -> list[tuple[str, str]]:
        """What an answer to a `known` origin says."""
        if self._cors is None:
            return []
        return [VARY] if origin is None else [VARY, (ALLOW_ORIGIN, origin)]
