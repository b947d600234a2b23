"""What the ledger holds and what the record says, as JSON has it.

Home, draw, away in this order; a league is its code, a club its key; times are in UTC.
"""

from datetime import date, datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from sabiscore.domain import ByOutcome, Odds, Outcome, Recommendation, Time

Forecast: TypeAlias = Literal["ours", "ours_with_odds", "market", "closing", "base_rates"]
"""Whose probabilities: ours without and with odds, the odds at the time of ours, those at kick-off, how often so far.

A market's are without its margin, taken off in proportion.
"""

Question: TypeAlias = Literal["calibration", "market"]
"""What an alarm is about: that outcomes come as often as said; that we are behind the market by no more than stated."""


class Sealed(Struct, frozen=True, omit_defaults=True):
    """What was said of a fixture before ``kickoff_time``.

    ``bundle`` is the digest of the bundle that said it. Probabilities are unrounded, so that whoever scores them gets
    our figures; ``with_odds`` are those given the ``odds`` of that time, where there were any. ``recommended_bet`` is
    the answer's, with odds where there were any.
    """

    id: str
    league: str
    season: int
    home: str
    away: str
    kickoff_time: Time
    sealed_at: Time
    bundle: str
    probabilities: ByOutcome
    with_odds: ByOutcome | None = None
    odds: Odds | None = None
    recommended_bet: Recommendation = "no_bet"


class Settled(Struct, frozen=True, omit_defaults=True):
    """How a sealed fixture ended.

    ``base_rates`` are how often each outcome had happened in the league before its day. A later one of the same ``id``
    corrects it.
    """

    id: str
    date: date
    home_goals: int
    away_goals: int
    result: Outcome
    settled_at: datetime
    base_rates: ByOutcome
    closing_odds: Odds | None = None


class Head(Struct, frozen=True):
    """Where a ledger ends: the number of its lines, and the sha256 of the last one."""

    lines: int
    sha256: str


class Figure(Struct, frozen=True, omit_defaults=True):
    """A mean and its 95 % interval, by a bootstrap of weeks of leagues; none of fewer than ten of these."""

    value: float
    low: float | None = None
    high: float | None = None


class Measured(Struct, frozen=True):
    """How good a forecast was: lower is better, but for ``accuracy``.

    ``rps`` is the ranked probability score, ``brier`` the sum form, 0 to 2, ``ece`` the expected calibration error of
    15 bins, mean of the three outcomes.
    """

    rps: Figure
    log_loss: Figure
    brier: Figure
    accuracy: Figure
    ece: float


class Compared(Struct, frozen=True):
    """Forecasts on the same ``n`` matches; ``behind`` is RPS of ours less another's, match by match."""

    n: int
    forecasts: dict[Forecast, Measured]
    behind: dict[Forecast, Figure]


class Bets(Struct, frozen=True):
    """The ``n`` bets that were recommended at the odds of that time and have been settled.

    ``closing_line_value`` is the profit per unit to expect at these odds if the closing line, without its margin, is
    right, of the ``closed`` bets with closing odds; ``profit`` what a unit on each brought.
    """

    n: int
    closed: int
    closing_line_value: Figure | None
    profit: Figure


class Point(Struct, frozen=True):
    """``n`` probabilities near each other: their mean, and how often it happened."""

    said: float
    happened: float
    n: int


class Part(Struct, frozen=True, omit_defaults=True):
    """The record on some matches.

    ``matches`` has all of them; ``priced`` those that had odds when they were sealed; ``closed`` those that had
    closing odds as well. ``reliability`` is of our probabilities without odds.
    """

    since: date
    through: date
    matches: Compared
    priced: Compared | None = None
    closed: Compared | None = None
    bets: Bets | None = None
    reliability: dict[Outcome, list[Point]] = {}


class Alarm(Struct, frozen=True, omit_defaults=True):
    """Evidence, in a league, against what is promised of our probabilities.

    ``evidence`` is what a stake of 1 has become in bets that lose on average while the promise is kept, ``highest``
    the most that it has been. It reaches ``threshold`` with a chance of 1 in ``threshold`` at most, however long one
    watches; then the alarm has ``fired``, on the match day ``since``. ``n`` matches were looked at.
    """

    league: str
    question: Question
    n: int
    evidence: float
    highest: float
    threshold: float
    fired: bool
    since: date | None = None


class Shift(Struct, frozen=True):
    """How far what the model sees of coming fixtures is from what it was trained on: population stability index."""

    feature: str
    psi: float


class Drift(Struct, frozen=True):
    """Shifts of ``n`` fixtures, the largest first; one above ``limit`` is an alarm."""

    n: int
    limit: float
    shifts: list[Shift]
    fired: bool


class Record(Struct, frozen=True, omit_defaults=True):
    """How good we were, live: of each fixture what was said last before its kick-off.

    ``statement`` says it in a sentence, and where nothing is settled yet points to the backtest. Of ``sealed``
    fixtures ``settled`` have a result. Parts are by code of the league, by season ("2025/26"), by both, and by month
    ("2025-08"). ``ledger`` is where the ledger ended that this was made of.
    """

    statement: str
    sealed: int
    settled: int
    ledger: Head
    since: date | None = None
    through: date | None = None
    overall: Part | None = None
    leagues: dict[str, Part] = {}
    seasons: dict[str, Part] = {}
    league_seasons: dict[str, dict[str, Part]] = {}
    months: dict[str, Part] = {}
    alarms: list[Alarm] = []
    drift: Drift | None = None

    @property
    def fired(self) -> bool:
        """Whether any alarm has."""
        return any(each.fired for each in self.alarms) or (self.drift is not None and self.drift.fired)

    def part(self, league: str | None = None, season: str | None = None) -> Part | None:
        """The record of a league, a season, both or everything; None where nothing of it is settled."""
        if league is None:
            return self.overall if season is None else self.seasons.get(season)
        if season is None:
            return self.leagues.get(league)
        return self.league_seasons.get(league, {}).get(season)
