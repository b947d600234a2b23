"""A web site of match files on a local port, as reliable as a test wants it to be."""

import threading
from collections import defaultdict
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from msgspec import Struct


class Reply(Struct, frozen=True):
    """One answer. ``length`` is declared unless None; ``hangs`` before it says a word, or ``drips``."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = {}
    length: int | None = -1
    hangs: bool = False
    drips: bool = False


class Site:
    """Replies by path: each once, the last for ever; every other path is a 404."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._replies: dict[str, list[Reply]] = defaultdict(list)
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def reply(self, path: str, *replies: Reply) -> None:
        self._replies[path] = list(replies)

    def asked_for(self, path: str) -> int:
        return sum(path == asked for asked, _ in self.requests)

    def _next(self, path: str) -> Reply:
        replies = self._replies[path] or [Reply(status=404)]
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.requests.append((self.path, dict(self.headers)))
                reply = site._next(self.path)
                if reply.hangs:
                    site._closing.wait()
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.length is not None:
                    self.send_header("Content-Length", str(max(reply.length, len(reply.body))))
                self.end_headers()
                with suppress(OSError):
                    self.send_body(reply)

            def send_body(self, reply: Reply) -> None:
                if not reply.drips:
                    self.wfile.write(reply.body)
                    return
                for place in range(len(reply.body)):
                    if site._closing.wait(0.05):
                        return
                    self.wfile.write(reply.body[place : place + 1])

            def log_message(self, *_: object) -> None:
                pass

        return Handler
