import asyncio
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from sabiscore.errors import SettingsError
from sabiscore.telemetry.exposition import CONTENT_TYPE, LOOK_EVERY, PATIENCE, Exposition
from sabiscore.telemetry.provider import Telemetry
from sabiscore.telemetry.report import Report
from sabiscore.telemetry.slots import LARGEST

from .scrapes import families, value

WORK = """
import asyncio, sys
from sabiscore.telemetry.exposition import Exposition
from sabiscore.telemetry.provider import Telemetry

async def work(run_dir, rows):
    telemetry = Telemetry()
    telemetry.instruments.model_called(rows=rows, seconds=0.001)
    exposition = Exposition(telemetry.scrape, run_dir)
    await exposition.start()
    print("ready", flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        await exposition.close()

asyncio.run(work(sys.argv[1], int(sys.argv[2])))
"""


@contextmanager
def worker(run_dir: Path, rows: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process of the same `serve`, killed in the end."""
    command = [sys.executable, "-c", WORK, str(run_dir), str(rows)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603
        try:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()


@asynccontextmanager
async def exposition(telemetry: Telemetry, run_dir: Path) -> AsyncIterator[Exposition]:
    exposition = Exposition(telemetry.scrape, str(run_dir))
    await exposition.start()
    yield exposition
    await exposition.close()


def rows_by_worker(text: bytes) -> dict[str, float]:
    return {sample.labels["worker"]: sample.value for sample in families(text)["model_rows"].samples}


class TestOneWorker:
    async def test_shows_its_own(self, telemetry: Telemetry) -> None:
        alone = Exposition(telemetry.scrape)
        await alone.start()
        telemetry.instruments.model_called(rows=5, seconds=0.001)
        text = await alone.text()
        assert value(text, "model_rows_total", worker="0") == 5
        assert value(text, "metrics_workers_missing") == 0
        await alone.close()

    def test_says_what_it_sends(self) -> None:
        assert CONTENT_TYPE == "text/plain; version=0.0.4; charset=utf-8"


class TestAllWorkers:
    async def test_are_shown_whichever_is_asked(self, run_dir: Path) -> None:
        workers = [Telemetry() for _ in range(3)]
        expositions = [Exposition(telemetry.scrape, str(run_dir)) for telemetry in workers]
        for number, telemetry in enumerate(workers):
            await expositions[number].start()
            telemetry.instruments.model_called(rows=10 + number, seconds=0.001)
        for each in expositions:
            text = await each.text()
            assert rows_by_worker(text) == {"0": 10, "1": 11, "2": 12}
            assert value(text, "metrics_workers_missing") == 0
        for each, telemetry in zip(expositions, workers, strict=True):
            await each.close()
            telemetry.close()

    async def test_may_be_scraped_by_many_at_once(self, telemetry: Telemetry, run_dir: Path) -> None:
        telemetry.instruments.model_called(rows=1, seconds=0.001)
        async with exposition(telemetry, run_dir) as ours, exposition(telemetry, run_dir) as theirs:
            texts = await asyncio.gather(*(each.text() for _ in range(10) for each in (ours, theirs)))
        for text in texts:
            assert rows_by_worker(text) == {"0": 1, "1": 1}

    async def test_come_back_where_the_run_directory_was_removed(
        self, telemetry: Telemetry, run_dir: Path
    ) -> None:
        Report(run_dir, workers=2)
        async with exposition(telemetry, run_dir) as ours, exposition(telemetry, run_dir):
            shutil.rmtree(run_dir)
            text = await ours.text()
            assert rows_by_worker(text).keys() == {"0"}
            assert value(text, "metrics_workers_missing") == 1
            await asyncio.sleep(LOOK_EVERY + 0.2)
            text = await ours.text()
            assert rows_by_worker(text).keys() == {"0", "1"}
            assert value(text, "metrics_workers_missing") == 0


class TestAWorkerThatEndsInGoodOrder:
    async def test_leaves_its_counts_but_not_its_gauges(self, telemetry: Telemetry, run_dir: Path) -> None:
        gone = Telemetry()
        gone.instruments.model_called(rows=7, seconds=0.001)
        async with exposition(telemetry, run_dir) as ours:
            async with exposition(gone, run_dir):
                pass
            text = await ours.text()
        gone.close()
        assert rows_by_worker(text) == {"0": 0, "1": 7}
        assert value(text, "model_latency_seconds_count", worker="1") == 1
        assert value(text, "process_resident_memory_bytes", worker="1") is None
        assert value(text, "metrics_workers_missing") == 0

    async def test_has_a_successor_that_goes_on_from_them(self, telemetry: Telemetry, run_dir: Path) -> None:
        async with exposition(telemetry, run_dir) as ours:
            shown = []
            for generation in range(3):
                async with exposition(Telemetry(), run_dir):
                    assert rows_by_worker(await ours.text())["1"] == 5 * generation
                with worker(run_dir, rows=5) as doomed:
                    shown.append(rows_by_worker(await ours.text())["1"])
                    doomed.send_signal(signal.SIGKILL if generation == 2 else signal.SIGINT)
                    doomed.wait()
            assert shown == [5, 10, 15]
            assert rows_by_worker(await ours.text()) == {"0": 0}


class TestAWorkerThatFails:
    async def test_killed_is_missing_until_another_takes_its_place(
        self, telemetry: Telemetry, run_dir: Path
    ) -> None:
        Report(run_dir, workers=3)
        async with exposition(telemetry, run_dir) as ours:
            with worker(run_dir, rows=3) as doomed, worker(run_dir, rows=4):
                assert rows_by_worker(await ours.text()) == {"0": 0, "1": 3, "2": 4}
                doomed.kill()
                doomed.wait()
                text = await ours.text()
                assert rows_by_worker(text) == {"0": 0, "2": 4}
                assert value(text, "metrics_workers_missing") == 1
                with worker(run_dir, rows=5):
                    text = await ours.text()
                    assert rows_by_worker(text) == {"0": 0, "1": 5, "2": 4}
                    assert value(text, "metrics_workers_missing") == 0

    async def test_killed_is_not_missing_where_nobody_wants_another(
        self, telemetry: Telemetry, run_dir: Path
    ) -> None:
        async with exposition(telemetry, run_dir) as ours:
            with worker(run_dir, rows=3):
                pass
            assert (run_dir / "metrics-1.sock").is_socket()
            text = await ours.text()
        assert rows_by_worker(text) == {"0": 0}
        assert value(text, "metrics_workers_missing") == 0

    async def test_hung_is_missing_and_costs_its_patience_only(
        self, telemetry: Telemetry, run_dir: Path
    ) -> None:
        async with exposition(telemetry, run_dir) as ours:
            with worker(run_dir, rows=3) as hung:
                hung.send_signal(signal.SIGSTOP)
                started = time.monotonic()
                text = await ours.text()
                taken = time.monotonic() - started
                hung.send_signal(signal.SIGCONT)
        assert rows_by_worker(text) == {"0": 0}
        assert value(text, "metrics_workers_missing") == 1
        assert taken < PATIENCE + 0.25

    @pytest.mark.parametrize(
        "answer", [b"", b"# HELP model_rows_total Rows\n# TYPE model_rows_total coun", b"#\n" * LARGEST]
    )
    async def test_half_way_through_its_answer_is_missing(
        self, answer: bytes, telemetry: Telemetry, run_dir: Path
    ) -> None:
        async def break_off(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(answer)
            writer.close()

        async with (
            await asyncio.start_unix_server(break_off, run_dir / "metrics-7.sock"),
            exposition(telemetry, run_dir) as ours,
        ):
            text = await ours.text()
        assert rows_by_worker(text) == {"0": 0}
        assert value(text, "metrics_workers_missing") == 1

    async def test_that_stops_reading_does_not_keep_us_from_closing(
        self, telemetry: Telemetry, run_dir: Path
    ) -> None:
        ours = Exposition(lambda: telemetry.scrape() * 1000, str(run_dir))
        await ours.start()
        reader, writer = await asyncio.open_unix_connection(run_dir / "metrics-0.sock", limit=1)
        assert await reader.read(1) == b"#"
        started = time.monotonic()
        await ours.close()
        assert time.monotonic() - started < 2 * PATIENCE + 0.25
        writer.close()


class TestARunDirectoryThatCannotBeUsed:
    @pytest.mark.parametrize("name", ["missing", "long" * 30])
    async def test_is_a_setting_that_makes_no_sense(self, name: str, run_dir: Path) -> None:
        (run_dir / ("long" * 30)).mkdir()
        with pytest.raises(SettingsError, match="SABISCORE_RUN_DIR"):
            await Exposition(bytes, str(run_dir / name)).start()
