"""A real `sabiscore serve` in processes of its own: started, waited for, looked into and ended."""

import asyncio
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.process import is_alive, plain_environment, resident
from sabiscore.models.bundles import SHIPPED

SABISCORE = Path(sys.executable).with_name("sabiscore")
READY = re.compile(r"SabiScore is ready: (http://127\.0\.0\.1:(\d+))\n")
WORKER = re.compile(r"INFO (\d+) \S+: ready: bundle=")
READY_WITHIN, ENDED_WITHIN = 120.0, 60.0
"""Seconds."""


class Service:
    """A service of ``wanted`` workers; ``directory`` holds its log, its own bundle and whatever it leaves on disk.

    ``url`` is its own, ``port`` where its clients ask: that of a proxy, if it is ``behind_proxy``. ``http`` asks at
    ``url``, each time on a connection of its own, which may be any worker's; it reads no certificates, which would
    take more than an answer does.
    """

    def __init__(self, process: subprocess.Popen[str], directory: Path, wanted: int) -> None:
        self.process = process
        self.directory = directory
        self.wanted = wanted
        self.url = ""
        self.port = 0
        self.behind_proxy = False
        self.http = httpx.Client(timeout=60, verify=False, limits=httpx.Limits(max_keepalive_connections=0))

    @property
    def pid(self) -> int:
        """The parent of the workers."""
        return self.process.pid

    @property
    def bundle(self) -> Path:
        """The bundle that it serves if it has one of its own."""
        return self.directory / "bundle"

    def log(self) -> str:
        """What it wrote to standard error so far."""
        return (self.directory / "log").read_text(errors="replace")

    def left_behind(self) -> list[str]:
        """Files of it that are still there."""
        return [path.name for path in self.directory.iterdir() if path.name != "log"]

    def workers(self) -> list[int]:
        """The workers that have been ready and still live, oldest first."""
        return [pid for pid in dict.fromkeys(map(int, WORKER.findall(self.log()))) if is_alive(pid)]

    def memory(self) -> float:
        """MB resident in the largest worker."""
        return max(map(resident, self.workers()), default=0) / 1e6

    def wait_until_ready(self, *, workers: int = 1) -> None:
        """Read the one line that it says of its first worker, and its log until so many are ready.

        Raises:
            RuntimeError: it did not start; with its log.
        """
        assert self.process.stdout
        deadline = time.monotonic() + READY_WITHIN
        speaks, _, _ = select.select([self.process.stdout], [], [], READY_WITHIN)
        said = READY.fullmatch(self.process.stdout.readline()) if speaks else None
        if said is None:
            raise RuntimeError(f"sabiscore serve did not start: {self.log()}")
        self.url, self.port = said[1], int(said[2])
        self.http.base_url = self.url
        while len(self.workers()) < workers:
            if time.monotonic() > deadline:
                raise RuntimeError(f"fewer than {workers} workers are ready: {self.log()}")
            time.sleep(0.02)

    def end(self) -> None:
        """SIGTERM, then SIGKILL for whatever is left of its process group."""
        self.http.close()
        with self.process, suppress(ProcessLookupError):
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(ENDED_WITHIN)
            os.killpg(self.pid, signal.SIGKILL)


@contextmanager
def started(
    *arguments: str,
    workers: int = 1,
    settings: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    own_bundle: bool = False,
    prefix: Sequence[str] = (),
) -> Iterator[Service]:
    """A service that was started and need not be ready; its directory goes when the block is left, as it does.

    Args:
        arguments: further ones of `sabiscore serve`.
        workers: how many.
        settings: by name, in small letters: ``{"front": "0"}``.
        environment: further variables.
        own_bundle: serve a copy of the shipped bundle, which may be spoilt.
        prefix: what the command is given to.
    """
    chosen = {f"SABISCORE_{name.upper()}": value for name, value in (settings or {}).items()}
    with TemporaryDirectory(prefix="sabi", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        chosen.setdefault("SABISCORE_DATA", str(directory / "data"))
        chosen.setdefault("SABISCORE_LOG_FORMAT", "text")
        if own_bundle:
            shutil.copytree(SHIPPED, directory / "bundle")
            chosen["SABISCORE_BUNDLE"] = str(directory / "bundle")
        with (directory / "log").open("w") as log:
            process = subprocess.Popen(
                [*prefix, str(SABISCORE), "serve", "--workers", str(workers), "--port", "0", *arguments],
                env=plain_environment() | {"TMPDIR": name} | dict(environment or {}) | chosen,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        service = Service(process, directory, workers)
        try:
            yield service
        finally:
            service.end()


@asynccontextmanager
async def serving(
    starting: AbstractContextManager[Service], *, wait_for_all: bool = True
) -> AsyncIterator[Service]:
    """What was `started` once all its workers, or its first, are ready; the event loop goes on meanwhile.

    Raises:
        RuntimeError: it did not start; with its log.
    """
    with ExitStack() as stack:
        service = stack.enter_context(starting)
        try:
            await asyncio.to_thread(service.wait_until_ready, workers=service.wanted if wait_for_all else 1)
            yield service
        finally:
            await asyncio.to_thread(stack.close)
