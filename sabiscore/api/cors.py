"""Which other origins may read the answers, and that answers differ by origin."""

from litestar.config.cors import CORSConfig
from litestar.types import Message, Scope

from sabiscore.api.middleware import REQUEST_ID

ALLOW_ORIGIN = b"access-control-allow-origin"


class Origins:
    """The origins that an operator allows: each gets answers of its own, all others are answered alike."""

    def __init__(self, allowed: str) -> None:
        """``allowed`` are separated by commas."""
        origins = [origin.strip().rstrip("/") for origin in allowed.split(",") if origin.strip()]
        self.config = _config(origins) if origins else None

    def known(self, origin: str) -> str | None:
        """``origin`` if it is allowed."""
        return origin if self.config and self.config.is_origin_allowed(origin) else None

    async def tell(self, message: Message, scope: Scope) -> None:
        """Say in every answer that it varies, and to an allowed origin that it may read it.

        A cache that met an answer without `Vary` would give it to an origin, too, which could not read it. Litestar
        answers those that are not allowed with headers about methods, and only some answers are its own.
        """
        if self.config is None or message["type"] != "http.response.start":
            return
        headers = [(name.lower(), value) for name, value in message["headers"]]
        names = {name for name, _ in headers}
        if ALLOW_ORIGIN not in names:
            headers = [header for header in headers if not header[0].startswith(b"access-control-")]
            given = next((value for name, value in scope["headers"] if name == b"origin"), b"")
            if self.known(given.decode("latin-1")):
                headers.append((ALLOW_ORIGIN, given))
        if b"vary" not in names:
            headers.append((b"vary", b"Origin"))
        message["headers"] = headers


def _config(origins: list[str]) -> CORSConfig:
    return CORSConfig(
        allow_origins=origins,
        allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
        allow_headers=["content-type", "if-none-match", REQUEST_ID],
        expose_headers=[REQUEST_ID, "age", "cache-status", "etag", "retry-after"],
    )
