"""What is asked: each workload's requests, written to a file before anything is measured."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from benchmarks import fixtures
from benchmarks.fixtures import Asked

ONE, MANY = "/api/v1/predict", "/api/v1/predict/batch"
BATCH = 256
CONNECTIONS, BATCH_CONNECTIONS = 16, 3
"""Who asks at once: of batches one less than any service of ours admits, since somebody looks meanwhile."""

LEAGUES = ("D1", "E0", "F1", "I1", "SP1")
"""All are asked about the leagues that 0.1 knew."""

PROBES = 200
"""Requests that are not driven, but asked one by one to look at the answers."""

SPARE = 1.0
"""Seconds by which files are longer than they need be."""

Fixtures = Callable[[Iterator[Asked]], Iterator[Asked]]
"""Which fixtures are asked about in turn, of those that nobody has asked about."""


class Workload(Struct, frozen=True, kw_only=True):
    """A way of asking.

    ``batch`` is how many fixtures a request has, 0 where it is no list; ``most`` requests a second is what
    its file is long enough for; ``repeats`` that its requests may come again. At ``rate`` requests a second they
    come at fixed times, at 0 as fast as answers do. ``by_get`` is one without a body, and ``twin`` the workload
    of those that cannot do this one, which they are compared by.
    """

    name: str
    title: str
    fixtures: Fixtures
    most: int
    batch: int = 0
    repeats: bool = False
    rate: int = 0
    by_get: bool = False
    twin: str = ""

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


def _paced(rate: int) -> Workload:
    return Workload(
        name=f"paced cold {rate}",
        title=f"every fixture new, {rate:,} a second at fixed times",
        fixtures=fixtures.every,
        most=rate,
        rate=rate,
    )


ALL = (
    Workload(name="hot", title="one body again and again", fixtures=fixtures.one, most=1, repeats=True),
    Workload(
        name="hot get",
        title="one fixture again and again, by GET",
        fixtures=fixtures.one,
        most=1,
        repeats=True,
        by_get=True,
        twin="hot",
    ),
    Workload(
        name="mix", title="Zipf over 2,000 fixtures, 73 % asked before", fixtures=fixtures.zipf, most=12_000
    ),
    Workload(name="cold", title="every fixture new", fixtures=fixtures.every, most=9_000),
    Workload(name="odds", title="every fixture new, with odds", fixtures=fixtures.with_odds, most=9_000),
    Workload(
        name="batch",
        title="256 new fixtures a request, 3 connections",
        fixtures=fixtures.every,
        most=80,
        batch=BATCH,
    ),
    Workload(
        name="batch hot",
        title="the same 256 fixtures, 3 connections",
        fixtures=fixtures.every,
        most=1,
        batch=BATCH,
        repeats=True,
    ),
    *map(_paced, (700, 1000)),
)
BY_NAME = {workload.name: workload for workload in ALL}


class Requests(Struct, frozen=True):
    """A workload's bodies or queries: a file of lines to drive, and some more to look at the answers with."""

    workload: Workload
    path: Path
    probes: list[bytes]


def write(chosen: Iterable[Workload], directory: Path, *, seconds: float) -> dict[str, Requests]:
    """Write what so many ``seconds`` of each may need, by name; no two ask about the same pair on the same day."""
    fresh = fixtures.coming(fixtures.pairs(LEAGUES), fixtures.midnight())
    return {each.name: _written(each, fresh, directory, seconds + SPARE) for each in chosen}


def _written(workload: Workload, fresh: Iterator[Asked], directory: Path, seconds: float) -> Requests:
    stream = _lines(workload, workload.fixtures(fresh))
    path = directory / f"{workload.name.replace(' ', '-')}.txt"
    lines = list(islice(stream, 1 if workload.repeats else round(workload.most * seconds)))
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return Requests(workload, path, lines if workload.repeats else list(islice(stream, PROBES)))


def _lines(workload: Workload, asked: Iterator[Asked]) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    if workload.by_get:
        yield from (urlencode(msgspec.to_builtins(one)).encode() for one in asked)
    elif workload.batch:
        while several := list(islice(asked, workload.batch)):
            yield encode({"fixtures": several})
    else:
        yield from map(encode, asked)
