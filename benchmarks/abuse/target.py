"""The service under attack: a real `sabiscore serve`, the processes it consists of and the memory they take."""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from sabiscore.models.bundles import SHIPPED

SABISCORE = Path(sys.executable).with_name("sabiscore")
READY = re.compile(rb"SabiScore is ready: http://127\.0\.0\.1:(\d+)\n")
WORKER = re.compile(r"INFO (\d+) \S+: ready: bundle=")
READY_WITHIN = 60.0
ENDED_WITHIN = 20.0


class Target:
    """A running service of ``wanted`` workers; ``directory`` holds its log and whatever it leaves on disk."""

    def __init__(self, process: asyncio.subprocess.Process, directory: Path, wanted: int) -> None:
        self.process = process
        self.wanted = wanted
        self.directory = directory
        self.port = 0

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

    def workers(self) -> list[int]:
        """The workers that have been ready and still live, oldest first."""
        return [pid for pid in map(int, WORKER.findall(self.log())) if is_alive(pid)]

    def memory(self) -> float:
        """MB resident in the largest worker."""
        return max(map(resident, self.workers()), default=0.0)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def resident(pid: int) -> float:
    """MB of a process in memory; 0 if it is gone."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6
    return 0.0


@asynccontextmanager
async def serving(
    *,
    workers: int = 1,
    arguments: tuple[str, ...] = (),
    settings: Mapping[str, str] | None = None,
    own_bundle: bool = False,
    wait_for_all: bool = True,
    prefix: tuple[str, ...] = (),
) -> AsyncIterator[Target]:
    """A service that is ready; ended with its whole process group when the block is left.

    Args:
        workers: how many.
        arguments: further ones of `sabiscore serve`.
        settings: by name, in small letters: ``{"front": "0"}``.
        own_bundle: serve a copy of the shipped bundle, which may be spoilt.
        wait_for_all: whether every worker has to be ready, not only the first.
        prefix: what the command is given to.

    Raises:
        RuntimeError: it did not start; with its log.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SABISCORE_")}
    chosen = {f"SABISCORE_{name.upper()}": value for name, value in (settings or {}).items()}
    with TemporaryDirectory(prefix="abuse", ignore_cleanup_errors=True) as directory:
        if own_bundle:
            shutil.copytree(SHIPPED, Path(directory) / "bundle")
            chosen["SABISCORE_BUNDLE"] = f"{directory}/bundle"
        with (Path(directory) / "log").open("w") as log:
            process = await asyncio.create_subprocess_exec(
                *prefix,
                *(str(SABISCORE), "serve", "--workers", str(workers), "--port", "0", *arguments),
                env=inherited | {"TMPDIR": directory} | chosen,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        target = Target(process, Path(directory), workers)
        try:
            await _wait_until_ready(target, workers if wait_for_all else 0)
            yield target
        finally:
            await _end(process)


async def _wait_until_ready(target: Target, workers: int) -> None:
    """The service says so of its first worker, each worker in the log."""
    assert target.process.stdout
    async with asyncio.timeout(READY_WITHIN):
        said = READY.fullmatch(await target.process.stdout.readline())
        if said is None:
            raise RuntimeError(f"sabiscore serve did not start: {target.log()}")
        target.port = int(said[1])
        while len(target.workers()) < workers:  # noqa: ASYNC110 - a log tells nobody that it has grown
            await asyncio.sleep(0.02)


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), ENDED_WITHIN)
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
