"""The words of the product: what is asked and what is answered. No I/O.

Home, draw, away stand in this order everywhere: arrays ``[n, 3]``, classes, columns, JSON.
"""

from datetime import date, datetime
from typing import Literal, TypeAlias

from msgspec import Struct

Outcome: TypeAlias = Literal["home", "draw", "away"]
Recommendation: TypeAlias = Literal["home", "draw", "away", "no_bet"]
Confidence: TypeAlias = Literal["low", "medium", "high"]

OUTCOMES: tuple[Outcome, Outcome, Outcome] = ("home", "draw", "away")


class League(Struct, frozen=True):
    """A league: ``code`` as football-data.co.uk has it (E0), ``name`` as people say it."""

    code: str
    name: str
    country: str


class Club(Struct, frozen=True):
    """A club: ``key`` is its name in the canonical match frame, ``name`` its full name."""

    key: str
    name: str


class Odds(Struct, frozen=True):
    """Decimal odds of one bookmaker (or an average of them) on the three outcomes."""

    home: float
    draw: float
    away: float


class Fixture(Struct, frozen=True):
    """A match to be played, resolved: ``kickoff`` is an aware datetime in UTC."""

    league: League
    home: Club
    away: Club
    kickoff: datetime
    odds: Odds | None = None


class FixtureInfo(Struct, frozen=True):
    """The fixture as the answer names it; ``kickoff_time`` is in UTC."""

    home_team: str
    away_team: str
    league: str
    league_name: str
    kickoff_time: datetime


class ModelInfo(Struct, frozen=True):
    """Which bundle answered: its short digest and the date of the last match it knows."""

    version: str
    data_through: date


class Prediction(Struct, frozen=True):
    """The answer. The first six fields are the frontend's contract: they never change.

    The three probabilities have three decimals and sum to exactly 1.
    """

    home_win_prob: float
    draw_prob: float
    away_win_prob: float
    recommended_bet: Recommendation
    confidence: Confidence
    reasoning: list[str]
    fixture: FixtureInfo
    model: ModelInfo
