"""The text of /metrics, for all workers of one `serve`, whichever of them is asked.

Each worker answers with its own metrics on a Unix socket in the run directory. The one that is scraped
asks all others and puts the answers together, labelled by worker and never summed: counters that start
again from zero after a worker has died stay visible as such. A worker that ends in good order leaves its
counts to its slot; they are shown until another worker takes the slot and goes on from them.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sabiscore.errors import SettingsError
from sabiscore.telemetry import report
from sabiscore.telemetry.slots import LARGEST, Slot, read_bounded
from sabiscore.telemetry.text import add, counts, merge, value

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

PATIENCE = 0.2
"""Seconds that another worker has for its whole answer."""

LOOK_EVERY = 0.5
"""Seconds between two looks whether the run directory is still there."""

END = b"# EOF\n"
"""Ends an answer between workers, so that a broken off one is not taken for a short one."""

MISSING = """\
# HELP metrics_workers_missing Workers that should be there and did not answer: their series are absent here
# TYPE metrics_workers_missing gauge
metrics_workers_missing {}
"""

log = logging.getLogger(__name__)


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
        self._base = ""
        self._wanted = 1
        self._staying: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Claim a slot, go on from what was left there, and answer the other workers from now on.

        Raises:
            SettingsError: the run directory can't be used.
        """
        if not self._run_dir:
            return
        try:
            self._slot = Slot(Path(self._run_dir))
            self._service()
            self._base = self._slot.left_by(self._slot.number)
            await self._listen(self._slot)
            self._slot.forget()
        except OSError as error:
            await self._give_back()
            raise SettingsError(f"SABISCORE_RUN_DIR={self._run_dir}: {error}") from error
        self._staying = asyncio.create_task(self._stay())

    async def text(self) -> bytes:
        """The metrics of all workers that answer in time, as `CONTENT_TYPE`."""
        if self._slot is None:
            return (merge({"0": self._own()}) + MISSING.format(0)).encode()
        slot, others = self._slot, self._slot.others()
        answers = await asyncio.gather(*(_ask(slot.socket_of(number)) for number in others))
        live = {number: answer for number, answer in zip(others, answers, strict=True) if answer}
        live[slot.number] = self._own()
        left = {number: slot.left_by(number) for number in others if number not in live}
        service = self._service()
        silent = sum(answer == "" for answer in answers)
        missing = MISSING.format(max(silent, self._wanted - len(live)))
        merged = merge({f"{number}": text for number, text in (live | left).items()})
        return (merged + service + missing).encode()

    async def close(self) -> None:
        """Leave our counts to the slot, answer no more and give the slot back."""
        if self._staying:
            self._staying.cancel()
        if self._slot:
            with suppress(OSError):
                self._slot.hand_over(counts(self._own()))
        await self._give_back()

    def _service(self) -> str:
        """What is said of the service as a whole; how many workers there should be is remembered."""
        text = read_bounded(Path(self._run_dir) / report.NAME)
        self._wanted = int(value(text, report.WANTED) or self._wanted)
        return text

    def _own(self) -> str:
        return add(self._scrape().decode(), self._base)

    async def _listen(self, slot: Slot) -> None:
        slot.socket.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, slot.socket)

    async def _give_back(self) -> None:
        if self._slot:
            self._slot.release()
        if self._server:
            self._server.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._server.wait_closed(), PATIENCE)

    async def _stay(self) -> None:
        """If the run directory is removed, make it again, and take our slot there."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self._slot and self._slot.is_lost():
                with suppress(OSError):
                    fresh = self._slot.again()
                    await self._give_back()
                    self._slot = fresh
                    await self._listen(fresh)
                    log.warning("the run directory was gone; it is made again")

    async def _serve(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._own().encode() + END)
        writer.close()
        try:
            with suppress(OSError):
                await asyncio.wait_for(writer.wait_closed(), PATIENCE)
        finally:
            writer.transport.abort()


async def _ask(path: Path) -> str | None:
    """A worker's answer; empty if it gives none in time, None if it does not live."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                answer = await _read_bounded(reader)
            finally:
                writer.close()
    except (ConnectionRefusedError, FileNotFoundError):
        return None
    except OSError:
        return ""
    return answer.removesuffix(END).decode(errors="replace") if answer.endswith(END) else ""


async def _read_bounded(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    while len(answer) <= LARGEST and (more := await reader.read(LARGEST)):
        answer += more
    return answer
