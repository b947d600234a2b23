"""Fixtures as they are asked of a service, and answers as they are read."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec

from sabiscore.cache.entry import Entry
from sabiscore.cache.protocol import Cache
from sabiscore.domain import Detail, Fixture, Odds, Prediction
from sabiscore.service import Answer, PredictionService
from sabiscore.stages import Batch, Stages

KICKOFF = datetime(2025, 8, 30, 16, 30, tzinfo=UTC)
ODDS = Odds(1.8, 3.7, 4.6)
DETAILS: tuple[Detail, Detail] = ("summary", "full")


class Memory(Cache):
    """A cache that never forgets."""

    def __init__(self) -> None:
        self.held: dict[str, Entry] = {}

    def holds(self, key: str) -> bool:
        return key in self.held

    async def get(self, keys: Sequence[str]) -> list[Entry | None]:
        return [self.held.get(key) for key in keys]

    async def put(self, items: Mapping[str, Entry]) -> None:
        self.held.update(items)

    async def close(self) -> None:
        self.held.clear()


class Calls:
    """Counts the calls of the model and the fixtures in them."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.left: list[int] = []

    def model_called(self, *, rows: int, seconds: float) -> None:
        assert seconds >= 0
        self.rows.append(rows)

    def waiting(self, fixtures: int) -> None:
        self.left.append(fixtures)

    def batched(self, requests: Sequence[Stages], batch: Batch) -> None:
        assert (requests, batch) is None, "nobody wanted to know"


def fixture(
    service: PredictionService,
    home: str = "Arsenal",
    away: str = "Chelsea",
    league: str = "E0",
    *,
    kickoff: datetime = KICKOFF,
    odds: Odds | None = None,
) -> Fixture:
    return service.resolve(home_team=home, away_team=away, league=league, kickoff_time=kickoff, odds=odds)


def noon(day: date) -> datetime:
    """A kick-off on that day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def decoded(answer: Answer) -> Prediction:
    return msgspec.json.decode(answer.body, type=Prediction)
