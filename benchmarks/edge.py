"""A real cache in front: what nginx with `deploy/nginx-cache.conf` answers, and how soon after a swap it is fresh.

    uv run python -m benchmarks.edge [--seconds 5] [--markdown]

A service of one worker has a bundle with 250 coming fixtures. Some 400 addresses that are read (pages of fixtures, each
fixture, tables, ratings, clubs, predictions by GET) are asked for by wrk, through nginx and of the service itself; so
are one page of 50 fixtures and one prediction. Then, under load through nginx, another bundle is published, and three
addresses are looked at until all answer from it. Takes less than two minutes; exits with 1 where that took longer than
a minute, or an answer was not 2xx.
"""

import math
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.parse import urlencode

import click
from msgspec import Struct
from msgspec.structs import replace
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import drive, fixtures, nginx
from benchmarks.serving import Service, started
from benchmarks.swaps.variants import Variant, variants
from benchmarks.workloads import CONNECTIONS, LEAGUES, ONE
from sabiscore.data import catalogue, coming
from sabiscore.data.ids import fixture_id, slug
from sabiscore.domain import ListedFixture, Odds
from sabiscore.update.place import Place

FIXTURES = 250
SEASON_BEGINS = 7
"""The month."""

FRESH_WITHIN = 60.0
"""Seconds from publishing to the last fresh answer through the cache."""

GIVE_UP = 120.0
WATCHED = ("/api/v1/fixtures?limit=50", "/api/v1/fixtures?limit=50&league=premier-league", "/api/v1/model")
"""They say by which bundle they are."""

SWAPPED_WITHIN = 30.0


class Row(Struct, frozen=True):
    """What is asked, of whom, and what came of it; ``hits`` is the share that the cache answered."""

    what: str
    whom: str
    rate: float
    p50: float
    p99: float
    hits: float = float("nan")


def bundles_with_fixtures() -> list[Variant]:
    """Two bundles that have the same fixtures to come, and say something else of each."""
    listed = coming.dump(_listed())
    _, *others = variants(2)
    return [replace(each, files=dict(each.files) | {coming.FILE: listed}) for each in others]


def _listed() -> list[ListedFixture]:
    known, start, found = catalogue.load(), datetime.now(UTC) + timedelta(hours=3), []
    start = start.replace(minute=0, second=0, microsecond=0)
    season = start.year - (start.month < SEASON_BEGINS)
    for number, pair in enumerate(fixtures.pairs(LEAGUES)[:FIXTURES]):
        league = known.league(pair.league)
        home, away = known.club(pair.home_team, league), known.club(pair.away_team, league)
        found.append(
            ListedFixture(
                id=fixture_id(league, season, home, away),
                league=league.code,
                season=season,
                home=home.key,
                away=away.key,
                kickoff=start + timedelta(minutes=30 * number),
                odds=Odds(2.1, 3.4, 3.6) if number % 2 else None,
            )
        )
    return found


def addresses(listed: Sequence[ListedFixture]) -> list[str]:
    """All that is asked for: every fixture and page once, the first ones as predictions by GET, too."""
    known = catalogue.load()
    slugs = [slug(known.league(code).name) for code in LEAGUES]
    found = [f"/api/v1/fixtures?league={each}" for each in slugs]
    found += [f"/api/v1/leagues/{each}/{what}" for each in slugs for what in ("table", "ratings")]
    found += [f"/api/v1/fixtures/{one.id}" for one in listed]
    clubs = dict.fromkeys((one.league, one.home) for one in listed[:60])
    found += [f"/api/v1/teams/{slug(known.club(key, known.league(code)).name)}" for code, key in clubs]
    found += [f"{ONE}?{_query(one)}" for one in listed[:80]]
    return [*WATCHED, *found]


def _query(one: ListedFixture) -> str:
    return urlencode(
        {
            "home_team": one.home,
            "away_team": one.away,
            "league": one.league,
            "kickoff_time": one.kickoff.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )


class _Asking:
    """Drives wrk at one port, and counts what the service had to answer."""

    def __init__(self, service: Service, scratch: Path) -> None:
        self._service = service
        self._scratch = scratch
        self._files = count()

    def drive(self, what: str, whom: str, port: int, asked: Sequence[str], seconds: float) -> Row:
        """Ask for these addresses in turn, each of which was asked for before."""
        for address in (*asked, *asked):
            status, _ = get(port, address)
            if status != 200:
                raise click.ClickException(f"{address}: {status}")
        path = self._scratch / f"{next(self._files)}.txt"
        path.write_text("".join(f"{address}\n" for address in asked))
        before = self._answered()
        driven = drive.wrk(
            f"http://127.0.0.1:{port}",
            path,
            first=0,
            repeats=True,
            seconds=seconds,
            connections=CONNECTIONS,
            lines_are="ADDRESS",
        )
        hits = 1.0 - (self._answered() - before) / driven.requests
        direct = port == self._service.port
        rate = driven.requests / driven.seconds
        return Row(what, whom, rate, driven.p50, driven.p99, float("nan") if direct else hits)

    def _answered(self) -> float:
        text = get(self._service.port, "/metrics")[1].decode()
        counted = (
            line
            for line in text.splitlines()
            if line.startswith("http_server_request_duration_seconds_count")
        )
        return sum(float(line.rsplit(" ", 1)[1]) for line in counted if '"/metrics"' not in line)


def get(port: int, address: str) -> tuple[int, bytes]:
    """Status and body; 0 where there is none."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", address)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()


def _until_all_say(port: int, version: str, seconds: float) -> float:
    """How long it takes until all watched addresses are of this version; infinite where it takes longer."""
    began, left = time.monotonic(), list(WATCHED)
    while left:
        if time.monotonic() - began > seconds:
            return math.inf
        left = [each for each in left if version not in get(port, each)[1].decode()]
        time.sleep(0.05)
    return time.monotonic() - began


def measure(seconds: float) -> tuple[list[Row], float, float]:
    """The rows, and the seconds from a swap to fresh answers: of the service, and through the cache under load."""
    first, second = bundles_with_fixtures()
    asked = addresses(coming.load(first.files[coming.FILE]))
    with TemporaryDirectory(prefix="bench-") as scratch, started(workers=1) as service:
        service.wait_until_ready()
        place = Place(service.directory / "data")
        first.publish(place)
        if math.isinf(_until_all_say(service.port, first.version, SWAPPED_WITHIN)):
            raise click.ClickException(f"the bundle was not taken up: {service.log()}")
        with nginx.cached(service.port) as edge:
            asking = _Asking(service, Path(scratch))
            one, page = [asked[-1]], [WATCHED[0]]
            rows = [
                asking.drive(what, whom, port, addresses_, seconds)
                for what, addresses_ in (
                    ("all addresses", asked),
                    ("a page of 50", page),
                    ("a prediction", one),
                )
                for whom, port in (("service", service.port), ("nginx", edge))
            ]
            load = Thread(
                target=asking.drive, args=("", "", edge, asked, FRESH_WITHIN / 2 + seconds), daemon=True
            )
            load.start()
            time.sleep(seconds / 2)
            second.publish(place)
            began = time.monotonic()
            own = _until_all_say(service.port, second.version, SWAPPED_WITHIN)
            _until_all_say(edge, second.version, GIVE_UP)
            through = time.monotonic() - began
            load.join()
    return rows, own, through


@click.command()
@click.option(
    "--seconds", default=5.0, show_default=True, type=click.FloatRange(1.0, 20.0), help="Of each drive."
)
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
def main(seconds: float, *, markdown: bool) -> None:
    """Print what a cache in front does."""
    if not nginx.is_there():
        raise click.ClickException("nginx is not installed (Debian: nginx-light)")
    rows, own, through = measure(seconds)
    table = Table(box=box.MARKDOWN if markdown else box.SIMPLE)
    for column in ("asked for", "of", "requests/s", "p50 ms", "p99 ms", "hit rate"):
        table.add_column(column, justify="left" if column in {"asked for", "of"} else "right")
    for row in rows:
        hits = "" if math.isnan(row.hits) else f"{row.hits:.3%}"
        table.add_row(row.what, row.whom, f"{row.rate:,.0f}", f"{row.p50:.2f}", f"{row.p99:.2f}", hits)
    console = Console(width=100)
    console.print(table)
    console.print(
        f"From publishing to fresh answers: the service {own:.1f} s, through nginx {through:.1f} s."
    )
    if through > FRESH_WITHIN:
        raise click.ClickException(f"that took longer than {FRESH_WITHIN:.0f} s")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.edge")
