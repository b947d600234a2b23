"""A web server on a local port that keeps what is PUT there: GET with ETag, over TLS or not."""

import hashlib
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from tests.cache.tls import Certificates


class Depot:
    """Files by path, and what was asked."""

    def __init__(self, certificates: Certificates | None = None) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str, int]] = []
        self.is_down = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._scheme = "https" if certificates else "http"
        if certificates:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificates.certificate, certificates.key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"{self._scheme}://localhost:{self._server.server_port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        depot = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                content = depot.files.get(self.path)
                tag = f'"{hashlib.sha256(content or b"").hexdigest()}"'
                if depot.is_down:
                    self._say(410)
                elif content is None:
                    self._say(404)
                elif self.headers["If-None-Match"] == tag:
                    self._say(304)
                else:
                    self._say(200, content, tag)

            def do_PUT(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                if depot.is_down:
                    self._say(403)
                else:
                    depot.files[self.path] = content
                    self._say(201)

            def _say(self, status: int, body: bytes = b"", tag: str = "") -> None:
                depot.asked.append((self.command, self.path, status))
                self.send_response(status)
                if tag:
                    self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
