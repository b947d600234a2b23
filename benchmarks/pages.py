"""What each page costs: its size, and the CPU of the request that makes it and of the next one.

    uv run python -m benchmarks.pages [--bundle DIR] [--on DAY] [--runs 10] [--markdown]

The application in this process is asked as its server asks it, without HTTP, by a reader who unpacks gzip. Medians in
ms; *first* makes the page, *again* sends it as it was sent. Without a bundle it is the one that ships, with a week of
fixtures to come. A bundle is read on the day after its last match, or on the day that is given.
"""

import asyncio
import gzip
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import click
from litestar import Litestar
from msgspec import Struct
from msgspec.structs import replace

from benchmarks import fixtures
from benchmarks.command import machine
from benchmarks.workloads import LEAGUES
from sabiscore.api.app import create_app
from sabiscore.api.lifespan import Resources
from sabiscore.api.loaded import Loaded
from sabiscore.cache.factory import open_cache
from sabiscore.cache.protocol import Cache
from sabiscore.clock import Clock
from sabiscore.data import catalogue, coming
from sabiscore.data.ids import fixture_id
from sabiscore.domain import ListedFixture
from sabiscore.making import ModelHook
from sabiscore.models import bundles
from sabiscore.server.ready import Ready
from sabiscore.service import PredictionService
from sabiscore.settings import Settings

LISTED, DAYS = 130, 7
"""Fixtures to come of the shipped bundle, and days that they are of."""

MORNING = time_of_day(9, tzinfo=UTC)
HEADS = ("page", "KB", "KB gzip", "first, ms", "again, ms")

Spent: TypeAlias = tuple[int, int, float, float]
"""Bytes of a page, the same packed, and seconds of CPU of the first and of the next request."""


class Cost(Struct, frozen=True):
    """Of a page: bytes, the same packed, and milliseconds."""

    name: str
    size: int
    packed: int
    first: float
    again: float


@click.command()
@click.option("--bundle", "directory", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day on which it is read.")
@click.option("--runs", default=10, show_default=True, type=click.IntRange(1, 100))
@click.option("--markdown", is_flag=True)
def main(directory: Path | None, on: datetime | None, runs: int, *, markdown: bool) -> None:
    """Print a line for each page."""
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    ready = Ready.of(bundles.read(directory)) if directory else shipped()
    day = on.date() if on else ready.forecaster.manifest.data_through + timedelta(1)
    rows = [
        (
            each.name,
            *(f"{size / 1000:.1f}" for size in (each.size, each.packed)),
            *map("{:.2f}".format, (each.first, each.again)),
        )
        for each in costs(ready, Clock(unix=datetime.combine(day, MORNING).timestamp), runs)
    ]
    for row in (HEADS, *([("---",) * len(HEADS)] if markdown else []), *rows):
        line = " | ".join(row) if markdown else f"{row[0]:24s}" + "".join(f"{each:>11s}" for each in row[1:])
        print(f"| {line} |" if markdown else line)


def costs(ready: Ready, clock: Clock, runs: int) -> list[Cost]:
    """Of every page; each run is of a fresh application, and one before them does not count."""
    asked = addresses(ready)
    found = [asyncio.run(_run(ready, clock, [*asked.values()])) for _ in range(runs + 1)][1:]
    return [
        Cost(name, *each[0][:2], *(1000 * statistics.median(one[place] for one in each) for place in (2, 3)))
        for name, each in zip(asked, zip(*found, strict=True), strict=True)
    ]


def addresses(ready: Ready) -> dict[str, str]:
    """By what it is, the address of each kind of page."""
    rows = ready.answered.coming.rows if ready.answered else ()
    found = {"this week": "/", "this week of a league": "/?league=premier-league"}
    if row := next((row for row in rows if row.league == LEAGUES[1]), None):
        match = f"/fixtures/{row.head.id}"
        found |= {
            "a match": match,
            "the same with odds": f"{match}?odds_home=1.8&odds_draw=3.7&odds_away=4.6",
            "its card": f"{match}/card.svg",
            "its card as PNG": f"{match}/card.png",
            "its frame": f"/embed/{row.head.id}",
        }
    return found | {
        "a form": "/predict",
        "any match": "/predict?league=premier-league&home_team=Arsenal&away_team=Chelsea",
        "the leagues": "/leagues",
        "a table": "/leagues/premier-league",
        "ratings": "/ratings",
        "a club": "/teams/arsenal",
        "the record": "/record",
        "about": "/about",
    }


def shipped() -> Ready:
    """The bundle that ships, with fixtures of the week after its last match."""
    bundle, names = bundles.read(bundles.SHIPPED), catalogue.load()
    start = datetime(2025, 6, 2, 15, tzinfo=UTC)
    listed = []
    for number, pair in enumerate(islice(fixtures.pairs(LEAGUES), LISTED)):
        league = names.league(pair.league)
        home, away = (names.club(name, league) for name in (pair.home_team, pair.away_team))
        kickoff = start + timedelta(number % DAYS)
        name = fixture_id(league, start.year, home, away)
        listed.append(ListedFixture(name, league.code, start.year, home.key, away.key, kickoff))
    return Ready.of(replace(bundle, files=bundle.files | {coming.FILE: coming.dump(listed)}))


async def _run(ready: Ready, clock: Clock, asked: Sequence[str]) -> list[Spent]:
    app = create_app(Resources(Settings(), partial(_load, ready, clock), open_cache, is_guest=True))
    async with app.lifespan():
        return [await _spent(app, address) for address in asked]


def _load(ready: Ready, clock: Clock, _: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:
    service = PredictionService(
        ready.forecaster, catalogue=ready.catalogue, cache=cache, hook=hook, clock=clock
    )
    return Loaded(service, ready.season, ready.answered, ready.record, ready.sealed, clock=clock)


async def _spent(app: Litestar, address: str) -> Spent:
    (first, body), (again, _) = [await _asked(app, address) for _ in range(2)]
    packed = body.startswith(gzip.compress(b"")[:3])
    return len(gzip.decompress(body)) if packed else len(body), len(body), first, again


async def _asked(app: Litestar, address: str) -> tuple[float, bytes]:
    """Seconds of CPU, and what was sent.

    Raises:
        ValueError: it was refused.
    """
    url, sent = urlsplit(address), []
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": url.path,
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"accept-encoding", b"gzip")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "state": {},
        "extensions": {},
    }

    async def receive() -> Any:  # noqa: ANN401 - any message
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401 - any message
        sent.append(message)

    begun = time.process_time()
    await app(scope, receive, send)
    spent = time.process_time() - begun
    if sent[0]["status"] != 200:
        raise ValueError(f"{address} is answered with {sent[0]['status']}")
    return spent, b"".join(message.get("body", b"") for message in sent[1:])


if __name__ == "__main__":
    main()
