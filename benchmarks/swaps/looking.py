"""A client beside the load that asks for the same fixtures again and again, and looks at each answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import count, islice
from threading import Event, Thread

import msgspec
import numpy as np
from msgspec import Struct

from benchmarks import fixtures
from benchmarks.fixtures import Asked
from benchmarks.workloads import LEAGUES, MANY, ONE
from sabiscore.arrays import Floats
from sabiscore.data import catalogue
from sabiscore.data.ids import fixture_id
from sabiscore.domain import ListedFixture
from sabiscore.features.calendar import day_number, season_of
from sabiscore.forecaster import Forecaster

FIXTURES = 64
BATCH_EVERY = 16
"""Of so many requests, one asks for all fixtures at once."""

PAUSE = 0.01
ROUNDING = 0.0011
"""What is answered has three decimals, of which the last is chosen so that they add up."""


class _Model(Struct):
    version: str


class _Said(Struct):
    home_win_prob: float
    draw_prob: float
    away_win_prob: float
    model: _Model


class _Item(Struct):
    prediction: _Said


class _Batch(Struct):
    predictions: list[_Item]


class Looks:
    """How many answers were looked at, how many requests failed, how many answers were not wholly of one bundle.

    ``single`` are those to one fixture, ``found`` those of them that were there already.
    """

    def __init__(self, port: int) -> None:
        start = fixtures.midnight()
        self.asked = list(islice(fixtures.coming(fixtures.pairs(LEAGUES), start), FIXTURES))
        self.listed = list(map(_listed, self.asked))
        self.count = self.failed = self.mixed = self.single = self.found = 0
        self._port = port
        self._expected: dict[str, Floats] = {}

    def expect(self, version: str, forecaster: Forecaster) -> None:
        """From now on, answers may be of this version, too."""
        keys = [(one.league, one.home, one.away, day_number(one.kickoff.date())) for one in self.listed]
        self._expected[version] = forecaster.forecast(keys).probabilities

    def look(self, number: int) -> None:
        """Ask once, over a connection of its own: it may reach any worker."""
        batch = number % BATCH_EVERY == 0
        place = number % FIXTURES
        body = {"fixtures": self.asked} if batch else self.asked[place]
        try:
            status, headers, content = self._ask(MANY if batch else ONE, msgspec.json.encode(body))
        except (OSError, HTTPException):
            status, headers, content = 0, "", b""
        self.count += 1
        if status != 200:
            self.failed += 1
            return
        if batch:
            said = [item.prediction for item in msgspec.json.decode(content, type=_Batch).predictions]
            self.mixed += not self._are_of_one(said, 0)
        else:
            self.mixed += not self._are_of_one([msgspec.json.decode(content, type=_Said)], place)
            self.single += 1
            self.found += "; hit" in headers

    def _are_of_one(self, said: list[_Said], first: int) -> bool:
        """Whether this is what one bundle says of the fixtures from the first on."""
        versions = {each.model.version for each in said}
        expected = self._expected.get(versions.pop()) if len(versions) == 1 else None
        if expected is None:
            return False
        for each, right in zip(said, expected[first : first + len(said)].tolist(), strict=True):
            triple = (each.home_win_prob, each.draw_prob, each.away_win_prob)
            if max(abs(a - b) for a, b in zip(triple, right, strict=True)) > ROUNDING:
                return False
        return True

    def _ask(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request("POST", path, body, {"content-type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.getheader("cache-status", ""), answer.read()
        finally:
            connection.close()


def _listed(asked: Asked) -> ListedFixture:
    """The fixture as a bundle has it among those to come."""
    known = catalogue.load()
    league = known.league(asked.league)
    home, away = known.club(asked.home_team, league), known.club(asked.away_team, league)
    season = int(season_of(np.array([day_number(asked.kickoff_time.date())]))[0])
    name = fixture_id(league, season, home, away)
    return ListedFixture(name, league.code, season, home.key, away.key, asked.kickoff_time)


@contextmanager
def looking(looks: Looks) -> Iterator[None]:
    """Look on and on, for the time of the block."""
    enough = Event()

    def look() -> None:
        for number in count():
            looks.look(number)
            if enough.wait(PAUSE):
                return

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()
