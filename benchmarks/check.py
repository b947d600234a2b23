"""Looks at answers while a contender is driven: status and shape."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from threading import Event, Thread
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from benchmarks.drive import VoidError
from benchmarks.workloads import Workload

INTERVAL = 0.05
"""Seconds between two looks."""

Probability = Annotated[float, Meta(ge=0, le=1)]


class Contract(Struct, frozen=True):
    """What the frontend needs of every answer."""

    home_win_prob: Probability
    draw_prob: Probability
    away_win_prob: Probability
    recommended_bet: Literal["home", "draw", "away", "no_bet"]
    confidence: Literal["low", "medium", "high"]
    reasoning: Annotated[list[Annotated[str, Meta(min_length=1)]], Meta(min_length=3)]


OVERLOADED = 503


class Item(Struct, frozen=True):
    """One of a batch."""

    prediction: Contract


class Batch(Struct, frozen=True):
    """A prediction for each fixture."""

    predictions: list[Item]


def check(workload: Workload, status: int, body: bytes) -> None:
    """Whether an answer is one.

    Raises:
        VoidError: it is not 200, or not of the contract's shape.
    """
    if status != 200:
        raise VoidError(f"status {status}: {body[:300]!r}")
    try:
        answers = _answers(workload, body)
    except msgspec.DecodeError as error:
        raise VoidError(f"{error}: {body[:300]!r}") from error
    if len(answers) != workload.fixtures_per_request:
        raise VoidError(f"{len(answers)} predictions for {workload.fixtures_per_request} fixtures")
    for each in answers:
        total = each.home_win_prob + each.draw_prob + each.away_win_prob
        if abs(total - 1.0) > 0.0025:
            raise VoidError(f"probabilities sum to {total}")


def _answers(workload: Workload, body: bytes) -> Sequence[Contract]:
    if workload.batch:
        return [item.prediction for item in msgspec.json.decode(body, type=Batch).predictions]
    return [msgspec.json.decode(body, type=Contract)]


class Looks:
    """How many answers were looked at, and what was wrong with the first that was."""

    def __init__(self) -> None:
        self.count = 0
        self.fault: VoidError | None = None


@contextmanager
def looking(workload: Workload, port: int, probes: Sequence[bytes]) -> Iterator[Looks]:
    """Ask now and then, and look, for the time of the block.

    Raises:
        VoidError: when the block is left, if one answer was not what it must be.
    """
    looks, enough = Looks(), Event()
    asking = Thread(target=_look, args=(workload, port, probes, looks, enough.wait), daemon=True)
    asking.start()
    try:
        yield looks
    finally:
        enough.set()
        asking.join()
    if looks.fault is not None:
        raise looks.fault


def _look(
    workload: Workload, port: int, probes: Sequence[bytes], looks: Looks, wait: Callable[[float], bool]
) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        for probe in cycle(probes):
            if workload.by_get:
                connection.request("GET", f"{workload.path}?{probe.decode()}")
            else:
                connection.request("POST", workload.path, probe, {"content-type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
            if (
                answer.status != OVERLOADED
            ):  # one more than those who drive: it may be the one that is refused
                check(workload, answer.status, body)
                looks.count += 1
            if wait(INTERVAL):
                return
    except (OSError, HTTPException) as error:
        looks.fault = VoidError(f"not answered: {error!r}")
    except VoidError as error:
        looks.fault = error
    finally:
        connection.close()
