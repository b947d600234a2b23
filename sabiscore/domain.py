"""The words of the product: what is asked and what is answered. No I/O.

Home, draw, away stand in this order everywhere: arrays ``[n, 3]``, classes, columns, JSON.
"""

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

Outcome: TypeAlias = Literal["home", "draw", "away"]
Recommendation: TypeAlias = Literal["home", "draw", "away", "no_bet"]
Confidence: TypeAlias = Literal["low", "medium", "high"]
Detail: TypeAlias = Literal["summary", "full"]

Time: TypeAlias = Annotated[datetime, Meta(tz=True)]
"""A moment as JSON has it, RFC 3339 with an offset."""

Language: TypeAlias = Literal["en", "de", "es", "it", "fr"]
"""Of the sentences of an answer."""

OUTCOMES: tuple[Outcome, Outcome, Outcome] = ("home", "draw", "away")

HALF_TIME, FULL_TIME = 45, 90
"""Minutes of a match. In stoppage time the half counts as over."""

LAST_MINUTE, MOST_GOALS, MOST_RED_CARDS = 120, 10, 4
"""What can be said of a match that is being played: its minute, goals and red cards of a side."""

MOST_ADJUSTED = 2.0
"""Goals by which those expected of a side may be adjusted, up or down."""


def season_start(year: int) -> date:
    """The first day of the season of ``year``: 1 July, but in 2020, when the one before ended on 2 August."""
    return date(2020, 8, 3) if year == 2020 else date(year, 7, 1)  # noqa: PLR2004


class League(Struct, frozen=True):
    """A league: ``code`` as football-data.co.uk has it (E0), ``name`` as people say it.

    ``level`` is 1 for the first division of its country, 2 for the second.
    """

    code: str
    name: str
    country: str
    level: int = 1


class Club(Struct, frozen=True):
    """A club: ``key`` is its name in the canonical match frame, ``name`` its full name."""

    key: str
    name: str


class Odds(Struct, frozen=True):
    """Decimal odds of one bookmaker (or an average of them) on the three outcomes."""

    home: float
    draw: float
    away: float


class GoalAdjustment(Struct, frozen=True):
    """Goals that whoever asks adds to those expected of each side: -0.2 for a forward who is injured."""

    home: float = 0.0
    away: float = 0.0


class Fixture(Struct, frozen=True):
    """A match to be played, resolved: ``kickoff`` is an aware datetime in UTC.

    On ``neutral`` ground nobody plays at home, and ``home`` is the side that is named first.
    """

    league: League
    home: Club
    away: Club
    kickoff: datetime
    odds: Odds | None = None
    neutral: bool = False
    adjust: GoalAdjustment | None = None


class ListedFixture(Struct, frozen=True):
    """A fixture on the list of those that come, by its keys: ``season`` is the year that its season starts in.

    ``kickoff`` is in UTC, ``odds`` are what the list has, an average of bookmakers; ``id`` is that of
    `sabiscore.data.ids`.
    """

    id: str
    league: str
    season: int
    home: str
    away: str
    kickoff: datetime
    odds: Odds | None = None


class FixtureInfo(Struct, frozen=True):
    """The fixture as the answer names it; ``kickoff_time`` is in UTC."""

    home_team: str
    away_team: str
    league: str
    league_name: str
    kickoff_time: Time


class ModelInfo(Struct, frozen=True):
    """Which bundle answered: its short digest and the date of the last match it knows."""

    version: str
    data_through: date


class ExpectedGoals(Struct, frozen=True):
    """Goals of each side to expect, two decimals."""

    home: float
    away: float


class ByOutcome(Struct, frozen=True):
    """A probability for each of three outcomes; they sum to exactly 1."""

    home: float
    draw: float
    away: float


class Total(Struct, frozen=True):
    """More or fewer than ``line``: goals, or corners where that is said. The two sum to 1."""

    line: float
    over: float
    under: float


class BothTeamsToScore(Struct, frozen=True):
    """Whether each side scores at least once; the two sum to 1."""

    yes: float
    no: float


class DoubleChance(Struct, frozen=True):
    """Two outcomes in one bet: each the sum of their probabilities."""

    home_or_draw: float
    home_or_away: float
    draw_or_away: float


class DrawNoBet(Struct, frozen=True):
    """Who wins if someone does, since a draw returns the stake; the two sum to 1."""

    home: float
    away: float


class Handicap(Struct, frozen=True):
    """An Asian handicap: ``line`` goals given to the home side, and as many taken from the away side.

    ``home`` and ``away`` are the shares of the stake at risk that win, and sum to 1: the inverse of each is
    its fair decimal odds, as bookmakers quote both sides of a line. ``push`` is the share of the stake to
    expect back: of all of it when the handicap makes it a draw, of half on a quarter line, where half
    the stake is on each of the two lines beside it.
    """

    line: float
    home: float
    away: float
    push: float


class ByClub(Struct, frozen=True):
    """A probability for each club, of things that are not each other's contrary."""

    home: float
    away: float


class TeamTotals(Struct, frozen=True):
    """More or fewer goals of each club."""

    home: list[Total]
    away: list[Total]


class HalfTimeFullTime(Struct, frozen=True):
    """The outcome at half-time, then the one at the end: ``draw_home`` is a draw at half-time and a home win.

    Those with the same end sum to its probability, those with the same half-time to that of `half_time_result`.
    """

    home_home: float
    home_draw: float
    home_away: float
    draw_home: float
    draw_draw: float
    draw_away: float
    away_home: float
    away_draw: float
    away_away: float


class ExpectedCorners(Struct, frozen=True):
    """Corners of each side to expect, two decimals."""

    home: float
    away: float


class Corners(Struct, frozen=True):
    """Corners to expect of each side, bets on all of them, and who has ``most``."""

    expected: ExpectedCorners
    over_under: list[Total]
    most: ByOutcome


class Markets(Struct, frozen=True, omit_defaults=True):
    """What one goal grid says of other bets. All probabilities have three decimals and agree.

    Half-time is left out of a match that is being played, ``corners`` where those of the league are not known.
    """

    over_under: list[Total]
    both_teams_to_score: BothTeamsToScore
    double_chance: DoubleChance
    draw_no_bet: DrawNoBet
    asian_handicap: list[Handicap]
    clean_sheet: ByClub
    win_to_nil: ByClub
    team_totals: TeamTotals
    half_time_result: ByOutcome | None = None
    half_time_goals: list[Total] | None = None
    half_time_full_time: HalfTimeFullTime | None = None
    corners: Corners | None = None


class Bet(Struct, frozen=True, omit_defaults=True):
    """One of the bets of an answer: ``market`` and ``selection`` as its fields are named, a ``line`` where it has one.

    ``prob`` is the probability that the answer gives it, of an Asian handicap the share of the stake at risk that
    wins. ``fair_odds`` are the decimal odds at which it breaks even, ``minimum_odds`` the least that are worth 5 % of
    the stake; both are null for what cannot win.
    """

    market: str
    selection: str
    prob: float
    fair_odds: float | None
    minimum_odds: float | None
    line: float | None = None


class Scoreline(Struct, frozen=True):
    """A final score and its probability, three decimals."""

    home: int
    away: int
    prob: float


class Interval(Struct, frozen=True):
    """From ``low`` to ``high``, both probabilities."""

    low: float
    high: float


class Uncertainty(Struct, frozen=True):
    """How sure the probabilities themselves are.

    The intervals hold with the stated ``coverage``; ``outcome_set`` holds what happens in
    ``outcome_set_coverage`` of matches.
    """

    home_win: Interval
    draw: Interval
    away_win: Interval
    coverage: float
    outcome_set: list[Outcome]
    outcome_set_coverage: float


class OutcomeValue(Struct, frozen=True):
    """What the odds given on one outcome are worth.

    ``market_prob`` is what the odds say without the margin, ``fair_odds`` the decimal odds at which ours
    breaks even and ``minimum_odds`` the least that are worth a bet (none for what we think impossible), ``edge`` ours
    less the market's, ``expected_value`` the profit to expect per unit staked, ``kelly_stake`` a share of the
    bankroll, ``expected_closing_odds`` where these odds are expected to be at kick-off, with the same margin.
    """

    outcome: Outcome
    market_prob: float
    fair_odds: float | None
    minimum_odds: float | None
    edge: float
    expected_value: float
    kelly_stake: float
    expected_closing_odds: float


class Value(Struct, frozen=True):
    """What the odds given are worth, home, draw, away.

    ``margin`` is the bookmaker's. ``licensed`` tells whether the model has been good enough against this
    league's market to bet on what it says; where it has not, every stake is 0.
    """

    margin: float
    outcomes: list[OutcomeValue]
    licensed: bool


class Points(Struct, frozen=True):
    """Points of probability: 100 are certainty."""

    home: float
    draw: float
    away: float


class Contribution(Struct, frozen=True):
    """What one group of facts adds to each probability, in points; the three sum to 0, to rounding."""

    group: str
    home: float
    draw: float
    away: float


class Explanation(Struct, frozen=True):
    """``base`` plus all ``contributions`` is the prediction, in points and to rounding.

    ``base`` is what two average clubs of the league would get.
    """

    base: Points
    contributions: list[Contribution]


class Prediction(Struct, frozen=True, omit_defaults=True):
    """The answer. The first six fields are the frontend's contract: they never change.

    The three probabilities have three decimals and sum to exactly 1; all other figures agree with them.
    ``value`` is there when odds were given, ``score_grid`` (home goals by away goals) and ``bets``, all bets in one
    list with what odds they are worth, when asked for; ``neutral`` and ``adjust`` as they were asked.
    """

    home_win_prob: float
    draw_prob: float
    away_win_prob: float
    recommended_bet: Recommendation
    confidence: Confidence
    reasoning: list[str]
    fixture: FixtureInfo
    model: ModelInfo
    expected_goals: ExpectedGoals
    markets: Markets
    scorelines: list[Scoreline]
    uncertainty: Uncertainty
    explanation: Explanation
    value: Value | None = None
    score_grid: list[list[float]] | None = None
    bets: list[Bet] | None = None
    neutral: bool = False
    adjust: GoalAdjustment | None = None


class SideCounts(Struct, frozen=True):
    """How many of something each side has: goals, red cards."""

    home: int
    away: int


class InPlay(Struct, frozen=True):
    """How a match that is being played stands: in which ``minute``, 0 to `LAST_MINUTE`, 90 and later being the end."""

    minute: int
    score: SideCounts
    red_cards: SideCounts = SideCounts(0, 0)


class InPlayPrediction(Struct, frozen=True, omit_defaults=True):
    """How a match that is being played will end: the three probabilities have three decimals and sum to exactly 1.

    Everything is of the final score, goals scored already counted. ``measured`` tells whether such answers were
    measured on past matches, ``statement`` how this one was made.
    """

    home_win_prob: float
    draw_prob: float
    away_win_prob: float
    in_play: InPlay
    measured: bool
    statement: str
    fixture: FixtureInfo
    model: ModelInfo
    expected_goals: ExpectedGoals
    markets: Markets
    scorelines: list[Scoreline]
    score_grid: list[list[float]] | None = None
    bets: list[Bet] | None = None
    neutral: bool = False
    adjust: GoalAdjustment | None = None
