"""One fixture with everything there is to say about it, in units a fan understands."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias

from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.domain import Fixture, Outcome

Triple: TypeAlias = tuple[float, float, float]
"""Home, draw, away."""

ODDS = "odds"
"""The group of what the odds given add to the model's own probabilities."""


class Finish(Struct, frozen=True):
    """A relegation place a club finished in: 18 of 20 in the ``season`` 2024/25, the last one known.

    ``asked`` is the season of the fixture; ``play_off`` whether the place has a play-off.
    """

    place: int
    clubs: int
    season: str
    asked: str
    play_off: bool


class ClubFacts(Struct, frozen=True):
    """A club before kick-off. Goals and shots on target are a match, weighted to recent ones.

    ``results`` and ``strength`` are goals of difference a match against an average club of the league, at this
    venue: the first from results and statistics, the second from closing odds of past matches too.
    ``rest`` is days since the last match, None
    where there is none; ``joins`` that it comes up and has not played in this league this season; ``known``
    that it has ever played in it; ``recent`` its matches of the last two weeks. ``finish`` is there where it
    ended the last season known in a relegation place, and the fixture is of a later one.
    """

    results: float
    strength: float
    goals_for: float
    goals_against: float
    shots_for: float
    shots_against: float
    rest: int | None
    played: int
    recent: int
    promoted: bool
    joins: bool
    known: bool
    finish: Finish | None = None


class Case(Struct, frozen=True):
    """Probabilities and what moved them: ``base`` plus all ``contributions`` is ``probabilities``.

    ``grid`` ``[11, 11]`` agrees with the rounded probabilities. ``intervals`` (low, high) hold with
    ``interval_coverage``, ``outcome_set`` with ``outcome_set_coverage``. ``market`` is what the odds say, and
    ``closing_odds`` where they are expected at kick-off, where there are any. ``corners`` ``[2]`` are those to expect
    of each side, NaN where that is not known. ``licensed`` tells whether to bet on this league.
    """

    fixture: Fixture
    probabilities: Triple
    rounded: Triple
    base: Triple
    contributions: Mapping[str, Triple]
    grid: Floats
    corners: Floats
    intervals: Sequence[Sequence[float]]
    interval_coverage: float
    outcome_set: tuple[Outcome, ...]
    outcome_set_coverage: float
    licensed: bool
    home: ClubFacts
    away: ClubFacts
    data_through: date
    market: Triple | None = None
    closing_odds: Triple | None = None

    @property
    def age(self) -> int:
        """Days from the last match known to kick-off, 0 for a kick-off before that."""
        return max((self.fixture.kickoff.date() - self.data_through).days, 0)

    @property
    def unsure(self) -> bool:
        """Whether a club ``joins`` or may have gone down: then confidence is low."""
        return self.home.joins or self.away.joins or bool(self.home.finish or self.away.finish)

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
