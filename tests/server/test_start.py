"""Starts that come to nothing or are stopped, and an end that takes its time: each of a service of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from benchmarks.serving import SABISCORE, started
from tests.api.asking import BODY, PREDICT
from tests.waiting import LONG, eventually

from .wire import connect, exchange, head

JSON = "content-type: application/json"


class TestAStart:
    def test_is_told_that_its_bundle_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "manifest.json").write_text("{}")
        command = [str(SABISCORE), "serve", "--port", "0", "--bundle", str(tmp_path)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False)  # noqa: S603
        assert ended.returncode == 1
        assert f"bundle refused: {tmp_path}" in ended.stderr
        assert "Traceback" not in ended.stderr

    def test_is_told_so_of_the_bundle_that_ships_too(self, tmp_path: Path) -> None:
        code = (
            "import sys, pathlib; from sabiscore.models import bundles; "
            "bundles.SHIPPED = pathlib.Path(sys.argv.pop()); from sabiscore.cli import main; main()"
        )
        command = [sys.executable, "-c", code, "serve", "--port", "0", str(tmp_path)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False)  # noqa: S603
        assert ended.returncode == 1
        assert f"bundle refused: {tmp_path}" in ended.stderr
        assert "Traceback" not in ended.stderr

    @pytest.mark.parametrize(
        ("send", "what"), [(os.kill, signal.SIGTERM), (os.killpg, signal.SIGINT)], ids=["stop", "Ctrl-C"]
    )
    def test_stops_at_once_while_it_starts(
        self, send: Callable[[int, int], None], what: signal.Signals
    ) -> None:
        with started() as service:
            eventually(lambda: any(service.directory.glob("*/valkey.sock")))
            time.sleep(0.2)
            send(service.process.pid, what)
            assert service.process.wait(LONG) == 0, service.log()
            assert service.left_behind() == []

    def test_stops_however_often_it_is_told(self) -> None:
        with started() as service:
            service.wait_until_ready()
            for _ in range(5000):
                for each in (signal.SIGTERM, signal.SIGINT):
                    with suppress(ProcessLookupError):
                        os.kill(service.process.pid, each)
            assert service.process.wait(LONG) == 0, service.log()

    def test_stops_even_if_told_where_python_drops_what_is_raised(self) -> None:
        code = (
            "import signal; from sabiscore.server.worker import Template; from sabiscore.cli import main\n"
            "class Dropped:\n"
            "    def __del__(self): signal.raise_signal(signal.SIGTERM)\n"
            "load = Template.load\n"
            "Template.load = lambda *given: (Dropped(), load(*given))[1]\n"
            "main(['serve', '--port', '0'])"
        )
        command = [sys.executable, "-c", code]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False)  # noqa: S603
        assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
        assert "Dropped.__del__" in ended.stderr


class TestAnEndWithADelay:
    @pytest.mark.parametrize("front", ["1", "0"])
    def test_is_told_to_whoever_asks_and_comes_at_the_second_signal(self, front: str) -> None:
        with started(workers=2, settings={"drain_delay": "600", "front": front}) as server:
            server.wait_until_ready(workers=2)
            kept = connect(server.port)
            predict = head(PREDICT, JSON, f"content-length: {len(BODY)}") + BODY
            assert "connection" not in exchange(kept, predict).headers
            server.process.terminate()
            eventually(lambda: server.http.get("/health/ready").status_code == 503)
            eventually(lambda: "connection" in server.http.get("/health/live").headers)
            with kept:
                answer = exchange(kept, predict)
                assert (answer.status, answer.headers["connection"]) == (200, "close")
                assert kept.recv(1) == b""
            assert server.http.get("/health/live").status_code == 200
            server.process.terminate()
            assert server.process.wait(60) == 0, server.log()
            assert server.left_behind() == []
