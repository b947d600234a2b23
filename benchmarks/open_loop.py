"""Asks at fixed times, whatever the answers do, and prints how long each took from the time it was due.

    python -m benchmarks.open_loop URL FILE FIRST RATE SECONDS CONNECTIONS

wrk has no rate. A request that finds every connection busy waits for one, and its
waiting counts. Latencies are printed in milliseconds as a JSON list.
"""

import math
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

SPIN = 0.0002
"""Seconds before a request is due from which on we no longer sleep: waking up takes about so long."""

PATIENCE = 10.0


class Connection:
    """A connection with one request under way at most."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = 0
        self._received = b""

    def fileno(self) -> int:
        """For `select`."""
        return self.socket.fileno()

    def ask(self, request: bytes, number: int) -> None:
        """Send the request of this number."""
        self.number = number
        self._received = b""
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Read what has come; whether that is all.

        Raises:
            SystemExit: it is no 2xx.
        """
        more = self.socket.recv(1 << 18)
        self._received += more
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not more or (found and not head.startswith(b"HTTP/1.1 2")):
            raise SystemExit(f"not answered with 2xx: {self._received[:500]!r}")
        return bool(found) and len(body) >= _length(head)


def _length(head: bytes) -> int:
    name = b"\r\ncontent-length:"
    return int(head.lower().partition(name)[2].partition(b"\r\n")[0])


class Took(msgspec.Struct, frozen=True):
    """Milliseconds from when each request was due to the last byte of its answer, and until it was sent, in order."""

    answered: list[float]
    asked: list[float]


def run(requests: Sequence[bytes], *, host: str, port: int, due: Sequence[float], connections: int) -> Took:
    """Ask each when it is ``due``, in seconds from now."""
    free = deque(Connection(host, port) for _ in range(connections))
    busy: set[Connection] = set()
    count = len(requests)
    took = Took([0.0] * count, [0.0] * count)
    begun = time.perf_counter() + 0.01
    asked = answered = 0
    while answered < count:
        now = time.perf_counter()
        next_due = begun + due[asked] if asked < count else math.inf
        if next_due <= now and free:
            connection = free.popleft()
            connection.ask(requests[asked], asked)
            took.asked[asked] = 1e3 * (now - next_due)
            busy.add(connection)
            asked += 1
            continue
        idle = asked == count or not free
        for connection in _readable(busy, PATIENCE if idle else max(0.0, next_due - now - SPIN)):
            if connection.answered():
                took.answered[connection.number] = 1e3 * (
                    time.perf_counter() - begun - due[connection.number]
                )
                answered += 1
                busy.remove(connection)
                free.append(connection)
    return took


def _readable(busy: set[Connection], wait: float) -> list[Connection]:
    found: list[Connection] = select.select(list(busy), [], [], wait)[0]
    if not found and wait == PATIENCE:
        raise SystemExit(f"no answer for {PATIENCE:g} seconds")
    return found


def main(arguments: Sequence[str]) -> None:
    """Read, ask, print."""
    url, file, first, rate, seconds, connections = arguments
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
    count = max(1, round(float(rate) * float(seconds)))
    bodies = Path(file).read_bytes().splitlines()[int(first) : int(first) + count]
    if len(bodies) < count:
        raise SystemExit("the file of bodies is too short")
    requests = [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
    due = [number / float(rate) for number in range(count)]
    took = run(requests, host=host, port=port, due=due, connections=int(connections))
    sys.stdout.buffer.write(msgspec.json.encode(took.answered))


if __name__ == "__main__":
    main(sys.argv[1:])
