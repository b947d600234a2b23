"""Requests as bytes, and sockets that are rude."""

import asyncio
import itertools
import socket
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

import msgspec

from sabiscore.data import catalogue

HOST = "127.0.0.1"
RUDE = ("127.0.0.2", 0)
"""Where the attacks come from: a proxy counts by address, and others ask, too."""

PREDICT = "/api/v1/predict"
BATCH = "/api/v1/predict/batch"
JSON = b"content-type: application/json"
CLOSE = b"connection: close"
PATIENCE = 30.0
RESET = struct.pack("ii", 1, 0)
"""What SO_LINGER takes to end a connection with a reset."""


def request(path: str, body: bytes, *lines: bytes, host: bytes = b"host: rude") -> bytes:
    """A POST of JSON, with further lines of its head."""
    head = [b"POST %b HTTP/1.1" % path.encode(), host, JSON, b"content-length: %d" % len(body), *lines]
    return b"\r\n".join([*head, b"", body])


def bodies() -> Iterator[bytes]:
    """Fixtures that nobody has asked for yet, without end."""
    known = catalogue.load()
    names = [club.name for club in known.clubs(known.league("E0"))]
    for second in itertools.count():
        hours, minutes, seconds = second // 3600, second // 60 % 60, second % 60
        kickoff = f"2025-08-30T{hours:02}:{minutes:02}:{seconds:02}Z"
        for home, away in itertools.permutations(names, 2):
            fixture = {"home_team": home, "away_team": away, "league": "E0", "kickoff_time": kickoff}
            yield msgspec.json.encode(fixture)


def batch(fixtures: Sequence[bytes]) -> bytes:
    """The body of a batch."""
    return b'{"fixtures":[' + b",".join(fixtures) + b"]}"


def unknown(number: int) -> bytes:
    """A fixture of a club that there isn't, another one for each number."""
    fixture = {"home_team": f"Arsenol {number:x}", "away_team": "Chelsea", "league": "E0"}
    return msgspec.json.encode(fixture | {"kickoff_time": "2025-08-30T16:30:00Z"})


async def ask(port: int, said: bytes) -> bytes:
    """All that is answered until the connection is closed; empty where it was reset before."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(HOST, port, local_addr=RUDE)
            try:
                writer.write(said)
                return await reader.read()
            finally:
                writer.transport.abort()
    except OSError:
        return b""


def status(answer: bytes) -> int:
    """The status of an answer, 0 if there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def told(seen: Counter[int]) -> str:
    """How often each status came, in words."""
    return ", ".join(f"{number:,} x {what}" for what, number in sorted(seen.items()))


async def silent(port: int, count: int, said: bytes = b"") -> list[socket.socket]:
    """Connections that say only this; those that are not accepted are open all the same."""
    loop = asyncio.get_running_loop()

    async def one() -> socket.socket:
        connection = socket.socket()
        connection.setblocking(False)  # noqa: FBT003 - its name for it
        connection.bind(RUDE)
        with suppress(ConnectionError):
            await loop.sock_connect(connection, (HOST, port))
            await loop.sock_sendall(connection, said)
        return connection

    return await asyncio.gather(*(one() for _ in range(count)))


def reset(port: int, said: bytes) -> None:
    """Connect, say it, and reset the connection, if that is not done to us before."""
    with (
        suppress(ConnectionError),
        socket.create_connection((HOST, port), timeout=PATIENCE, source_address=RUDE) as connection,
    ):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.sendall(said)
