"""Fixtures in, encoded predictions out: the one place that knows features, models and cache together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sabiscore.domain import Fixture, Odds


class Predicting(Protocol):
    """What the API needs of the service."""

    def resolve(
        self, *, home_team: str, away_team: str, league: str, kickoff_time: datetime, odds: Odds | None
    ) -> Fixture:
        """The fixture meant by these names; raises InvalidFixtureError."""

    async def answer(self, fixture: Fixture) -> bytes:
        """The JSON of a `Prediction`."""

    async def answer_many(self, fixtures: Sequence[Fixture]) -> list[bytes]:
        """The JSON of each fixture's `Prediction`, in order; one model call for all misses."""

    @property
    def card(self) -> dict[str, Any]:
        """The manifest's card, for GET /api/v1/model."""
