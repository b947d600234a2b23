"""One fixture with everything there is to say about it, in units a fan understands."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias

from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.domain import Fixture, Outcome

Triple: TypeAlias = tuple[float, float, float]
"""Home, draw, away."""

DRAW = 1
"""Where it stands in a triple."""

ODDS, ADJUSTMENT = "odds", "adjustment"
"""The groups of what the odds given, and goals that were adjusted, add to the model's own probabilities."""

EUROPE, STAY_UP = 2, 3
"""Of the lines that `Stake.importance` is of, the last two."""


class Finish(Struct, frozen=True):
    """A relegation place a club finished in: 18 of 20 in the ``season`` 2024/25, the last one known.

    ``asked`` is the season of the fixture; ``play_off`` whether the place has a play-off.
    """

    place: int
    clubs: int
    season: str
    asked: str
    play_off: bool


class Stake(Struct, frozen=True):
    """What a club has to play for: how much a match matters for each line, from 0 to 1, and matches that remain.

    ``importance`` is for the title, the Champions League, Europe and staying up; in a lower ``division`` (0 is the
    first) for what is like them. ``dead`` where title, Champions League and staying up are decided, ``down`` where it
    does not stay up. None remain where the league has not begun its season, or the club has ended it.
    """

    importance: tuple[float, float, float, float]
    dead: bool
    down: bool
    remaining: int
    division: int


class ClubFacts(Struct, frozen=True):
    """A club before kick-off.

    ``by_results``, ``by_odds``, ``lately`` and ``at_home`` are parts of its rating, in goals of difference a match on
    the scale of its country: from what was played, from closing odds of past matches, what recent weeks add, and its
    own home advantage. ``form`` is by how many goals a match it beat the closing odds of late. ``scored`` and
    ``conceded`` are goals in its ``played`` matches of the season. ``rest`` is days since the last match, None where
    there is none, and ``reds`` its red cards in that; ``recent`` its matches of the last two weeks; ``came`` by how
    many divisions it went down in the summer, below 0 up; ``joins`` that no match of last season is known and it has
    not played yet; ``known`` that one ever is. ``finish`` is there where it ended the last season known in a
    relegation place, and the fixture is of a later one.
    """

    by_results: float
    by_odds: float
    lately: float
    at_home: float
    form: float
    scored: int
    conceded: int
    rest: int | None
    reds: int
    played: int
    recent: int
    came: int
    joins: bool
    known: bool
    stake: Stake
    finish: Finish | None = None


class Case(Struct, frozen=True):
    """Probabilities and what moved them: ``base`` plus all ``contributions`` is ``probabilities``.

    ``grid`` ``[11, 11]`` agrees with the rounded probabilities. ``intervals`` (low, high) hold with
    ``interval_coverage``, ``outcome_set`` with ``outcome_set_coverage``. ``market`` is what the odds say, and
    ``closing_odds`` where they are expected at kick-off, where there are any. ``corners`` ``[2]`` are those to expect
    of each side, NaN where that is not known. ``licensed`` tells whether to bet on this league,
    ``poor_league`` whether its forecasts were worse than most.
    ``more_goals`` is how many goals more there are between these clubs than is usual in the league.
    """

    fixture: Fixture
    probabilities: Triple
    rounded: Triple
    base: Triple
    contributions: Mapping[str, Sequence[float]]
    grid: Floats
    corners: Floats
    intervals: Sequence[Sequence[float]]
    interval_coverage: float
    outcome_set: tuple[Outcome, ...]
    outcome_set_coverage: float
    licensed: bool
    more_goals: float
    home: ClubFacts
    away: ClubFacts
    data_through: date
    market: Triple | None = None
    closing_odds: Triple | None = None
    poor_league: bool = False

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
        return self.probabilities.index(max(self.probabilities))

    def name(self, outcome: int) -> str:
        """The outcome as a sentence names it."""
        return (self.fixture.home.name, "a draw", self.fixture.away.name)[outcome]

    def odds(self) -> Triple | None:
        """The odds given, in order."""
        given = self.fixture.odds
        return None if given is None else (given.home, given.draw, given.away)
