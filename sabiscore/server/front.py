"""The front: a request that was answered before is answered with the same bytes, before the framework.

A request is the same if its body, its query and its origin are (origins that are not allowed are all one). What is
stored is what the application sent, head and body, so that whatever it validates, adds or refuses holds here too; only
the request's id, the age and the time to live are this request's own. Everything else, and what is no longer fresh,
goes over the bridge.
"""

import re
from typing import TypeAlias

from granian._granian import RSGIHeaders
from granian.rsgi import ProtocolClosed, Scope  # type: ignore[attr-defined]
from litestar.types import ASGIApp

from sabiscore.api import body, responses
from sabiscore.api.cors import Origins
from sabiscore.api.limits import ONE_LIMIT
from sabiscore.api.middleware import PREDICT, REQUEST_ID, chosen_id
from sabiscore.api.responses import ENTRY
from sabiscore.cache.entry import Entry
from sabiscore.cache.lru import Lru
from sabiscore.clock import CLOCK, Clock
from sabiscore.server.rsgi import Bridge, Exchange, HTTPProtocol, Received, StrHeaders
from sabiscore.telemetry.instruments import Instruments

OVERHEAD = 1000
"""Bytes that a stored answer takes beside its body and its request's."""

HOST = re.compile(r"[0-9A-Za-z!$&'()*+,;=\-._~:\[\]@%]*")
"""What the application takes for a host; to any other it says 400."""

_OF_THIS_REQUEST = frozenset({REQUEST_ID, responses.AGE.decode(), responses.CACHE_STATUS.decode()})

Key: TypeAlias = tuple[bytes, str, str | None]
"""Body, query, known origin."""


class Stored:
    """An answer as it was sent, and its head as of the present second."""

    __slots__ = ("_age", "_head", "_headers", "entry")

    def __init__(self, entry: Entry, headers: StrHeaders) -> None:
        self.entry = entry
        self._headers = [header for header in headers if header[0] not in _OF_THIS_REQUEST]
        self._head: StrHeaders = []
        self._age = -1

    def head(self, now: float) -> StrHeaders:
        """The headers, but for the request's id; not to be changed."""
        age = int(now - self.entry.made)
        if age != self._age:
            fresh = responses.hit_headers([self.entry], now)
            self._head = [*self._headers, *((name.decode(), value.decode()) for name, value in fresh)]
            self._age = age
        return self._head


class Front(Bridge):
    """An RSGI application around an ASGI one."""

    def __init__(
        self,
        app: ASGIApp,
        instruments: Instruments,
        *,
        origins: Origins,
        entries: int,
        size: int,
        clock: Clock = CLOCK,
    ) -> None:
        """Remember ``entries`` answers at most, of ``size`` bytes together; ``clock`` is what they age by."""
        super().__init__(app)
        self._instruments = instruments
        self._origins = origins
        self._seen: Lru[Key, Stored] = Lru(entries=entries, size=size)
        self._clock = clock

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer a request."""
        began = self._clock.seconds()
        headers, asked = scope.headers, scope.query_string
        if (
            scope.path != PREDICT
            or scope.method != "POST"
            or asked not in body.USUAL_QUERIES
            or not _is_plain(headers)
        ):
            await self.pass_on(scope, Exchange(protocol))
            return
        received = await _read(protocol)
        if not isinstance(received, bytes):
            await self.pass_on(scope, Exchange(protocol, received))
            return
        origin = headers.get("origin")
        key = (received, asked, origin and self._origins.known(origin))
        stored = self._seen.find(key)
        if stored is None or (now := self._clock.seconds()) >= stored.entry.fresh_until:
            self._instruments.looked_up(layer="body", hits=0, misses=1)
            await self._ask(scope, protocol, key)
            return
        name = chosen_id(headers.get(REQUEST_ID))
        protocol.response_bytes(200, [*stored.head(now), (REQUEST_ID, name)], stored.entry.body)
        self._instruments.looked_up(layer="body", hits=1, misses=0)
        self._instruments.request(route="predict", result="ok", seconds=self._clock.seconds() - began)

    async def _ask(self, scope: Scope, protocol: HTTPProtocol, key: Key) -> None:
        exchange = Exchange(protocol, key[0])
        await self.pass_on(scope, exchange)
        entry = exchange.state.get(ENTRY)
        if isinstance(entry, Entry):
            self._seen.keep(key, Stored(entry, exchange.headers), size_of(key, entry))


def size_of(key: Key, entry: Entry) -> int:
    """Bytes that a stored answer takes in memory."""
    return len(key[0]) + len(key[1]) + len(key[2] or "") + len(entry.body) + OVERHEAD


def _is_plain(headers: RSGIHeaders) -> bool:
    """Whether the body is of a known size and may be read, and nothing else can change the answer."""
    length, host = headers.get("content-length", ""), headers.get("host")
    types = headers.get_all("content-type")  # type: ignore[attr-defined]
    return (
        len(types) == 1
        and body.is_json(types[0])
        and length.isdecimal()
        and int(length) <= ONE_LIMIT
        and host is not None
        and HOST.fullmatch(host) is not None
        and "cookie" not in headers
    )


async def _read(protocol: HTTPProtocol) -> Received:
    try:
        return await body.in_time(protocol())
    except (TimeoutError, ProtocolClosed) as error:
        return error
