"""What the application replied to GETs that any cache may keep, for whoever asks the same."""

import re
from collections.abc import AsyncIterator

from granian._granian import RSGIHeaders
from msgspec import Struct

from sabiscore.api.middleware import REQUEST_ID
from sabiscore.api.responses import FRESH, OK, Reply
from sabiscore.cache.lru import Lru
from sabiscore.server.rsgi import HTTPProtocol, Leaving, Stream, StrHeaders

MOST, MOST_BYTES = 1000, 16 * 2**20
"""Replies that are kept, and bytes that they take together."""

OVERHEAD = 2000
"""Bytes that a reply takes beside its body and its address, generously."""

USUAL = re.compile(r"[\w=&.:~%+-]{0,200}", re.ASCII)
"""Queries whose replies are kept: no end of others mean the same."""

OF_ONE = frozenset({REQUEST_ID, "connection", "server-timing", "vary"})
"""Headers of one reply only."""

PERSONAL = ("cookie", "authorization", "range")
"""Headers of a request that might change its answer."""


class Kept(Struct, frozen=True):
    """A reply, the route's template, and until when it may be sent."""

    reply: Reply
    route: str
    until: float


class Replies:
    """Bounded in number and size; another bundle gets a new one."""

    def __init__(self) -> None:
        self._held = Lru[tuple[str, str], Kept](entries=MOST, size=MOST_BYTES)

    def find(self, path: str, query: str, now: float) -> Kept | None:
        """The reply to such a GET before, if it may still be sent."""
        kept = self._held.find((path, query))
        return kept if kept and now < kept.until else None

    def keep(self, path: str, query: str, recorded: "Recorded", route: str, now: float) -> bool:
        """Keep what was recorded of a GET, if any cache may; tells whether that is so."""
        reply = recorded.reply
        if reply is None or not may_be_kept(reply):
            return False
        headers = [each for each in reply.headers if _is_of_all(each[0])]
        size = len(path) + len(query) + len(reply.body) + OVERHEAD
        self._held.keep((path, query), Kept(Reply(OK, headers, reply.body), route, now + FRESH), size)
        return True


class Recorded:
    """A request's protocol that remembers what was replied, if that was in one piece."""

    def __init__(self, protocol: HTTPProtocol) -> None:
        self._protocol = protocol
        self.reply: Reply | None = None

    async def __call__(self) -> bytes:
        """The whole body."""
        return await self._protocol()

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The body in parts."""
        return aiter(self._protocol)

    def client_disconnect(self) -> Leaving:
        """The client's leaving."""
        return self._protocol.client_disconnect()

    def response_bytes(self, status: int, headers: StrHeaders, body: bytes) -> None:
        """Send a whole answer."""
        self.reply = Reply(status, headers, body)
        self._protocol.response_bytes(status, headers, body)

    def response_stream(self, status: int, headers: StrHeaders) -> Stream:
        """Begin an answer."""
        return self._protocol.response_stream(status, headers)


def is_usual(query: str, headers: RSGIHeaders) -> bool:
    """Whether nothing but address and query can change the answer to a GET, and others may well ask the same."""
    return USUAL.fullmatch(query) is not None and not any(name in headers for name in PERSONAL)


def may_be_kept(reply: Reply) -> bool:
    """Whether any cache may keep a reply, whoever asks, but for the origin, which is told to each."""
    told = dict(reply.headers)
    varies = {value for name, value in reply.headers if name == "vary"}
    return (
        reply.status == OK
        and told.get("cache-control", "").startswith("public")
        and varies <= {"Origin"}
        and "set-cookie" not in told
    )


def _is_of_all(name: str) -> bool:
    return name not in OF_ONE and not name.startswith("access-control-")
