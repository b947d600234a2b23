"""The text of /metrics, for all workers of one `serve`, whichever of them is asked.

Each worker answers with its own metrics on a Unix socket in the run directory. The one that is scraped
asks all others and puts the answers together, labelled by worker and never summed: counters that start
again from zero with a respawned worker stay visible as such.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from sabiscore.errors import SettingsError
from sabiscore.telemetry.slots import Slot

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

PATIENCE = 0.2
"""Seconds that another worker has for its whole answer."""

END = b"# EOF\n"
"""Ends an answer between workers, so that a broken off one is not taken for a short one."""

MISSING = """\
# HELP metrics_workers_missing Workers that did not answer in time, so that their series are absent here
# TYPE metrics_workers_missing gauge
metrics_workers_missing {}
"""


class Exposition:
    """One worker's part in /metrics."""

    def __init__(self, scrape: Callable[[], bytes], run_dir: str = "") -> None:
        """Without ``run_dir`` this worker is the only one.

        Args:
            scrape: this worker's metrics in Prometheus text 0.0.4, each family with its HELP and TYPE.
            run_dir: the directory, private to this user, where the workers of one `serve` meet.
        """
        self._scrape = scrape
        self._run_dir = run_dir
        self._slot: Slot | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Claim a slot and answer the other workers from now on.

        Raises:
            SettingsError: the run directory can't be used.
        """
        if not self._run_dir:
            return
        try:
            self._slot = Slot(Path(self._run_dir))
            self._slot.socket.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(self._serve, self._slot.socket)
        except OSError as error:
            await self.close()
            raise SettingsError(f"SABISCORE_RUN_DIR={self._run_dir}: {error}") from error

    async def text(self) -> bytes:
        """The metrics of all workers that answer in time, as `CONTENT_TYPE`."""
        others = self._slot.others() if self._slot else {}
        asked = asyncio.gather(*map(_ask, others.values()))
        mine = str(self._slot.number if self._slot else 0)
        texts = {mine: self._scrape().decode()}
        answers = zip(others, await asked, strict=True)
        texts |= {worker: answer for worker, answer in answers if answer is not None}
        missing = MISSING.format(len(others) + 1 - len(texts))
        return (merge(texts) + missing).encode()

    async def close(self) -> None:
        """Answer no more and give the slot back."""
        if self._slot:
            self._slot.release()
        if self._server:
            self._server.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._server.wait_closed(), PATIENCE)

    async def _serve(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._scrape() + END)
        writer.close()
        try:
            with suppress(OSError):
                await asyncio.wait_for(writer.wait_closed(), PATIENCE)
        finally:
            writer.transport.abort()


def merge(texts: Mapping[str, str]) -> str:
    """One exposition of several, by worker: each family once, its samples labelled ``worker="..."``."""
    families: dict[str, list[str]] = {}
    for worker, text in sorted(texts.items()):
        for name, header, samples in _families(text):
            families.setdefault(name, [header]).extend(_labelled(line, worker) for line in samples)
    return "".join(f"{line}\n" for lines in families.values() for line in lines)


async def _ask(path: Path) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                answer = await reader.read()
            finally:
                writer.close()
    except OSError:
        return None
    return answer.removesuffix(END).decode() if answer.endswith(END) else None


def _families(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Name, HELP and TYPE lines, and samples of each family."""
    for block in f"\n{text}".split("\n# HELP ")[1:]:
        helped, typed, *samples = block.removesuffix("\n").split("\n")
        yield helped.partition(" ")[0], f"# HELP {helped}\n{typed}", samples


def _labelled(sample: str, worker: str) -> str:
    name, brace, rest = sample.partition("{")
    if brace:
        return f'{name}{{worker="{worker}",{rest}'
    name, _, rest = sample.partition(" ")
    return f'{name}{{worker="{worker}"}} {rest}'
