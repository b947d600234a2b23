"""A service for the tests of a frontend: the bundle that ships, on one day for ever, with fixtures to come.

    from sabiscore import testing

    def test_shows_who_plays():
        with testing.client() as client:
            first = next(client.fixtures(league="premier-league"))
        assert (first.home.name, first.away.name) == ("Arsenal", "Chelsea")

It is always `TODAY`, so that the same is answered until the version changes. For what is not written in Python,
``python -m sabiscore.testing 8001`` serves it on a port.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar
from litestar.testing import TestClient
from litestar.testing.transport import TestClientTransport
from msgspec.structs import replace

from sabiscore.api.app import create_app
from sabiscore.api.lifespan import Resources
from sabiscore.api.loaded import Loaded
from sabiscore.cache.factory import open_cache
from sabiscore.cache.protocol import Cache
from sabiscore.client import Client
from sabiscore.clock import Clock
from sabiscore.data import coming
from sabiscore.data.catalogue import Catalogue, load
from sabiscore.data.ids import fixture_id
from sabiscore.domain import ListedFixture, Odds
from sabiscore.making import ModelHook
from sabiscore.models import bundles
from sabiscore.server.ready import Ready
from sabiscore.service import PredictionService
from sabiscore.settings import Settings

TODAY = datetime(2025, 8, 1, 12, tzinfo=UTC)
"""What time it is."""

FIRST = datetime(2025, 8, 1, 19, 0, tzinfo=UTC)
BETWEEN = timedelta(hours=27)
"""Kick-off of the first fixture to come, and from one to the next."""

SEASON = 2025
ODDS = Odds(2.1, 3.4, 3.6)
PAIRS = {
    "E0": (
        ("Arsenal", "Chelsea"),
        ("Liverpool", "Everton"),
        ("Man United", "Man City"),
        ("Tottenham", "Brighton"),
    ),
    "SP1": (("Barcelona", "Real Madrid"), ("Sevilla", "Betis"), ("Valencia", "Villarreal")),
    "D1": (("Bayern Munich", "Dortmund"), ("Mainz", "Freiburg"), ("Leverkusen", "Stuttgart")),
}


def coming_fixtures(catalogue: Catalogue) -> list[ListedFixture]:
    """Ten fixtures of three leagues in the order of time; every other one has odds."""
    pairs = [(code, *pair) for code, each in PAIRS.items() for pair in each]
    return [_listed(catalogue, number, code, home, away) for number, (code, home, away) in enumerate(pairs)]


def app(settings: Settings | None = None) -> Litestar:
    """The whole application; nothing is read from the environment."""
    return create_app(Resources(settings or Settings(), _load, open_cache, is_guest=True))


@contextmanager
def client(settings: Settings | None = None) -> Iterator[Client]:
    """A client of the application in this process, without a port."""
    with TestClient(app(settings)) as inner, Client(transport=_InProcess(inner)) as client:
        yield client


def main(port: int) -> None:
    """Serve it on ``port`` of this machine until the process ends."""
    served = Server(app(), "127.0.0.1", port, interface=Interfaces.ASGI)
    asyncio.run(served.serve())


class _InProcess(httpx.BaseTransport):
    """Litestar's, which lacks what httpx wants to close."""

    def __init__(self, client: TestClient[Litestar]) -> None:
        self._inner = TestClientTransport(client)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(request)


def _listed(catalogue: Catalogue, number: int, code: str, home: str, away: str) -> ListedFixture:
    league = catalogue.league(code)
    host, guest = (catalogue.club(name, league) for name in (home, away))
    return ListedFixture(
        id=fixture_id(league, SEASON, host, guest),
        league=code,
        season=SEASON,
        home=host.key,
        away=guest.key,
        kickoff=FIRST + number * BETWEEN,
        odds=ODDS if number % 2 else None,
    )


def _load(_: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:
    clock = Clock(unix=TODAY.timestamp)
    bundle, catalogue = bundles.read(bundles.SHIPPED), load()
    listed = {coming.FILE: coming.dump(coming_fixtures(catalogue))}
    ready = Ready.of(replace(bundle, files=bundle.files | listed))
    service = PredictionService(ready.forecaster, catalogue=catalogue, cache=cache, hook=hook, clock=clock)
    return Loaded(service, ready.season, ready.answered, clock=clock)


if __name__ == "__main__":
    main(int(sys.argv[1]))
