"""Which other origins may read the answers, and that answers differ by origin."""

from collections.abc import Sequence

from litestar.config.cors import CORSConfig
from litestar.types import Message, Scope

from sabiscore.api.middleware import REQUEST_ID
from sabiscore.api.responses import VARIES, Header

VARY: Header = ("vary", "Origin")

EXPOSED: Header = ("access-control-expose-headers", f"age, cache-status, etag, retry-after, {REQUEST_ID}")


class Origins:
    """The origins that an operator allows: each gets answers of its own, all others are answered alike."""

    def __init__(self, allowed: str) -> None:
        """``allowed`` are separated by commas."""
        origins = [origin.strip().rstrip("/") for origin in allowed.split(",") if origin.strip()]
        self.config = _config(origins) if origins else None

    def headers(self, origin: str | None) -> Sequence[Header]:
        """What answers to an origin say: that they vary by it, and that it may read them if it is allowed.

        A cache that met an answer without `Vary` would give it to an origin, too, which could not read it.
        """
        if not self.config:
            return ()
        if not origin or not self.config.is_origin_allowed(origin):
            return (VARY,)
        return ("access-control-allow-origin", origin), EXPOSED, VARY

    async def tell(self, message: Message, scope: Scope) -> None:
        """Put the headers in place of Litestar's, which knows what to say to a preflight only."""
        if message["type"] != "http.response.start":
            return
        given = next((value for name, value in scope["headers"] if name == b"origin"), b"")
        told = self.headers(given.decode("latin-1"))
        ours = {name.encode(): value.encode("latin-1") for name, value in told}
        preflight = len(ours) > 1 and scope.get("method") == "OPTIONS"
        theirs = [(name.lower(), value) for name, value in message["headers"]]
        if b"vary" in ours:
            varies: list[bytes] = scope["state"].get(VARIES, [])
            ours[b"vary"] = b", ".join([*varies, ours[b"vary"]])
        message["headers"] = [
            (name, value)
            for name, value in theirs
            if name not in ours and (preflight or not name.startswith(b"access-control-"))
        ] + list(ours.items())


def _config(origins: list[str]) -> CORSConfig:
    return CORSConfig(
        allow_origins=origins,
        allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
        allow_headers=["authorization", "content-type", "if-none-match", "x-api-key", REQUEST_ID],
    )
