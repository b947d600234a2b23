"""A real HAProxy with the shipped configuration, before services of ours."""

import asyncio
import csv
import io
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.process import free_port

CONFIGURATION = Path(__file__).parents[1] / "deploy" / "haproxy.cfg"
SERVERS = ("ONE", "TWO")
CHECKED = "workers"
"""The backend that asks them whether they are ready; others have it from there."""

WITHIN = 60.0
"""Seconds in which it starts, or sees what became of a server."""

NOBODY = "127.0.0.1:1"

STATISTICS = """
global
    stats socket {socket} mode 600 level admin
"""


class Proxy:
    """A running HAProxy."""

    def __init__(self, port: int, statistics: Path, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self._process = process
        self._statistics = statistics

    def up(self) -> int:
        """How many servers get requests."""
        return sum(line["status"] == "UP" for line in self._servers())

    async def wait_until_up(self, servers: int) -> None:
        """Wait until so many servers get requests.

        Raises:
            RuntimeError: that does not come about.
        """
        deadline = time.monotonic() + WITHIN
        while self.up() != servers:
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"{self.up()} of {servers} servers are up")
            await asyncio.sleep(0.05)

    def _servers(self) -> list[dict[str, str]]:
        said = b""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(self._statistics))
            line.sendall(b"show stat\n")
            while more := line.recv(1 << 16):
                said += more
        rows = csv.DictReader(io.StringIO(said.decode().removeprefix("# ")))
        return [row for row in rows if row["pxname"] == CHECKED and row["svname"] != "BACKEND"]


def is_there() -> bool:
    """Whether this machine has HAProxy."""
    return shutil.which("haproxy") is not None


def checked(configuration: Path = CONFIGURATION) -> str:
    """What HAProxy says of a configuration; empty if it is good."""
    command = ["haproxy", "-c", "-q", "-f", str(configuration)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr + (f"exit status {done.returncode}" if done.returncode else "")


@asynccontextmanager
async def proxied(ports: Sequence[int], **settings: str) -> AsyncIterator[Proxy]:
    """HAProxy before one service, or two, once it sees them all; ``settings`` are variables of its configuration."""
    port = free_port()
    addresses = [f"127.0.0.1:{each}" for each in ports] + [NOBODY] * (len(SERVERS) - len(ports))
    chosen = {"BIND": f"127.0.0.1:{port}", **dict(zip(SERVERS, addresses, strict=True)), **settings}
    environment = os.environ | {f"SABISCORE_{name.upper()}": value for name, value in chosen.items()}
    with TemporaryDirectory(prefix="proxy") as name:
        further = Path(name) / "statistics.cfg"
        further.write_text(STATISTICS.format(socket=Path(name) / "s"))
        command = ["haproxy", "-db", "-q", "-f", str(CONFIGURATION), "-f", str(further)]
        with _running(command, environment) as process:
            proxy = Proxy(port, Path(name) / "s", process)
            await proxy.wait_until_up(len(ports))
            yield proxy


@contextmanager
def _running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()
