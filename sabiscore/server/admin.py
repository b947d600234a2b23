"""What is not the world's business on a port of its own: metrics and the description of the API, to be read."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote

from litestar.types import ASGIApp, HTTPScope, Message

from sabiscore.api.edge import OF_ADMIN

LONGEST_HEAD = 16 * 1024
PATIENCE = 10.0
"""Seconds for a request and its answer."""

END_OF_HEAD = b"\r\n\r\n"
READ = frozenset({"GET", "HEAD"})


class Admin:
    """A server of GET and HEAD, one a connection, of what ``app`` shows to nobody else."""

    def __init__(self, app: ASGIApp, address: str, port: int) -> None:
        """Workers share the port."""
        self._app = app
        self._address = address
        self._port = port
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; raises OSError where that cannot be."""
        self._server = await asyncio.start_server(
            self._serve, self._address, self._port, limit=LONGEST_HEAD, reuse_port=True
        )

    async def stop(self) -> None:
        """Listen no more."""
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, EOFError, asyncio.LimitOverrunError, ValueError):
                async with asyncio.timeout(PATIENCE):
                    head = await reader.readuntil(END_OF_HEAD)
                    first, *lines = head.split(b"\r\n")
                    method, target, _ = first.decode("ascii").split(" ")
                    writer.write(await self._answer(method, target, _accepted(lines)))
                    await writer.drain()
        finally:
            writer.close()

    async def _answer(self, method: str, target: str, accept: bytes) -> bytes:
        """The whole answer, as bytes."""
        path, _, query = target.partition("?")
        if method not in READ or not path.startswith(OF_ADMIN):
            return _answered(HTTPStatus.NOT_FOUND, [], b"")
        said = _Said()
        await self._app(cast("HTTPScope", _scope(method, unquote(path), query, accept)), _nothing, said)
        return _answered(HTTPStatus(said.status), said.headers, bytes(said.body))


class _Said:
    """Receives an answer."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


async def _nothing() -> Any:  # noqa: ANN401 - a message
    return {"type": "http.request", "body": b"", "more_body": False}


def _accepted(lines: Sequence[bytes]) -> bytes:
    """What a client says that it takes; nothing else of what it says matters here."""
    said = (line.partition(b":") for line in lines)
    return b",".join(value.strip() for name, _, value in said if name.lower() == b"accept")


def _scope(method: str, path: str, query: str, accept: bytes) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"admin"), (b"accept", accept)],
        "client": None,
        "server": None,
        "state": {"admin": True},
    }


def _answered(status: HTTPStatus, headers: list[tuple[bytes, bytes]], body: bytes) -> bytes:
    ours = [(b"connection", b"close")]
    if not any(name.lower() == b"content-length" for name, _ in headers):
        ours.append((b"content-length", b"%d" % len(body)))
    lines = [b"%b: %b" % each for each in (*headers, *ours)]
    start = f"HTTP/1.1 {status.value} {status.phrase}".encode()
    return b"\r\n".join([start, *lines, b"", body])
