"""The drivers: wrk as fast as it goes, h2load at a rate with one body, our own client at a rate with many."""

import math
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

SCRIPT = Path(__file__).with_name("requests.lua")
TIMEOUT = 60.0
"""Seconds beyond its run that a driver may take."""


class VoidError(Exception):
    """What was measured counts for nothing: something was not answered as it must be."""


class Driven(Struct, frozen=True):
    """A drive: requests answered in how many seconds, percentiles of latency in milliseconds.

    ``sent`` is the line of the file it came to.
    """

    requests: int
    seconds: float
    p50: float
    p95: float
    p99: float
    sent: int


class Errors(Struct, frozen=True):
    """What wrk says beside a `Driven`."""

    ran_out: bool
    refused: int
    broken: int
    late: int


def wrk(url: str, bodies: Path, *, first: int, repeats: bool, seconds: float, connections: int) -> Driven:
    """Ask as fast as answers come.

    Raises:
        VoidError: an answer was not 2xx, a connection broke, or the file was too short.
    """
    whole = max(1, math.ceil(seconds))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{whole}s", "--timeout", "10s", "-s", str(SCRIPT), url]
    said = _run([*command, "--", str(bodies), str(first), "yes" if repeats else "no"], whole)
    line = next(line for line in reversed(said.splitlines()) if line.startswith("{"))
    errors = msgspec.json.decode(line, type=Errors)
    if errors != Errors(ran_out=False, refused=0, broken=0, late=0):
        raise VoidError(f"wrk met {errors}")
    return _answered(msgspec.json.decode(line, type=Driven))


def h2load(url: str, body: Path, *, rate: float, seconds: float, connections: int) -> Driven:
    """Ask at a rate with one body, HTTP/1.1.

    Raises:
        VoidError: an answer was not 2xx.
    """
    log, one = body.with_suffix(".log"), body.with_suffix(".body")
    log.unlink(missing_ok=True)
    one.write_bytes(body.read_bytes().splitlines()[0])
    each = rate / connections
    command = ["h2load", "--h1", "-t1", f"-c{connections}", f"-D{seconds:g}", f"--rps={each:.3f}", f"-d{one}"]
    said = _run([*command, "-H", "content-type: application/json", f"--log-file={log}", url], seconds)
    counts = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", said)
    if counts is None or any(map(int, counts.groups()[1:])):
        raise VoidError(f"h2load says: {said}")
    begun, status, took = np.loadtxt(log, dtype=np.int64, ndmin=2).T
    if np.any(status // 100 != 2):
        raise VoidError(f"h2load met statuses {sorted(set(status.tolist()))}")
    spent = float((begun + took).max() - begun.min()) / 1e6
    return _timed(unomitted(took / 1e3, 1e3 / each), spent, len(took))


def paced(url: str, bodies: Path, *, first: int, rate: float, seconds: float, connections: int) -> Driven:
    """Ask at a rate with bodies that differ: see `benchmarks.open_loop`.

    Raises:
        VoidError: an answer was not 2xx, or it could not keep the rate.
    """
    module = [sys.executable, "-m", "benchmarks.open_loop"]
    arguments = [url, str(bodies), str(first), f"{rate:.3f}", f"{seconds:g}", str(connections)]
    latencies = np.array(msgspec.json.decode(_run([*module, *arguments], seconds), type=list[float]))
    return _timed(latencies, seconds, len(latencies), first + len(latencies))


def unomitted(took: NDArray[np.float64], interval: float) -> NDArray[np.float64]:
    """Latencies with those that were never sent because their connection waited for an answer.

    A connection that should have asked every ``interval`` and waited for ``took`` kept back requests that would
    have waited ``took - interval``, ``took - 2 * interval`` and so on (Tene's correction of coordinated
    omission).
    """
    missed = [np.arange(each - interval, 0.0, -interval) for each in took[took > interval]]
    return np.concatenate((took, *missed))


def _timed(latencies: NDArray[np.float64], seconds: float, requests: int, sent: int = 0) -> Driven:
    p50, p95, p99 = np.percentile(latencies, (50, 95, 99)).tolist()
    return _answered(Driven(requests, seconds, p50, p95, p99, sent))


def _answered(driven: Driven) -> Driven:
    if driven.requests == 0:
        raise VoidError("not one request was answered")
    return driven


def _run(command: list[str], seconds: float) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + TIMEOUT, check=False)
    except subprocess.TimeoutExpired as error:
        raise VoidError(f"{command[0]} did not come back") from error
    if done.returncode:
        raise VoidError(f"{' '.join(command[:3])}: {done.stderr or done.stdout}")
    return done.stdout
