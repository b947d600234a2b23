"""Raw sockets to talk to a service."""

import socket
from typing import NamedTuple

from tests.waiting import LONG


def connect(port: int) -> socket.socket:
    """A connection to a service on this machine."""
    return socket.create_connection(("127.0.0.1", port), timeout=LONG)


def listens(port: int) -> bool:
    """Whether a connection is accepted."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Answer(NamedTuple):
    """An answer as it came over the wire; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def exchange(connection: socket.socket, *parts: bytes) -> Answer:
    """Send the parts of a request, then read its answer."""
    for part in parts:
        connection.sendall(part)
    return read_answer(connection)


def read_answer(connection: socket.socket, *, of_head: bool = False) -> Answer:
    """Read one answer."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    start, _, body = received.partition(b"\r\n\r\n")
    status, *lines = start.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    while not of_head and len(body) < int(headers.get("content-length", 0)):
        body += _more(connection)
    return Answer(int(status.split()[1]), headers, body)


def _more(connection: socket.socket) -> bytes:
    received = connection.recv(65_536)
    assert received, "closed before the answer was complete"
    return received


def head(path: str, *lines: str, method: str = "POST") -> bytes:
    """The head of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: test", *lines, "", ""]).encode()
