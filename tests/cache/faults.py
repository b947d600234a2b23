"""What is done to a server, and undone whatever the test comes to."""

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.faults.servers import Server


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """Hanging without closing its connections."""
    server.freeze()
    try:
        yield
    finally:
        server.thaw()


@contextmanager
def killed(server: Server) -> Iterator[None]:
    """Dead, and empty when it comes back."""
    server.kill()
    try:
        yield
    finally:
        server.start()


@contextmanager
def running(**config: str) -> Iterator[Server]:
    """A server for one test."""
    server = Server(**config)
    try:
        yield server
    finally:
        server.kill()
