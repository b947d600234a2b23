"""What tools answer: some figures of the API's answers, under the API's names, and where they are from."""

from datetime import date, datetime

from msgspec import Struct

from sabiscore.domain import (
    Confidence,
    ExpectedGoals,
    Outcome,
    Recommendation,
    Scoreline,
    SideCounts,
    Uncertainty,
    Value,
)
from sabiscore.ledger.schemas import Compared
from sabiscore.season.schemas import TeamRating

NO_STAKE = "No stake: in this league predictions with odds have not been shown to beat the odds."


class Source(Struct, frozen=True):
    """Which bundle says so, the last day whose matches it knows, and the page where people find the same."""

    bundle: str
    data_through: date
    page: str


class Worth(Struct, frozen=True, omit_defaults=True):
    """What the odds given on an outcome are worth; ``stake``, a share of the bankroll, only where there may be one."""

    outcome: Outcome
    market_prob: float
    fair_odds: float | None
    edge: float
    expected_value: float
    stake: float | None = None


class Predicted(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A prediction; ``worth`` and ``note`` where odds were given."""

    home: str
    away: str
    league: str
    kickoff_time: datetime
    home_win_prob: float
    draw_prob: float
    away_win_prob: float
    recommended_bet: Recommendation
    confidence: Confidence
    reasoning: list[str]
    expected_goals: ExpectedGoals
    likeliest_scores: list[Scoreline]
    uncertainty: Uncertainty
    worth: list[Worth] = []
    note: str = ""
    source: Source


class Listed(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A fixture on a list; ``page`` is where people find it."""

    home: str
    away: str
    league: str
    kickoff_time: datetime
    home_win_prob: float
    draw_prob: float
    away_win_prob: float
    confidence: Confidence
    page: str


class FixtureList(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Fixtures to come in the order of time; ``more`` are not shown."""

    fixtures: list[Listed]
    more: int = 0
    note: str = ""
    source: Source


class Place(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A club in its table, with chances where they are projected."""

    position: int
    team: str
    played: int
    goal_difference: int
    points: int
    form: str
    expected_points: float | None = None
    title: float | None = None
    europe: float | None = None
    promotion: float | None = None
    relegation: float | None = None


class Table(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The table of a league."""

    league: str
    season: str
    rows: list[Place]
    note: str = ""
    source: Source


class Match(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A match of a club, played or to come; probabilities are those of before kick-off."""

    date: date | None
    home: str
    away: str
    score: SideCounts | None = None
    home_win_prob: float | None = None
    draw_prob: float | None = None
    away_win_prob: float | None = None


class Team(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A club: where it stands, how good it is, its last matches, the newest first, and its next."""

    team: str
    league: str
    season: str
    position: int | None
    rating: TeamRating | None
    form: str
    last: list[Match]
    next: list[Match]
    source: Source


class Record(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How good predictions were that were sealed before kick-off, beside others on the same matches."""

    statement: str
    sealed: int
    settled: int
    matches: Compared | None = None
    source: Source


def worth(value: Value) -> list[Worth]:
    """What odds are worth, without a stake where there may be none."""
    return [
        Worth(
            outcome=each.outcome,
            market_prob=each.market_prob,
            fair_odds=each.fair_odds,
            edge=each.edge,
            expected_value=each.expected_value,
            stake=each.kelly_stake if value.licensed else None,
        )
        for each in value.outcomes
    ]
