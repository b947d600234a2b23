"""What may happen to the processes and files of the service on its own machine."""

import asyncio
import itertools
import os
import random
import re
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path

import httpx

from benchmarks.abuse.measure import Attack
from benchmarks.process import cpu_seconds_of, free_port, is_alive
from benchmarks.serving import Service, serving, started

SOON = 60.0
"""Seconds in which something has to happen, on a starved machine too."""

START = 12.0
"""Seconds to the start of a worker on a busy machine; 2 on an idle one."""

HOGS = 16
"""Processes that want all CPU there is."""

DEADLY = (signal.SIGKILL, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM)

STOPPED_WITHIN = 4.0
"""Seconds to the end of an idle service; 15 were seen."""

GONE_WITHIN = 1.0
"""Seconds from the end of a parent to that of all it started."""

TIMEOUT = 2
"""SABISCORE_WORKER_TIMEOUT, in seconds."""

KILLED_WITHIN = TIMEOUT + 1.0
"""Seconds that a worker may hang."""

IMPATIENT = {"worker_timeout": f"{TIMEOUT}"}

LIMIT_FILES = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
os.execv(sys.argv[1], sys.argv[1:])
"""
FEW_FILES = (sys.executable, "-c", LIMIT_FILES)
SILENT = 1_100
BATCHES = 60
STARTS = 60
TWINS = 6

BATCH = {
    "fixtures": [
        {
            "home_team": "Arsenal",
            "away_team": "Chelsea",
            "league": "E0",
            "kickoff_time": "2025-08-30T16:30:00Z",
        }
    ]
}


async def kill_with_a_bad_bundle(target: Service, scale: float) -> str:  # noqa: ARG001 - one is enough
    """A worker dies while what is on disk must not be loaded."""
    with _spoilt(target.bundle):
        victim = target.workers()[0]
        os.kill(victim, signal.SIGKILL)
        seconds = await _seconds_until(lambda: _replaced(target, [victim]))
    return f"replaced in {seconds:.1f} s, by one with the bundle that was checked"


async def reload_a_bad_bundle(target: Service, scale: float) -> str:  # noqa: ARG001
    """SIGHUP with a bundle that is refused."""
    before = target.workers()
    with _spoilt(target.bundle):
        refused = await _metric(target, r'reloads_total{result="refused"}')
        os.kill(target.pid, signal.SIGHUP)
        await _until(lambda: _is(target, r'reloads_total{result="refused"}', refused + 1))
    assert target.workers() == before, "workers were replaced"
    assert "bundle refused" in target.log(), "the log does not say why"
    assert await _metric(target, "last_reload_successful") == 0
    return "refused: the old ones serve on, log and metric say why"


async def reload_starved(target: Service, scale: float) -> str:
    """SIGHUP while other processes take all CPU."""
    hogs = max(2, int(HOGS * scale))
    async with _hogs(hogs):
        seconds = await _renew(target)
    return f"all replaced in {seconds:.1f} s beside {hogs} busy processes"


async def kill_twice(target: Service, scale: float) -> str:  # noqa: ARG001
    """Two deaths of a worker in a row."""
    others, seconds = target.workers()[1:], []
    for _ in range(2):
        victim = next(pid for pid in target.workers() if pid not in others)
        os.kill(victim, signal.SIGKILL)
        seconds.append(await _seconds_until(partial(_replaced, target, [victim])))
    assert set(others) <= set(target.workers()), "the others did not stay"
    return f"replaced in {seconds[0]:.1f} and {seconds[1]:.1f} s"


async def stop_a_worker(target: Service, scale: float) -> str:  # noqa: ARG001
    """SIGSTOP: it hangs, and its share of the connections with it."""
    victim = target.workers()[0]
    os.kill(victim, signal.SIGSTOP)
    hung = await _seconds_until(lambda: not is_alive(victim))
    seconds = hung + await _seconds_until(lambda: _replaced(target, [victim]))
    assert hung <= KILLED_WITHIN, f"killed after {hung:.1f} s only"
    await _until(lambda: _is(target, r'worker_losses_total{reason="hung"}', 1))
    return f"killed after {hung:.1f} s, replaced after {seconds:.1f} s"


async def kill_valkey(target: Service, scale: float) -> str:  # noqa: ARG001
    """The embedded Valkey dies."""
    restarts = await _metric(target, "valkey_restarts_total")
    (victim,) = _valkeys(target.pid)
    os.kill(victim, signal.SIGKILL)
    seconds = await _seconds_until(lambda: [pid for pid in _valkeys(target.pid) if pid != victim])
    with suppress(ProcessLookupError):
        os.kill(victim, 0)
        raise AssertionError("a zombie is left")
    await _until(lambda: _is(target, "valkey_restarts_total", restarts + 1))
    await _until(lambda: _is(target, "cache_circuit_open{.*}", 0))
    return f"restarted in {seconds:.1f} s"


async def remove_the_run_directory(target: Service, scale: float) -> str:  # noqa: ARG001
    """Somebody tidies up."""
    workers = len(target.workers())
    (directory,) = target.directory.glob("sabiscore-*")
    shutil.rmtree(directory)
    seen: list[float] = []

    async def whole() -> bool:
        text = await _metrics(target)
        shown, missing = _sum(text, "bundle_info{.*}"), _sum(text, "metrics_workers_missing")
        seen.append(missing)
        assert shown + missing >= workers, f"{shown:.0f} of {workers} workers shown, {missing:.0f} missing"
        return shown == workers and not missing and "workers_wanted" in text

    seconds = await _seconds_until(whole)
    await _until(lambda: any(directory.glob("valkey.sock")))
    return f"metrics of all workers again after {seconds:.1f} s, {max(seen):.0f} missing meanwhile"


async def count_over_a_reload(target: Service, scale: float) -> str:
    """Requests before, while and after workers are replaced: none may be lost in /metrics, no series may fall."""
    pattern = r'prediction_requests_total{.*result="ok",route="batch".*}'
    start, sent, wrong, seen = await _metric(target, pattern), 0, 0, [0.0]
    renewal: asyncio.Task[float] | None = None
    wanted = max(9, int(BATCHES * scale))
    async with httpx.AsyncClient(timeout=20) as client:
        while sent < wanted or not (renewal and renewal.done()):
            try:
                answer = await client.post(f"{target.url}/api/v1/predict/batch", json=BATCH)
                sent += answer.status_code == httpx.codes.OK
            except httpx.TransportError:
                wrong += 1
            if not sent % 3:
                seen.append(await _metric(target, pattern) - start)
            if sent >= wanted // 3 and not renewal:
                renewal = asyncio.create_task(_renew(target))
            await asyncio.sleep(0.05)
    await renewal
    assert await _metric(target, "last_reload_successful") == 1
    seen.append(await _metric(target, pattern) - start)
    falls = [(a, b) for a, b in itertools.pairwise(seen) if b < a]
    assert not falls, f"counts fell: {falls}"
    assert sent <= seen[-1] <= sent + wrong, f"{sent} answered, {seen[-1]:.0f} counted"
    return f"{sent} answered, {seen[-1]:.0f} counted, {wrong} without an answer"


async def kill_the_parent(target: Service, scale: float) -> str:  # noqa: ARG001 - it has services of its own
    """The parent dies of a signal: all that it started has to go, and the next one starts on the same port."""
    port, seconds = free_port(), []
    for number in DEADLY[: max(1, round(len(DEADLY) * scale))]:
        async with serving(started("--port", str(port))) as other:
            others = [*other.workers(), *_valkeys(other.pid)]
            os.kill(other.pid, number)
            seconds.append(await _seconds_until(partial(_all_gone, others)))
    async with serving(started("--port", str(port))):
        pass
    assert max(seconds) < GONE_WITHIN, f"others lived on for {max(seconds):.1f} s"
    return f"{len(seconds)} times: all gone after {max(seconds):.2f} s, the next one starts"


async def allow_few_files(target: Service, scale: float) -> str:  # noqa: ARG001 - it has services of its own
    """At most 1,024 open files, and more connections than that which say nothing."""
    async with serving(started(prefix=FEW_FILES)) as other:
        assert "may open 1024 files" in other.log(), "nothing is said"
        (worker,) = other.workers()
        silent = [await asyncio.open_connection("127.0.0.1", other.port) for _ in range(SILENT)]
        before = cpu_seconds_of(worker)
        await asyncio.sleep(2)
        busy = (cpu_seconds_of(worker) - before) / 2
        for _, writer in silent:
            writer.close()
        async with httpx.AsyncClient(timeout=20) as client:
            answer = await client.get(f"{other.url}/health/live")
    assert answer.status_code == httpx.codes.OK
    assert busy < 0.5, f"{busy:.0%} CPU beside {SILENT:,} connections"
    return f"{busy:.0%} CPU beside {SILENT:,} connections, the log says so; answers once they are gone"


async def start_twins(target: Service, scale: float) -> str:  # noqa: ARG001 - it has services of its own
    """Two services started together on one port: one runs, the other says who does."""
    tries = max(1, round(TWINS * scale))
    for _ in range(tries):
        port = str(free_port())
        with started("--port", port) as one, started("--port", port) as other:
            twins = (one, other)
            await _until(lambda: any(twin.process.poll() is not None for twin in twins))  # noqa: B023 - awaited here
            loser, winner = sorted(twins, key=lambda twin: twin.process.returncode is None)
            assert loser.process.returncode == 1, f"ended with {loser.process.returncode}: {loser.log()}"
            assert f"process {winner.pid} serves there" in loser.log(), loser.log()
            await asyncio.to_thread(winner.wait_until_ready)
            assert winner.process.poll() is None, "none runs"
    return f"{tries} times: one runs, the other says who does"


async def stop_at_once(target: Service, scale: float) -> str:  # noqa: ARG001 - it has services of its own
    """SIGTERM just after "ready"."""
    seconds = []
    for number in range(max(1, round(STARTS * scale))):
        async with serving(started(workers=1 + number % 2), wait_for_all=False) as other:
            await asyncio.sleep(random.choice((0, 0, 0.001, 0.01, 0.05)))
            began = time.monotonic()
            other.process.terminate()
            status = await asyncio.to_thread(other.process.wait)
            seconds.append(time.monotonic() - began)
            assert status == 0, f"ended with {status}: {other.log()}"
    assert max(seconds) < STOPPED_WITHIN, f"took {max(seconds):.1f} s"
    return f"{len(seconds)} times: {max(seconds):.2f} s at most"


async def _renew(target: Service) -> float:
    """SIGHUP; seconds until all workers are new ones."""
    before = target.workers()
    done = await _metric(target, r'reloads_total{result="ok"}')
    os.kill(target.pid, signal.SIGHUP)

    async def renewed() -> bool:
        return _replaced(target, before) and await _is(target, r'reloads_total{result="ok"}', done + 1)

    return await _seconds_until(renewed)


def _replaced(target: Service, gone: list[int]) -> bool:
    """Whether as many workers are ready as there were, and none of those that had to go."""
    alive = target.workers()
    return not set(alive) & set(gone) and len(alive) == target.wanted


def _all_gone(pids: list[int]) -> bool:
    return not any(map(is_alive, pids))


async def _seconds_until(happens: Callable[[], object]) -> float:
    began = time.monotonic()
    await _until(happens)
    return time.monotonic() - began


async def _until(happens: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON
    while True:
        result = happens()
        if asyncio.iscoroutine(result):
            result = await result
        if result:
            return
        assert time.monotonic() < deadline, f"not within {SOON:g} s"
        await asyncio.sleep(0.02)


async def _metrics(target: Service) -> str:
    """The text of /metrics; asked again where the worker that was asked is gone."""
    for _ in range(20):
        with suppress(httpx.TransportError):
            async with httpx.AsyncClient(timeout=1) as client:
                return (await client.get(f"{target.url}/metrics")).text
    raise AssertionError("no metrics")


async def _metric(target: Service, pattern: str) -> float:
    return _sum(await _metrics(target), pattern)


async def _is(target: Service, pattern: str, value: float) -> bool:
    return await _metric(target, pattern) == value


def _sum(text: str, pattern: str) -> float:
    return sum(map(float, re.findall(rf"^{pattern} (\S+)$", text, re.MULTILINE)))


@contextmanager
def _spoilt(bundle: Path) -> Iterator[None]:
    """A bundle that must not be served, for the time of the block."""
    manifest = bundle / "manifest.json"
    good = manifest.read_bytes()
    manifest.write_bytes(b"{}")
    try:
        yield
    finally:
        manifest.write_bytes(good)


@asynccontextmanager
async def _hogs(number: int) -> AsyncIterator[None]:
    """Processes that take all CPU they get; they end by themselves, should nobody do it."""
    busy = f"import time\nend = time.monotonic() + {2 * SOON}\nwhile time.monotonic() < end: pass"
    hogs = [await asyncio.create_subprocess_exec(sys.executable, "-c", busy) for _ in range(number)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            await hog.wait()


def _valkeys(parent: int) -> list[int]:
    """The Valkeys among the children of a process."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children if b"valkey" in Path(f"/proc/{pid}/cmdline").read_bytes()]


ATTACKS: tuple[Attack, ...] = (
    Attack(
        "worker killed, bad bundle",
        kill_with_a_bad_bundle,
        outage=8.0,
        p99=8000.0,
        workers=(1,),
        own_bundle=True,
    ),
    Attack("worker killed, bad bundle", kill_with_a_bad_bundle, p99=500.0, workers=(2,), own_bundle=True),
    Attack("SIGHUP, bad bundle", reload_a_bad_bundle, p99=500.0, own_bundle=True),
    Attack("SIGHUP, starved", reload_starved, outage=3.0, p99=3000.0),
    Attack("worker killed twice", kill_twice, outage=START, p99=5000.0, workers=(1,)),
    Attack("worker killed twice", kill_twice, p99=500.0, workers=(2,)),
    Attack(
        "worker stopped", stop_a_worker, outage=TIMEOUT + START, p99=5000.0, workers=(1,), settings=IMPATIENT
    ),
    Attack("worker stopped", stop_a_worker, p99=5000.0, workers=(2,), settings=IMPATIENT),
    Attack("Valkey killed", kill_valkey),
    Attack("run directory removed", remove_the_run_directory),
    Attack("counts over SIGHUP", count_over_a_reload, p99=500.0),
    Attack("parent killed", kill_the_parent, p99=500.0, workers=(1,), behind_proxy=False),
    Attack("ulimit -n 1024", allow_few_files, p99=500.0, workers=(1,), behind_proxy=False),
    Attack("two at once", start_twins, p99=500.0, workers=(1,), behind_proxy=False),
    Attack("SIGTERM just after ready", stop_at_once, p99=500.0, workers=(1,), behind_proxy=False),
)
