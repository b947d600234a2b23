"""One fixture with everything there is to say about it, in units a fan understands."""

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from msgspec import Struct

from sabiscore.domain import Fixture

Triple: TypeAlias = tuple[float, float, float]
"""Home, draw, away."""


class ClubFacts(Struct, frozen=True):
    """A club before kick-off. Goals and shots on target are a match, weighted to recent ones.

    ``form`` is the share of points taken lately, weighted likewise; ``rest`` days since the last match, None
    where there is none; ``joins`` that it comes up and has not played in this league this season; ``known``
    that it has ever played in it.
    """

    elo: float
    goals_for: float
    goals_against: float
    shots_for: float
    shots_against: float
    form: float
    rest: int | None
    played: int
    promoted: bool
    joins: bool
    known: bool


class Case(Struct, frozen=True):
    """Probabilities and what moved them: ``base`` plus all ``contributions`` is ``probabilities``."""

    fixture: Fixture
    probabilities: Triple
    base: Triple
    contributions: Mapping[str, Triple]
    home: ClubFacts
    away: ClubFacts
    data_through: date

    @property
    def likeliest(self) -> int:
        """Index of the likeliest outcome."""
        return max(range(3), key=self.probabilities.__getitem__)

    def name(self, outcome: int) -> str:
        """The outcome as a sentence names it."""
        return (self.fixture.home.name, "a draw", self.fixture.away.name)[outcome]

    def odds(self) -> Triple | None:
        """The odds given, in order."""
        given = self.fixture.odds
        return None if given is None else (given.home, given.draw, given.away)
