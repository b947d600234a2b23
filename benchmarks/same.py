"""This checkout and another commit of it, asked the same: where do their answers differ in a byte?

    uv run --group bench python -m benchmarks.same REVISION [--fixtures 3000]

Fixtures of every league with and without odds, in both details, first cold and then stored, in batches, each problem,
each route by each method, and the names of the metrics. Compared are status, headers in order and body, but for the
date, the age and time to live of what is stored, and the bundle's version. Shows the first difference of each kind, and
exits with 1 where there is one.
"""

import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from http.client import HTTPConnection, HTTPException
from itertools import islice
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec import Struct

from benchmarks import fixtures
from benchmarks.against import CODE
from benchmarks.contenders import READY, ROOT
from benchmarks.environments import extract
from benchmarks.process import Server, running

PREDICT, BATCH, IN_PLAY = "/api/v1/predict", "/api/v1/predict/batch", "/api/v1/predict/in-play"
JSON = "application/json"
GOOD = {
    "home_team": "Arsenal",
    "away_team": "Chelsea",
    "league": "E0",
    "kickoff_time": "2025-08-30T16:30:00Z",
}
OF_NOW = re.compile(r"ttl=-?\d+")
OF_PROCESS = re.compile(r'service_instance_id="[^"]*"')
VERSION = re.compile(rb'("version":)"[0-9a-f]{12}"')
PASSING = frozenset({"date", "age", "connection"})
ORIGIN = "https://same.example"
OPENAPI = "/schema/openapi.json"
ROUTES = (
    *("/health", "/health/live", "/health/ready", "/api/v1/leagues", "/api/v1/leagues/E0/teams"),
    *(
        "/api/v1/leagues/La%20Liga/teams",
        "/api/v1/leagues/nowhere/teams",
        "/api/v1/model",
        "/schema/openapi.json",
    ),
    *(PREDICT, BATCH, IN_PLAY, "/nowhere", "/", "/api/v1/predict/"),
)
METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH")
SERIES = re.compile(rb"^(?:# (?:HELP|TYPE) .*|[a-z_]+(?:\{[^}]*\})?)", re.MULTILINE)


class Ask(Struct, frozen=True):
    """A request."""

    kind: str
    method: str
    path: str
    body: bytes = b""
    content_type: str = JSON


class Told(Struct, frozen=True):
    """What was answered, without what passes."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Compared(Struct, frozen=True):
    """How many were asked and how many answers differ, of each kind; the names of metrics that only one has."""

    asked: dict[str, int]
    differing: dict[str, int]
    gone: set[str]
    new: set[str]


@click.command()
@click.argument("revision")
@click.option("--fixtures", "count", default=3000, show_default=True, type=click.IntRange(100))
def main(revision: str, count: int) -> None:
    """Print how much was compared, and where it differs."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        extract(revision, Path(scratch), "sabiscore")
        with serving(Path(scratch)) as then, serving(ROOT) as now:
            found = compare(then.port, now.port, asks(count))
    for kind, number in found.asked.items():
        click.echo(f"{kind}: {number:,} asked, {found.differing.get(kind, 0):,} differ")
    click.echo(f"metrics gone: {sorted(found.gone) or 'none'}, new: {sorted(found.new) or 'none'}")
    if found.differing or found.gone:
        raise SystemExit(1)


def serving(where: Path, **settings: str) -> AbstractContextManager[Server]:
    """The service as of the package in ``where``, not of the one in the current directory; settings by variable."""
    return running(
        [sys.executable, "-c", CODE, "serve", "--port", "{port}"],
        environment={"PYTHONPATH": str(where), "PYTHONSAFEPATH": "1"} | settings,
        cores=(0, 1),
        ready=READY,
        directory=ROOT,
    )


def compare(then: int, now: int, asked: Iterable[Ask]) -> Compared:
    """Ask the services at two ports the same; says the first difference of each kind."""
    before, after = (HTTPConnection("127.0.0.1", port, timeout=30) for port in (then, now))
    count, differing = Counter[str](), Counter[str]()
    for ask in asked:
        count[ask.kind] += 1
        one, other = _tell(before, ask), _tell(after, ask)
        if one != other:
            differing[ask.kind] += 1
            if differing[ask.kind] == 1:
                where = f"{ask.kind}: {ask.method} {ask.path} {ask.body[:200]!r}"
                click.echo(f"{where}\n{_apart(repr(one), repr(other))}", err=True)
    names = [_metrics(each) for each in (before, after)]
    before.close()
    after.close()
    return Compared(dict(count), dict(differing), names[0] - names[1], names[1] - names[0])


def asks(count: int) -> Iterator[Ask]:
    """Everything that is compared, in order."""
    fresh = fixtures.coming(fixtures.pairs(), fixtures.midnight())
    encode = msgspec.json.Encoder().encode
    plain = list(islice(fresh, count // 2))
    odds = list(islice(fixtures.with_odds(fresh), count - count // 2))
    for kind, several in (("without odds", plain), ("with odds", odds)):
        for number, one in enumerate(several):
            query = ("", "?detail=full", "?detail=summary")[number % 3]
            yield Ask(kind, "POST", PREDICT + query, encode(one))
            if number % 10 == 0:
                yield Ask(f"{kind}, stored", "POST", PREDICT + query, encode(one))
    mixed = [*plain[:200], *odds[:200]]
    random.Random(fixtures.SEED).shuffle(mixed)
    wrong = [body for body in _wrong() if body.startswith(b'{"')]
    for size in (1, 7, 64, 128):
        good = [encode(one) for one in mixed[:size]]
        for query, items in (("", [*good, *wrong]), ("?detail=full", good)):
            yield Ask("batch", "POST", BATCH + query, b'{"fixtures": [%b]}' % b",".join(items))
    yield from _problems()
    for path in ROUTES:
        for method in METHODS:
            yield Ask("routes", method, path)


def _wrong() -> Iterator[bytes]:
    """Bodies that are refused."""
    changes: tuple[dict[str, Any], ...] = (
        {"home_team": "Arsenol"},
        {"home_team": "Barcelona"},
        {"home_team": "x" * 90},
        {"home_team": ""},
        {"home_team": 1},
        {"away_team": "Gunners"},
        {"league": "Premier Legue"},
        {"league": "MLS"},
        {"kickoff_time": "2025-08-30T16:30:00"},
        {"kickoff_time": "1980-01-01T00:00:00Z"},
        {"kickoff_time": "2990-01-01T00:00:00Z"},
        {"kickoff_time": "soon"},
        {"odds": {"home": 0.9, "draw": 3.0, "away": 3.0}},
        {"odds": {"home": 9.0, "draw": 9.0, "away": 9.0}},
        {"odds": {"home": 1.1, "draw": 1.1, "away": 1.1}},
        {"odds": {"home": 2.0, "draw": 3.0}},
        {"odds": [2.0, 3.0, 4.0]},
        {"surprise": 1},
    )
    for change in changes:
        yield msgspec.json.encode(GOOD | change)
    for missing in GOOD:
        yield msgspec.json.encode({name: value for name, value in GOOD.items() if name != missing})
    yield from (b"", b"{", b"[]", b"null", b"\xff", b"[" * 2000, b"{} {}")


def _problems() -> Iterator[Ask]:
    for body in _wrong():
        yield Ask("problems", "POST", PREDICT, body)
        yield Ask("problems", "POST", BATCH, body)
    good = msgspec.json.encode(GOOD)
    for content_type in ("text/plain", "", "application/json; charset=utf-8", "application/jsonp"):
        yield Ask("problems", "POST", PREDICT, good, content_type)
    for query in ("?detail=all", "?detail", "?detail=full&detail=full", "?x=1", "?"):
        yield Ask("problems", "POST", PREDICT + query, good)
    yield Ask("problems", "POST", PREDICT, b" " * 65_537)
    yield Ask("problems", "POST", BATCH, b'{"fixtures": []}')


def _apart(one: str, other: str) -> str:
    """Where two texts begin to differ."""
    pairs = enumerate(zip(one, other, strict=False))
    place = next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))
    return "\n".join(f"  ...{text[max(place - 80, 0) : place + 120]}" for text in (one, other))


def _tell(connection: HTTPConnection, ask: Ask) -> Told:
    headers = {"x-request-id": "same", "origin": ORIGIN, "content-type": ask.content_type}
    for _ in range(2):  # a server may close a connection after a body that it did not want
        try:
            connection.request(ask.method, ask.path, ask.body or None, headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException):
            connection.close()
        else:
            kept = [
                (name, _lasting(name, value)) for name, value in answer.getheaders() if name not in PASSING
            ]
            body = VERSION.sub(rb'\1"-"', body)
            return Told(answer.status, kept, _in_order(body) if ask.path == OPENAPI else body)
    return Told(0, [], b"")


def _in_order(body: bytes) -> bytes:
    """JSON whose objects are sets: Litestar writes the methods of a path in any order."""
    return msgspec.json.encode(msgspec.json.decode(body), order="sorted") if body else body


def _lasting(name: str, value: str) -> str:
    """A header's value without what passes; Litestar lists methods in any order."""
    return ", ".join(sorted(value.split(", "))) if name == "allow" else OF_NOW.sub("ttl", value)


def _metrics(connection: HTTPConnection) -> set[str]:
    """Every HELP and TYPE, and every series by its labels; those of being asked for them, too."""
    for _ in range(2):
        connection.request("GET", "/metrics")
        text = connection.getresponse().read()
    return {OF_PROCESS.sub("", line.decode()) for line in SERIES.findall(text)}


if __name__ == "__main__":
    main()
