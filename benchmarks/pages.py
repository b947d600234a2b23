"""What each page costs: its size, and the CPU of drawing it alone, of the request that makes it, and of the next one.

    uv run python -m benchmarks.pages [--bundle DIR] [--on DAY] [--runs 10] [--markdown]

Medians in ms. *Drawn* is a view and its template: first as the bundle is new, again when answers are in the cache.
*Request* is all of it, with routes, threads and gzip: the application in this process is asked as its server asks it,
without HTTP, by a reader who unpacks gzip; the first makes the page, the next is sent it as it was sent. Without a
bundle it is the one that ships, with a week of 130 fixtures to come. A bundle is read on the day after its last match,
or on the day that is given. The exit status is 1 where drawing this week again takes more than 1 ms.
"""

import asyncio
import gzip
import re
import statistics
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
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
from sabiscore.api.lifespan import Resources, settle
from sabiscore.api.loaded import Loaded
from sabiscore.api.web.pages import Asked, Page
from sabiscore.api.web.routes import ADDRESSES
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
THIS_WEEK, LIMIT = "this week", 1.0
"""The page that must be drawn within so many ms."""

WARM_UP = "/predict?league=serie-a"
"""Asked before all others: what an application does once."""

TIMES = 20
"""So often a page is drawn again in a run."""

HEADS = ("page", "KB", "KB gzip", "drawn first", "drawn again", "request first", "request again")

Spent: TypeAlias = tuple[int, int, float, float, float, float]
"""Bytes of a page, the same packed, and seconds of CPU: drawn for the first time, again, requested, and again."""


class Cost(Struct, frozen=True):
    """Of a page: bytes, the same packed, and milliseconds."""

    name: str
    size: int
    packed: int
    drawn_first: float
    drawn: float
    first: float
    again: float


@click.command()
@click.option("--bundle", "directory", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day on which it is read.")
@click.option("--runs", default=10, show_default=True, type=click.IntRange(1, 100))
@click.option("--markdown", is_flag=True)
def main(directory: Path | None, on: datetime | None, runs: int, *, markdown: bool) -> None:
    """Print a line for each page; the exit status is 1 where drawing this week takes too long."""
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    ready = Ready.of(bundles.read(directory)) if directory else shipped()
    day = on.date() if on else ready.forecaster.manifest.data_through + timedelta(1)
    settle()
    found = costs(ready, Clock(unix=datetime.combine(day, MORNING).timestamp), runs)
    for row in (HEADS, *([("---",) * len(HEADS)] if markdown else []), *map(_row, found)):
        line = " | ".join(row) if markdown else f"{row[0]:24s}" + "".join(f"{each:>15s}" for each in row[1:])
        print(f"| {line} |" if markdown else line)
    if late := is_late(found):
        raise click.ClickException(late)


def _row(cost: Cost) -> tuple[str, ...]:
    sizes = (f"{size / 1000:.1f}" for size in (cost.size, cost.packed))
    times = map("{:.2f}".format, (cost.drawn_first, cost.drawn, cost.first, cost.again))
    return cost.name, *sizes, *times


def is_late(found: Sequence[Cost]) -> str:
    """What is to be said where this week takes longer than it may; nothing where it does not."""
    taken = next(each.drawn for each in found if each.name == THIS_WEEK)
    return f"{THIS_WEEK} is drawn in {taken:.2f} ms, and {LIMIT:.2f} are allowed" if taken > LIMIT else ""


def costs(ready: Ready, clock: Clock, runs: int) -> list[Cost]:
    """Of every page; each run is of a fresh application, and one before them does not count."""
    asked = addresses(ready)
    found = [asyncio.run(_run(ready, clock, [*asked.values()])) for _ in range(runs + 1)][1:]
    return [
        Cost(
            name,
            *each[0][:2],
            *(1000 * statistics.median(one[place] for one in each) for place in range(2, 6)),
        )
        for name, each in zip(asked, zip(*found, strict=True), strict=True)
    ]


def addresses(ready: Ready) -> dict[str, str]:
    """By what it is, the address of each kind of page."""
    rows = ready.answered.coming.rows if ready.answered else ()
    found = {THIS_WEEK: "/", "this week of a league": "/?league=premier-league"}
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
    async with _fresh(ready, clock) as (_, loaded):
        await _drawn(loaded, WARM_UP)
        drawn = [await _drawn(loaded, address) for address in asked]
    async with _fresh(ready, clock) as (app, _):
        await _asked(app, WARM_UP)
        sent = [await _sent(app, address) for address in asked]
    return [
        (*sizes, *of_drawing, *of_request)
        for of_drawing, (sizes, of_request) in zip(drawn, sent, strict=True)
    ]


@asynccontextmanager
async def _fresh(ready: Ready, clock: Clock) -> AsyncIterator[tuple[Litestar, Loaded]]:
    """An application that has answered nobody yet, and what it answers from."""
    resources = Resources(Settings(), partial(_load, ready, clock), open_cache, is_guest=True)
    app = create_app(resources)
    async with app.lifespan():
        yield app, resources.loaded()


def _load(ready: Ready, clock: Clock, _: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:
    service = PredictionService(
        ready.forecaster, catalogue=ready.catalogue, cache=cache, hook=hook, clock=clock
    )
    return Loaded(service, ready.season, ready.answered, ready.record, ready.sealed, clock=clock)


async def _drawn(loaded: Loaded, address: str) -> tuple[float, float]:
    """Seconds of CPU of a view and its template, for the first time and again."""
    url = urlsplit(address)
    page, found = page_at(url.path)
    asked = Asked(url.path, found, url.query)
    times = []
    for _ in range(TIMES + 1):
        begun = time.process_time()
        (await page(loaded, asked)).render()
        times.append(time.process_time() - begun)
    return times[0], statistics.median(times[1:])


def page_at(path: str) -> tuple[Page, Mapping[str, str]]:
    """The page with this path, and what its address says of it."""
    for each in ADDRESSES:
        if found := re.fullmatch(re.sub(r"\{(\w+):str\}", r"(?P<\1>[^/]+)", each.path), path):
            return each.page, found.groupdict()
    raise LookupError(path)


async def _sent(app: Litestar, address: str) -> tuple[tuple[int, int], tuple[float, float]]:
    """Bytes that are sent, unpacked and packed, and seconds of CPU of two requests."""
    (first, body), (again, _) = [await _asked(app, address) for _ in range(2)]
    packed = body.startswith(gzip.compress(b"")[:3])
    return (len(gzip.decompress(body)) if packed else len(body), len(body)), (first, again)


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
