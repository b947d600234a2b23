"""A steady stream of requests, and what became of each."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import NamedTuple

import msgspec

from sabiscore.data import catalogue

PATIENCE = 5.0
"""Seconds after which an answer counts as missing."""

ALIVE = b"GET /health/live HTTP/1.1\r\nhost: faults\r\n\r\n"

BROKEN = 0
"""The status of a request without an answer."""


class Answer(NamedTuple):
    """An answer as it came over the wire, or why none did."""

    status: int
    body: bytes
    why: str = ""


class Sample(NamedTuple):
    """One request: when it was due (monotonic), seconds to its answer, its status, whether the body was new."""

    due: float
    seconds: float
    status: int
    changed: bool


class Connection:
    """A kept-alive connection to the service, opened when it is needed."""

    def __init__(self, port: int, *, patience: float = PATIENCE, again: bool = False) -> None:
        """Wait ``patience`` seconds for an answer.

        ``again`` is for whoever does not count what is lost: a request that finds an idle connection ended by the
        server, and no answer, is asked once more over a new one, as browsers do (RFC 9110, section 9.2.2).
        """
        self._port = port
        self._patience = patience
        self._again = again
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Answer:
        """The answer; its status is `BROKEN` where none came."""
        was_idle = self._streams is not None
        try:
            async with asyncio.timeout(self._patience):
                return await self._exchange(request)
        except (OSError, EOFError) as error:
            self.close()
            if self._again and was_idle and _is_end(error):
                return await self.ask(request)
            return Answer(BROKEN, b"", f"{type(error).__name__}: {error}")

    async def hang_up(self, request: bytes, *, after: float) -> None:
        """Send a request over the open connection, and end that so many seconds later."""
        if self._streams:
            self._streams[1].write(request)
            await asyncio.sleep(after)
            self._streams[1].transport.abort()
            self._streams = None

    def close(self) -> None:
        """Close it."""
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, request: bytes) -> Answer:
        if self._streams is None or self._streams[1].is_closing():
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        start, *lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        headers = dict(line.split(b": ", 1) for line in lines if line)
        body = await reader.readexactly(int(headers[b"content-length"]))
        if headers.get(b"connection") == b"close":
            self.close()
        return Answer(int(start.split()[1]), body)


def _is_end(error: OSError | EOFError) -> bool:
    """Whether a connection had ended before anything was answered."""
    if isinstance(error, asyncio.IncompleteReadError):
        return not error.partial
    return isinstance(error, ConnectionError)


class Load:
    """Requests at a steady rate, whether or not those before were answered (an open loop)."""

    def __init__(self, port: int, requests: Sequence[bytes], *, rate: float, connections: int) -> None:
        """In turn each of the requests, ``rate`` a second in all; one that finds no free connection waits."""
        self.samples: list[Sample] = []
        self._requests = requests
        self._rate = rate
        self._connections = [Connection(port) for _ in range(connections)]
        self._due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._first: dict[bytes, bytes] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        """Ask all the time that the block lasts; what was asked is answered when it is left."""
        pacing = asyncio.create_task(self._pace())
        asking = [asyncio.create_task(self._ask(connection)) for connection in self._connections]
        try:
            yield self
            pacing.cancel()
            await self._due.join()
        finally:
            for task in (pacing, *asking):
                task.cancel()
            await asyncio.gather(pacing, *asking, return_exceptions=True)
            for connection in self._connections:
                connection.close()

    async def _pace(self) -> None:
        due = time.monotonic()
        for request in itertools.cycle(self._requests):
            await asyncio.sleep(due - time.monotonic())
            now = time.monotonic()
            self._due.put_nowait((now, request))
            # From now if this process was late itself: a burst would only measure that.
            due = max(due, now - 1.0 / self._rate) + 1.0 / self._rate

    async def _ask(self, connection: Connection) -> None:
        while True:
            due, request = await self._due.get()
            status, body, _ = await connection.ask(request)
            changed = status == HTTPStatus.OK and body != self._first.setdefault(request, body)
            self.samples.append(Sample(due, time.monotonic() - due, status, changed))
            self._due.task_done()


def fixtures(count: int) -> list[bytes]:
    """So many different requests for a prediction, at most 4,032."""
    known = catalogue.load()
    league = known.league("E0")
    pairs = itertools.permutations((club.name for club in known.clubs(league)), 2)
    return [_request(home, away) for home, away in itertools.islice(pairs, count)]


def _request(home: str, away: str) -> bytes:
    fixture = {
        "home_team": home,
        "away_team": away,
        "league": "E0",
        "kickoff_time": "2025-08-30T16:30:00Z",
    }
    body = msgspec.json.encode(fixture)
    head = "POST /api/v1/predict HTTP/1.1\r\nhost: faults\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
