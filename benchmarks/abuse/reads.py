"""Reading without end: what is read as of days, of clubs and of pages that nobody has in store."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from benchmarks.abuse.clients import CLIENTS, OF_A_PROXY, OVERLOADED, SECONDS
from benchmarks.abuse.measure import Attack
from benchmarks.abuse.raw import CLOSE, ask, status, told
from benchmarks.serving import Service
from sabiscore.data import catalogue
from sabiscore.data.ids import slug

FIRST_DAY = date(2005, 8, 1)
DAYS = 7_000


def addresses() -> Iterator[str]:
    """What can be read, no address twice."""
    known = catalogue.load()
    leagues = [league.code for league in known.leagues]
    clubs = [slug(club.name) for club in known.clubs(known.league("E0"))]
    for number in itertools.count():
        day = FIRST_DAY + timedelta(days=number % DAYS)
        league, home = leagues[number % len(leagues)], clubs[number % len(clubs)]
        away = clubs[(number + 1 + number // DAYS) % len(clubs)]
        yield f"/api/v1/leagues/{league}/table?on={day}"
        yield f"/api/v1/leagues/{league}/ratings?on={day}"
        yield f"/api/v1/teams/{home}?on={day}"
        yield f"/api/v1/head-to-head?home={home}&away={away}&on={day}"
        yield f"/api/v1/fixtures?status=all&from={day}&to={day + timedelta(days=365)}&limit=200"
        yield f"/api/v1/predict?home_team={home}&away_team={away}&league=E0&kickoff_time={day}T12:00:00Z"
        yield f"/predict?home_team={home}&away_team={away}&league=E0&day={day}"
        yield f"/?from={day}"


async def read_all(target: Service, scale: float) -> str:
    """Each client reads one after the other, and is answered or told to wait."""
    asked, seen = addresses(), Counter[int]()
    until = time.monotonic() + SECONDS * scale

    async def one() -> None:
        while time.monotonic() < until:
            found = status(await ask(target.port, _get(next(asked))))
            seen[found] += 1
            if found in {OVERLOADED, *OF_A_PROXY}:
                await asyncio.sleep(0.1)

    await asyncio.gather(*(one() for _ in range(CLIENTS)))
    expected = {200, 404, 422, OVERLOADED, *(OF_A_PROXY if target.behind_proxy else ())}
    assert seen.keys() <= expected, seen
    assert seen[200], seen
    return told(seen)


def _get(address: str) -> bytes:
    return b"\r\n".join([f"GET {address} HTTP/1.1".encode(), b"host: rude", CLOSE, b"", b""])


ATTACKS: tuple[Attack, ...] = (Attack("read without end", read_all),)
