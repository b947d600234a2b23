"""The drivers: wrk as fast as it goes, and our own client at a rate."""

import math
import subprocess
import sys
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from msgspec import Struct

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


def wrk(
    url: str,
    lines: Path,
    *,
    first: int,
    repeats: bool,
    seconds: float,
    connections: int,
    lines_are: Literal["BODY", "QUERY", "ADDRESS"] = "BODY",
) -> Driven:
    """Ask as fast as answers come.

    Raises:
        VoidError: an answer was not 2xx, a connection broke, or the file was too short.
    """
    whole = max(1, math.ceil(seconds))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{whole}s", "--timeout", "10s", "-s", str(SCRIPT), url]
    cycle = "yes" if repeats else "no"
    said = _run([*command, "--", str(lines), str(first), cycle, lines_are], whole)
    line = next(line for line in reversed(said.splitlines()) if line.startswith("{"))
    errors = msgspec.json.decode(line, type=Errors)
    if errors != Errors(ran_out=False, refused=0, broken=0, late=0):
        raise VoidError(f"wrk met {errors}")
    return _answered(msgspec.json.decode(line, type=Driven))


def paced(url: str, bodies: Path, *, first: int, rate: float, seconds: float, connections: int) -> Driven:
    """Ask at a rate: see `benchmarks.open_loop`.

    Raises:
        VoidError: an answer was not 2xx, or it could not keep the rate.
    """
    module = [sys.executable, "-m", "benchmarks.open_loop"]
    arguments = [url, str(bodies), str(first), f"{rate:.3f}", f"{seconds:g}", str(connections)]
    latencies = np.array(msgspec.json.decode(_run([*module, *arguments], seconds), type=list[float]))
    p50, p95, p99 = np.percentile(latencies, (50, 95, 99)).tolist()
    return _answered(Driven(len(latencies), seconds, p50, p95, p99, first + len(latencies)))


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
