"""A server in processes of its own: started on its cores, asked what it used, ended with all it started."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from msgspec import Struct

DRIVER_CORE, SERVER_CORE = 0, 1
READY_WITHIN, STOPPED_WITHIN = 120.0, 15.0
"""Seconds."""

LOG_LINES = 15
_TICKS = os.sysconf("SC_CLK_TCK")


class StartError(Exception):
    """A contender did not become ready; the message has the end of its log."""


class Memory(Struct, frozen=True):
    """Bytes resident: of the whole tree, pages that processes share counted once, and what each alone has.

    The processes that have most come first, which are those that answer.
    """

    tree: int
    private: list[int]


class Scheduled(Struct, frozen=True):
    """Seconds that threads ran, and that they could have run and waited for a core."""

    ran: float
    waited: float

    def since(self, before: "Scheduled") -> "Scheduled":
        """What came on top."""
        return Scheduled(self.ran - before.ran, self.waited - before.waited)


class Server:
    """A running contender."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self._process = process
        self._log = log
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.start_seconds = 0.0

    def wait_until_ready(self, path: str) -> None:
        """Ask ``path`` until it answers 200.

        Raises:
            StartError: the process ended, or takes too long.
        """
        begun = time.monotonic()
        while not self._answers(path):
            if self._process.poll() is not None or time.monotonic() - begun > READY_WITHIN:
                raise StartError(self.end_of_log() or "it said nothing")
            time.sleep(0.005)
        self.start_seconds = time.monotonic() - begun

    def wait_until_logged(self, text: str, times: int) -> None:
        """Wait until its log has a text so many times.

        Raises:
            StartError: it takes too long.
        """
        deadline = time.monotonic() + READY_WITHIN
        while self._log.read_text(errors="replace").count(text) < times:
            if time.monotonic() > deadline:
                raise StartError(f"not {times} times {text!r}: {self.end_of_log()}")
            time.sleep(0.05)

    def _answers(self, path: str) -> bool:
        with suppress(OSError, HTTPException):
            return self.get(path)[0] == 200
        return False

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def cpu_seconds(self) -> float:
        """User and system time of all its processes so far."""
        return sum(map(cpu_seconds_of, self.processes()))

    def scheduled(self) -> Scheduled:
        """What the scheduler gave all its threads so far."""
        return _scheduled(self.processes())

    def memory(self) -> Memory:
        """What is resident now."""
        mapped = [_mapped(pid) for pid in self.processes()]
        alone = [each.get("Private_Clean", 0) + each.get("Private_Dirty", 0) for each in mapped]
        return Memory(sum(each.get("Pss", 0) for each in mapped), sorted(alone, reverse=True))

    def processes(self) -> list[int]:
        """The process that was started and all its descendants."""
        children: dict[int, list[int]] = {}
        for pid in _all_processes():
            children.setdefault(_parent(pid), []).append(pid)
        found = [self._process.pid]
        for pid in found:
            found += children.get(pid, ())
        return found

    def end_of_log(self) -> str:
        """The last lines it wrote."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-LOG_LINES:])

    def stop(self) -> None:
        """SIGTERM, then SIGKILL for whatever is left of it."""
        born = {pid: _born(pid) for pid in self.processes()}
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOPPED_WITHIN)
        for pid, then in born.items():
            if then and _born(pid) == then:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def running(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    cores: Sequence[int],
    ready: str,
    directory: Path,
) -> Iterator[Server]:
    """A server on these cores, in ``directory``, for the time of the block. ``{port}`` in its command is a free one.

    Raises:
        StartError: it did not become ready.
    """
    port = free_port()
    pinned = ["taskset", "--cpu-list", ",".join(map(str, cores))]
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        log = Path(scratch) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*pinned, *(part.format(port=port) for part in command)],
                cwd=directory,
                env=plain_environment() | dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        server = Server(process, port, log)
        try:
            server.wait_until_ready(ready)
            yield server
        finally:
            server.stop()


@contextmanager
def this_process_on(core: int) -> Iterator[None]:
    """Keep this process, and what it starts, on a core for the time of the block."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def plain_environment() -> dict[str, str]:
    """That of this process without settings of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SABISCORE_")}


def free_port() -> int:
    """One on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _all_processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on (proc(5) counts from 1); none where it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _born(pid: int) -> str:
    """When it started, which tells it from a later process of that number."""
    fields = _stat(pid)
    return fields[19] if fields else ""


def cpu_seconds_of(pid: int) -> float:
    """User and system time of a process so far; 0 if it is gone."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def _scheduled(pids: Iterable[int]) -> Scheduled:
    """What /proc/PID/task/*/schedstat says, in nanoseconds, where its clock ticks would be too coarse."""
    ran = waited = 0
    for path in (each for pid in pids for each in Path(f"/proc/{pid}/task").glob("*/schedstat")):
        with suppress(OSError):
            on_core, in_queue, _ = map(int, path.read_text().split())
            ran, waited = ran + on_core, waited + in_queue
    return Scheduled(ran / 1e9, waited / 1e9)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in "ZX"


def resident(pid: int) -> int:
    """Bytes of a process in memory; 0 if it is gone."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    return 0


def _mapped(pid: int) -> dict[str, int]:
    """Bytes of a process by kind, as /proc/PID/smaps_rollup has them; none where it has ended."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        return {
            name: 1024 * int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)
        }
    return {}


def core_ticks(core: int) -> tuple[int, int]:
    """Busy and all time of a core so far, whoever used it, in ticks of the clock."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name == f"cpu{core}":
            user, nice, system, idle, waiting, *others = map(int, fields[:8])
            busy = user + nice + system + sum(others)
            return busy, busy + idle + waiting
    raise LookupError(f"no core {core}")
