"""A real `sabiscore serve` in a process of its own, and raw sockets to talk to it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SABISCORE = Path(sys.executable).with_name("sabiscore")
READY = re.compile(r"SabiScore is ready: (http://127\.0\.0\.1:(\d+))\n")


WORKER = re.compile(r"INFO (\d+) \S+: ready: bundle=")


class Serving:
    """A server: its process, where it listens, and a directory for all that it leaves on disk."""

    def __init__(self, process: subprocess.Popen[str], directory: Path) -> None:
        self.process = process
        self.directory = directory

    def wait_until_ready(self) -> None:
        """Read the one line that it says."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        said = READY.fullmatch(line)
        assert said, f"{line!r}: {self.log()}"
        self.url, self.port = said[1], int(said[2])

    def log(self) -> str:
        """What it wrote to standard error so far."""
        return (self.directory / "log").read_text()

    def left_behind(self) -> list[str]:
        """Files of it that are still there."""
        return [path.name for path in self.directory.iterdir() if path.name != "log"]

    def workers(self) -> list[int]:
        """The processes that have served, in the order they were ready."""
        return [int(pid) for pid in WORKER.findall(self.log())]

    def listens(self) -> bool:
        """Whether a connection is accepted."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def connect(self) -> socket.socket:
        """A connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)


@contextmanager
def started(*arguments: str, **settings: str) -> Iterator[Serving]:
    """Start a server; it is ended, with its whole process group, when the block is left."""
    directory = Path(tempfile.mkdtemp(prefix="sabi"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SABISCORE_")}
    command = [str(SABISCORE), "serve", "--port", "0", *arguments]
    with (directory / "log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603
            command,
            env=environment | settings | {"TMPDIR": str(directory)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    try:
        with process:
            yield Serving(process, directory)
            process.terminate()
    finally:
        process.kill()
        shutil.rmtree(directory)


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
