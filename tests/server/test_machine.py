import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.serving import SABISCORE
from sabiscore.errors import AddressError, SettingsError
from sabiscore.server import machine
from tests.waiting import LONG, eventually

HOLD = """
import sys, time
from sabiscore.server import machine
with machine.address(sys.argv[1], int(sys.argv[2])):
    print("held", flush=True)
    time.sleep(60)
"""

CONNECTIONS = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from sabiscore.server import serve
print(serve._connections(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    """Short, as sockets want it."""
    directory = Path(tempfile.mkdtemp(prefix="sabi"))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(autouse=True)
def locks(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(machine, "LOCKS", directory / "locks")
    return directory / "locks"


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class TestAnAddress:
    def test_is_found_for_a_name_and_any_free_port(self) -> None:
        with machine.address("localhost", 0) as (found, port):
            assert found in {"127.0.0.1", "::1"}
            assert port > 0

    @pytest.mark.parametrize(
        ("first", "second"),
        [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "0.0.0.0")],  # noqa: S104
    )
    def test_is_held_by_one_service_which_the_next_is_told(self, first: str, second: str, port: int) -> None:
        with machine.address(first, port):
            told = f"cannot listen on {second}:{port}: process {os.getpid()} serves there"
            with pytest.raises(AddressError, match=told), machine.address(second, port):
                pass
        with machine.address(second, port):
            pass

    def test_is_held_by_whose_number_comes_a_moment_later(
        self, port: int, locks: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(machine, "NAMED_WITHIN", LONG)
        with machine.address("127.0.0.1", port):
            file = locks / f"127.0.0.1-{port}"
            file.write_text("")
            naming = threading.Timer(0.05, file.write_text, ["4711\n"])
            naming.start()
            with (
                pytest.raises(AddressError, match="process 4711 serves there"),
                machine.address("127.0.0.1", port),
            ):
                pass
            naming.join()

    def test_is_held_by_another_process_where_that_leaves_no_number(
        self, port: int, locks: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(machine, "NAMED_WITHIN", 0.0)
        with machine.address("127.0.0.1", port):
            (locks / f"127.0.0.1-{port}").write_text("")
            with (
                pytest.raises(AddressError, match="another process serves"),
                machine.address("127.0.0.1", port),
            ):
                pass

    def test_beside_another_on_the_same_port_is_free(self, port: int) -> None:
        with machine.address("127.0.0.1", port), machine.address("127.0.0.2", port):
            pass

    def test_of_a_killed_service_is_free_again(self, port: int) -> None:
        locks = machine.LOCKS.parent
        code = f"from sabiscore.server import machine; machine.LOCKS = machine.Path({str(locks / 'locks')!r}){HOLD}"
        command = [sys.executable, "-c", code, "127.0.0.1", str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:  # noqa: S603
            assert holder.stdout
            assert holder.stdout.readline() == b"held\n"
            with (
                pytest.raises(AddressError, match=f"process {holder.pid}"),
                machine.address("127.0.0.1", port),
            ):
                pass
            holder.kill()
        with machine.address("127.0.0.1", port):
            pass

    def test_where_anybody_else_listens_is_refused(self, port: int) -> None:
        with (
            socket.create_server(("127.0.0.1", port)),
            pytest.raises(AddressError, match="Address already in use"),
            machine.address("127.0.0.1", port),
        ):
            pass

    def test_of_another_machine_is_refused(self) -> None:
        told = r"cannot listen on 192\.0\.2\.1:8000"
        with pytest.raises(AddressError, match=told), machine.address("192.0.2.1", 8000):
            pass

    def test_is_not_locked_where_others_may_write_and_the_log_says_so(
        self, locks: Path, port: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        locks.mkdir()
        locks.chmod(0o777)
        with machine.address("127.0.0.1", port):
            assert list(locks.iterdir()) == []
        assert "no lock on the address" in caplog.text

    def test_keeps_an_error_of_its_block_as_it_is(self) -> None:
        with pytest.raises(PermissionError), machine.address("127.0.0.1", 0):
            raise PermissionError("ours")


class TestARunDirectory:
    def test_is_new_and_private_and_goes_with_its_block(self, directory: Path) -> None:
        directory.chmod(0o1777)
        with machine.run_directory(str(directory)) as made:
            assert made.parent == directory
            assert made.stat().st_mode & 0o777 == 0o700
        assert directory.stat().st_mode & 0o7777 == 0o1777
        assert not made.exists()

    def test_removed_by_somebody_is_no_fault_in_the_end(self, directory: Path) -> None:
        with machine.run_directory(str(directory)) as made:
            made.rmdir()

    def test_has_a_short_name_where_the_temporary_directory_has_not(
        self, directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        deep = directory / ("long" * 30)
        deep.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(deep))
        with machine.run_directory("") as made, socket.socket(socket.AF_UNIX) as one:
            one.bind(str(made / machine.LONGEST_NAME))

    def test_is_an_error_that_names_the_setting_where_there_is_no_place(self, directory: Path) -> None:
        told = f"SABISCORE_RUN_DIR={directory}/none: workers cannot meet"
        with pytest.raises(SettingsError, match=told), machine.run_directory(f"{directory}/none"):
            pass

    def test_is_an_error_where_nothing_temporary_can_be_written(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", "/proc")
        told = "no SABISCORE_RUN_DIR, and no temporary directory"
        with pytest.raises(SettingsError, match=told), machine.run_directory(""):
            pass


class TestOpenFiles:
    @pytest.mark.parametrize(
        ("soft", "hard", "connections"),
        [(256, 4096, b"1024 4096\n"), (256, 1024, b"896 1024\n"), (20_000, 20_000, b"1024 20000\n")],
    )
    def test_are_as_many_as_connections_need_or_connections_fewer(
        self, soft: int, hard: int, connections: bytes
    ) -> None:
        if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < hard:
            hard = soft = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        command = [sys.executable, "-c", CONNECTIONS.format(soft=soft, hard=hard)]
        ended = subprocess.run(command, capture_output=True, check=True)  # noqa: S603
        assert ended.stdout == connections
        assert (ended.stderr == b"") == (hard > 1152)


class TestAStartThatCannotBe:
    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"SABISCORE_VALKEY_URL": "valkeyy://x"}, "SABISCORE_VALKEY_URL=valkeyy://x takes one of"),
            ({"SABISCORE_RUN_DIR": "/proc"}, "SABISCORE_RUN_DIR=/proc: workers cannot meet there"),
            ({"SABISCORE_RUN_DIR": f"/tmp/{'long' * 30}"}, "too long for a socket inside"),  # noqa: S108
        ],
    )
    def test_is_told_in_one_line_by_the_parent(self, wrong: dict[str, str], told: str) -> None:
        command = [str(SABISCORE), "serve", "--port", "0"]
        environment = os.environ | wrong
        ended = subprocess.run(  # noqa: S603
            command, env=environment, capture_output=True, text=True, timeout=LONG, check=False
        )
        assert ended.returncode == 1
        assert told in ended.stderr
        assert ended.stderr.count("\n") == 1

    def test_ends_once_no_worker_can_start(self) -> None:
        code = (
            "import os; from sabiscore.server import control; control.Control.enter = lambda _: os.abort(); "
            "from sabiscore.cli import main; main(['serve', '--port', '0', '--workers', '2'])"
        )
        command = [sys.executable, "-c", code]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False)  # noqa: S603
        assert ended.returncode == 1
        assert "no worker could start" in ended.stderr
        assert "ready" not in ended.stdout


class TestAServiceToWhichNobodyListens:
    def test_serves_all_the_same(self, directory: Path) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        log = directory / "log"
        with log.open("w") as errors:
            command = [str(SABISCORE), "serve", "--port", "0"]
            process = subprocess.Popen(command, stdout=writing, stderr=errors)  # noqa: S603
        os.close(writing)
        with process:
            eventually(lambda: "ready: bundle=" in log.read_text())
            time.sleep(0.5)
            assert process.poll() is None, log.read_text()
            process.terminate()
            assert process.wait(LONG) == 0, log.read_text()


def policies(*, chosen: int = os.SCHED_OTHER) -> list[int]:
    """Of a thread that is to wait when it is woken, of one that it starts then, and of the first one when it is not."""
    found: list[int] = []

    def note() -> None:
        found.append(os.sched_getscheduler(0))

    def run() -> None:
        os.sched_setscheduler(0, chosen, os.sched_param(0))
        machine.wait_when_woken(wait=True)
        note()
        started = threading.Thread(target=note)
        started.start()
        started.join()
        machine.wait_when_woken(wait=False)
        note()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found


class TestAThread:
    def test_that_waits_when_woken_starts_such_as_do_too(self) -> None:
        assert policies() == [os.SCHED_BATCH, os.SCHED_BATCH, os.SCHED_OTHER]

    def test_keeps_a_policy_that_somebody_chose(self) -> None:
        assert policies(chosen=os.SCHED_IDLE) == [os.SCHED_IDLE] * 3
