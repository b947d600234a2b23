"""A real `sabiscore serve` in a process of its own."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

SABISCORE = Path(sys.executable).with_name("sabiscore")
READY = re.compile(rb"SabiScore is ready: http://127\.0\.0\.1:(\d+)\n")
READY_WITHIN = 60.0
ENDED_WITHIN = 20.0


@asynccontextmanager
async def serving(valkey_url: str, **settings: str) -> AsyncIterator[int]:
    """One worker before this Valkey; yields its port.

    Args:
        valkey_url: where its cache is.
        settings: further ones by name, in small letters: ``front="0"``.

    Raises:
        RuntimeError: it did not start; with its log.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SABISCORE_")}
    chosen = {f"SABISCORE_{name.upper()}": value for name, value in settings.items()}
    with TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            SABISCORE,
            *("serve", "--workers", "1", "--port", "0"),
            env=inherited | chosen | {"SABISCORE_VALKEY_URL": valkey_url},
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        try:
            port = await _port(process)
            if port is None:
                log.seek(0)
                raise RuntimeError(f"sabiscore serve did not start: {log.read().decode()}")
            yield port
        finally:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), ENDED_WITHIN)
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def _port(process: asyncio.subprocess.Process) -> int | None:
    assert process.stdout
    async with asyncio.timeout(READY_WITHIN):
        said = READY.fullmatch(await process.stdout.readline())
    return int(said[1]) if said else None
