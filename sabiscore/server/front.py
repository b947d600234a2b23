"""The front: requests for one prediction, and what was read before, are answered here, without a framework.

A request is the same as one that was answered from the cache if its body and its query are. It is answered with those
bytes for as long as they are fresh; only its id, its origin's headers, the age and the time to live are its own. Others
are answered by the same `Predict` that the application asks. What is not plainly such a request goes over the bridge;
what the application replies to a GET that any cache may keep, is sent to others who ask the same.
"""

import re
from functools import lru_cache, partial
from typing import TypeAlias

from granian._granian import RSGIHeaders
from granian.rsgi import ProtocolClosed, Scope  # type: ignore[attr-defined]
from litestar.types import ASGIApp
from msgspec import Struct

from sabiscore.api.body import BROKE_OFF, cost_of, is_json
from sabiscore.api.gate import Gate
from sabiscore.api.lifespan import Resources
from sabiscore.api.limits import LONGEST_URI, MANY_LIMIT, ONE_LIMIT
from sabiscore.api.middleware import BATCH, PREDICT, REQUEST_ID, chosen_id
from sabiscore.api.problems import MALFORMED_BODY, ProblemError, refusal
from sabiscore.api.query import USUAL_QUERIES
from sabiscore.api.responses import AGE, CACHE_STATUS, JSON, OK, Reply, hit_headers, narrowed
from sabiscore.cache.entry import Entry
from sabiscore.cache.lru import Lru
from sabiscore.clock import CLOCK, Clock
from sabiscore.server.replies import Recorded, Replies, is_usual
from sabiscore.server.rsgi import Bridge, HTTPProtocol, WhileThere
from sabiscore.stages import found_in
from sabiscore.telemetry.watching import Watched

OVERHEAD = 1400
"""Bytes that a stored answer takes beside its body and its request's (1,336 of a GET in CPython 3.11, measured)."""

IF_NONE_MATCH = "if-none-match"

READ = frozenset({"GET", "HEAD"})

LONGEST_QUERY = LONGEST_URI - len(BATCH)
"""Of what is answered here."""

HOST = re.compile(r"[0-9A-Za-z!$&'()*+,;=\-._~:\[\]@%]*")
"""What the application takes for a host; to any other it says 400."""

Key: TypeAlias = tuple[bytes | None, str]
"""Body of a POST, and query."""


class Stored:
    """An answer to whoever asks the same, as of the present second."""

    __slots__ = ("_entry", "_of_now", "_reply", "_until")

    def __init__(self, reply: Reply, entry: Entry) -> None:
        self._entry = entry
        self._reply = reply
        self._of_now = {name for name, _ in reply.headers} & {AGE, CACHE_STATUS}
        self._until = 0.0

    def reply(self, now: float) -> Reply | None:
        """The reply, as old as it is now; None where it is no longer fresh."""
        return self._reply if now < self._until else self._renewed(now)

    def _renewed(self, now: float) -> Reply | None:
        entry = self._entry
        if now >= entry.fresh_until:
            return None
        kept = [header for header in self._reply.headers if header[0] not in self._of_now]
        told = [header for header in hit_headers([entry], now) if header[0] in self._of_now]
        self._reply = Reply(OK, [*kept, *told], entry.body)
        self._until = min(entry.made + int(now - entry.made) + 1, entry.fresh_until)
        return self._reply


class Asked(Struct, frozen=True, gc=False):
    """A request that is answered here: what its answer has of it, since when, and who watches it."""

    method: str
    headers: RSGIHeaders
    name: str
    began: float
    watched: Watched | None


class Front(Bridge):
    """An RSGI application around an ASGI one."""

    def __init__(
        self, app: ASGIApp, resources: Resources, *, entries: int, size: int, clock: Clock = CLOCK
    ) -> None:
        """Remember ``entries`` answers at most, of ``size`` bytes together; ``clock`` is what they age by."""
        super().__init__(app)
        self._predict = resources.predict
        self._work = resources.work
        self._room = resources.work.one
        self._look_ups = resources.work.look_ups
        self._readers = resources.work.readers
        self._origins = resources.origins if resources.origins.config else None
        self._leaving = resources.leaving
        self._gate = resources.gate
        self._telemetry = resources.telemetry
        self._instruments = resources.instruments
        self._hits = resources.instruments.hits["body"]
        self._misses = resources.instruments.misses["body"]
        self._forgotten = partial(Lru[Key, Stored], entries=entries, size=size)
        self._seen = self._forgotten()
        self._replies = Replies()
        resources.on_replaced.append(self._forget)
        self._seconds = clock.seconds

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer a request."""
        method, path, query, headers = scope.method, scope.path, scope.query_string, scope.headers
        if path != PREDICT:
            if self._gate is None and method in READ and _is_read(query, headers):
                await self._read(scope, protocol)
            elif self._may_be_refused(scope):
                await self._batch(scope, protocol)
            else:
                await self.pass_on(scope, protocol)
            return
        if not _is_plain(method, query, headers):
            await self.pass_on(scope, protocol)
            return
        asked = self._asked(scope, self._seconds())
        if method == "POST" and self._gate is None and self._work.has_no_time():
            self._send(refusal(self._room.refused(), path, asked.name), protocol, asked, path)
            return
        self._instruments.active += 1
        try:
            key = await self._readers.read(protocol()) if method == "POST" else None, query
            if self._gate is None:
                reply = self._recalled(key) or await self._made(key, asked.name, protocol)
            else:
                reply = await self._let_in(self._gate, scope, protocol, asked, key)
        except (ProblemError, ProtocolClosed) as error:
            reply = refusal(_unread(error), path, asked.name)
        finally:
            self._instruments.active -= 1
        self._send(reply, protocol, asked, path)

    async def _read(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer a GET or HEAD of something else."""
        path, query, began, replies = scope.path, scope.query_string, self._seconds(), self._replies
        if kept := replies.find(path, query, began):
            self._hits.add()
            asked = self._asked(scope, began)
            if asked.watched:
                found_in("body")
            self._send(kept.reply, protocol, asked, kept.route)
            return
        recorded = Recorded(protocol)
        shown = await self.pass_on(scope, recorded)
        if scope.method == "GET" and replies.keep(
            path, query, recorded, shown.get("path_template", ""), began
        ):
            self._misses.add()

    def _may_be_refused(self, scope: Scope) -> bool:
        """Whether this is a batch that is refused for nothing but that it finds no room."""
        return (
            scope.path == BATCH
            and scope.method == "POST"
            and self._work.many.full
            and self._gate is None
            and _is_plain("POST", scope.query_string, scope.headers, MANY_LIMIT)
        )

    async def _batch(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer a batch if there is room for one of its size: its body is read, or a client would see a reset."""
        began, many = self._seconds(), self._work.many
        try:
            body = await self._readers.read(protocol())
        except (ProblemError, ProtocolClosed) as unread:
            error = _unread(unread)
        else:
            if many.has_room(cost := cost_of(body)):
                await self.pass_on(scope, protocol, body)
                return
            error = many.refused(cost)
        asked = self._asked(scope, began)
        self._send(refusal(error, BATCH, asked.name), protocol, asked, BATCH)

    def _asked(self, scope: Scope, began: float) -> Asked:
        method, headers, watch = scope.method, scope.headers, self._telemetry.watcher
        watched = watch.begin(method, scope.path, headers.get, began) if watch else None
        return Asked(method, headers, chosen_id(headers.get(REQUEST_ID)), began, watched)

    def _send(self, reply: Reply, protocol: HTTPProtocol, asked: Asked, route: str) -> None:
        """Send a reply with what is this request's own."""
        method, headers = asked.method, asked.headers
        if method != "POST" and (method == "HEAD" or IF_NONE_MATCH in headers):
            reply = narrowed(reply, method, headers.get_all(IF_NONE_MATCH))  # type: ignore[attr-defined]
        told = [*reply.headers, *self._leaving.headers, (REQUEST_ID, asked.name)]
        if self._origins:
            told += self._origins.headers(headers.get("origin"))
        if asked.watched and (watch := self._telemetry.watcher):
            told += watch.end(asked.watched, method=method, route=route, status=reply.status, name=asked.name)
        trace = asked.watched.trace if asked.watched else None
        self._instruments.request(route, method, reply.status, self._seconds() - asked.began, trace)
        protocol.response_bytes(reply.status, told, reply.body)

    async def _let_in(
        self, gate: Gate, scope: Scope, protocol: HTTPProtocol, asked: Asked, key: Key
    ) -> Reply:
        """The reply to whom the gate lets in."""
        host, header = _host(scope.client), partial(_header, asked.headers)
        admitted = await gate.admit(PREDICT, asked.method, host, header)
        reply = self._recalled(key) or await self._made(key, asked.name, protocol)
        return Reply(reply.status, [*gate.personal(reply.headers), *admitted.headers], reply.body)

    def _recalled(self, key: Key) -> Reply | None:
        """The reply to the same request before, if what it says is fresh."""
        stored = self._seen.find(key)
        if reply := stored and stored.reply(self._seconds()):
            self._hits.add()
            if key[0] is not None and self._room.full:
                self._look_ups.found()
            if self._telemetry.watcher:
                found_in("body")
            return reply
        self._misses.add()
        return None

    def _forget(self) -> None:
        """Begin anew: another bundle answers. What is being answered by the one before goes to what is forgotten."""
        self._seen = self._forgotten()
        self._replies = Replies()

    async def _made(self, key: Key, name: str, protocol: HTTPProtocol) -> Reply:
        """The reply to a request that is new; raises ProblemError if nobody waits for it any more."""
        seen = self._seen
        with WhileThere(protocol):
            reply = await self._predict.reply(*key, name)
        if reply.entry:
            seen.keep(key, Stored(reply, reply.entry), size_of(key, reply.entry))
        return reply


def size_of(key: Key, entry: Entry) -> int:
    """Bytes that a stored answer takes in memory."""
    return len(key[0] or b"") + len(key[1]) + len(entry.body) + OVERHEAD


def _header(headers: RSGIHeaders, name: str) -> str:
    """All that a request says by this name."""
    return ",".join(headers.get_all(name))  # type: ignore[attr-defined]


def _host(client: str) -> str:
    return client.rpartition(":")[0].strip("[]")


def _unread(error: ProblemError | ProtocolClosed) -> ProblemError:
    """Why a body could not be read."""
    return error if isinstance(error, ProblemError) else ProblemError(MALFORMED_BODY, BROKE_OFF)


def _is_plain(method: str, query: str, headers: RSGIHeaders, limit: int = ONE_LIMIT) -> bool:
    """Whether nothing but its body, its query and what is looked at elsewhere can change the answer."""
    host = headers.get("host")
    if not host or not _is_host(host) or "cookie" in headers:
        return False
    if method == "POST":
        length, types = headers.get("content-length", ""), headers.get_all("content-type")  # type: ignore[attr-defined]
        is_sized = length.isdecimal() and int(length) <= limit
        return (
            is_sized
            and len(types) == 1
            and (types[0] == JSON or is_json(types[0]))
            and query in USUAL_QUERIES
        )
    return method in READ and len(query) <= LONGEST_QUERY


def _is_read(query: str, headers: RSGIHeaders) -> bool:
    """Whether others may get the same answer to a GET."""
    host = headers.get("host")
    return bool(host) and _is_host(host) and is_usual(query, headers)


@lru_cache(maxsize=16)
def _is_host(text: str) -> bool:
    return HOST.fullmatch(text) is not None
