"""What is asked: each workload's requests, written to a file before anything is measured."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import Struct

from benchmarks import fixtures
from benchmarks.fixtures import Asked, Pair

ONE, MANY = "/api/v1/predict", "/api/v1/predict/batch"
BATCH = 256
CONNECTIONS, BATCH_CONNECTIONS = 16, 4
DAYS_APART = 30
"""Kick-offs of workloads are so many days apart, so that none warms another's cache."""

PROBES = 500
"""Bodies at the end of a file that are not driven, but asked one by one to look at the answers."""

Fixtures = Callable[[Sequence[Pair], datetime], Iterator[Asked]]


class Workload(Struct, frozen=True, kw_only=True):
    """A way of asking.

    ``batch`` is how many fixtures a request has, 0 where it is no list; ``most`` requests a second is what
    its file is long enough for; ``repeats`` that its bodies may come again. ``half_of`` names the workload of
    whose measured requests a second it has half, at fixed times.
    """

    name: str
    title: str
    fixtures: Fixtures
    most: int
    batch: int = 0
    repeats: bool = False
    half_of: str = ""

    @property
    def path(self) -> str:
        """Where it is asked."""
        return MANY if self.batch else ONE

    @property
    def connections(self) -> int:
        """How many ask at once."""
        return BATCH_CONNECTIONS if self.batch else CONNECTIONS

    @property
    def fixtures_per_request(self) -> int:
        """How many predictions an answer has."""
        return self.batch or 1


ALL = (
    Workload(name="hot", title="one body again and again", fixtures=fixtures.one, most=1, repeats=True),
    Workload(
        name="mix", title="Zipf over 2,000 fixtures, 73 % asked before", fixtures=fixtures.zipf, most=30_000
    ),
    Workload(name="cold", title="every body new", fixtures=fixtures.distinct, most=12_000),
    Workload(
        name="odds", title="every body new, with odds", fixtures=fixtures.distinct_with_odds, most=12_000
    ),
    Workload(
        name="batch",
        title="256 new fixtures a request, 4 connections",
        fixtures=fixtures.distinct,
        most=200,
        batch=BATCH,
    ),
    Workload(
        name="batch hot",
        title="the same 256 fixtures, 4 connections",
        fixtures=fixtures.distinct,
        most=1,
        batch=BATCH,
        repeats=True,
    ),
    Workload(
        name="paced hot",
        title="one body, at half of the hot capacity",
        fixtures=fixtures.one,
        most=1,
        repeats=True,
        half_of="hot",
    ),
    Workload(
        name="paced cold",
        title="every body new, at half of the cold capacity",
        fixtures=fixtures.distinct,
        most=8_000,
        half_of="cold",
    ),
)
BY_NAME = {workload.name: workload for workload in ALL}


class Requests(Struct, frozen=True):
    """A workload's bodies: a file of lines to drive, and some more to look at the answers with."""

    workload: Workload
    path: Path
    probes: list[bytes]


def write(workload: Workload, directory: Path, *, seconds: float) -> Requests:
    """Write the bodies that ``seconds`` may need."""
    start = fixtures.midnight() + ALL.index(workload) * timedelta(days=DAYS_APART)
    stream = _bodies(workload, workload.fixtures(fixtures.pairs(), start))
    path = directory / f"{workload.name.replace(' ', '-')}.txt"
    count = 1 if workload.repeats else round(workload.most * seconds)
    body = b""
    with path.open("wb") as file:
        for body in islice(stream, count):
            file.write(body + b"\n")
    return Requests(workload, path, [body] if workload.repeats else list(islice(stream, PROBES)))


def _bodies(workload: Workload, asked: Iterator[Asked]) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    if not workload.batch:
        yield from map(encode, asked)
        return
    while several := list(islice(asked, workload.batch)):
        yield encode({"fixtures": several})
