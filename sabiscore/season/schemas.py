"""What is said of a season over the wire: its matches, table, ratings, clubs.

Probabilities of matches have three decimals, chances of places four. ``on`` is the day as of which everything is said:
only matches of days before it count; null is now, with all that are known.
"""

from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from sabiscore.domain import ByOutcome, ExpectedGoals, Outcome, SideCounts, Time

Status: TypeAlias = Literal["upcoming", "played"]


class LeagueRef(Struct, frozen=True):
    """A league: ``id`` stands in addresses ("premier-league"), ``code`` is football-data.co.uk's (E0)."""

    id: str
    code: str
    name: str


class TeamRef(Struct, frozen=True):
    """A club: ``id`` stands in addresses ("brighton-and-hove-albion")."""

    id: str
    name: str


class SeasonMatch(Struct, frozen=True, kw_only=True):
    """A match of a season, played or to come; ``id`` stays the same when its date moves.

    ``season`` is as people write it (2024/25), ``date`` null where it is not set yet, ``kickoff_time`` (UTC) null
    where only the day is known. ``score`` and ``outcome`` are null until it is played; ``probabilities`` and
    ``expected_goals`` are what was or is said before kick-off, null where nothing is.
    """

    id: str
    league: LeagueRef
    season: str
    home: TeamRef
    away: TeamRef
    status: Status
    date: date | None
    kickoff_time: Time | None = None
    score: SideCounts | None = None
    outcome: Outcome | None = None
    probabilities: ByOutcome | None = None
    expected_goals: ExpectedGoals | None = None


class TieBreak(Struct, frozen=True):
    """How clubs with as many points are ranked: the ``rule`` in words, and whose rule it is."""

    rule: str
    source: str


class PlaceChances(Struct, frozen=True):
    """What may become of a club: ``positions`` has its chance of each final place, the first first; they sum to 1.

    The others are chances of the places that lead there, as the season began (cups move some); each counts those above
    it (who wins the title is in the Champions League's places), ``promotion_play_off`` and ``relegation_play_off``
    only their own places. Null where the league has no such place.
    """

    expected_points: float
    positions: list[float]
    title: float | None
    champions_league: float | None
    europe: float | None
    promotion: float | None
    promotion_play_off: float | None
    relegation_play_off: float | None
    relegation: float | None


class TableRow(Struct, frozen=True):
    """A club in its table.

    ``points`` are those it has, ``points_deducted`` already taken off; ``form`` are its last five results in the league
    (W, D, L), the newest last. ``projection`` is null where there is none: see `LeagueTable`.
    """

    position: int
    team: TeamRef
    played: int
    won: int
    drawn: int
    lost: int
    goals_for: int
    goals_against: int
    goal_difference: int
    points: int
    points_deducted: int
    form: str
    projection: PlaceChances | None = None


class ProjectionInfo(Struct, frozen=True):
    """How a projection was made: so many simulated seasons, each of the matches ``to_come`` that are not played."""

    simulations: int
    to_come: int
    data_through: date


class LeagueTable(Struct, frozen=True):
    """The table of a league.

    ``projection`` is null where the season is over, has not begun to be known, or is played in a way that is not
    simulated; ``note`` says why, and what else the table does not know.
    """

    league: LeagueRef
    season: str
    on: date | None
    data_through: date
    rows: list[TableRow]
    tie_break: TieBreak
    projection: ProjectionInfo | None = None
    note: str | None = None


class TeamRating(Struct, frozen=True):
    """How good a club is, against an average club of its league on neutral ground, in goals a match.

    ``strength`` is by how many it is the better side, ``uncertainty`` the standard deviation of that; ``attack`` are
    those it is expected to score and ``defence`` those it is expected to concede. ``change_30_days`` is how much
    ``strength`` has risen since 30 days before, null where the club was not known then.
    """

    rank: int
    team: TeamRef
    strength: float
    uncertainty: float
    attack: float
    defence: float
    change_30_days: float | None


class LeagueRatings(Struct, frozen=True):
    """The clubs of a league's season, the best first."""

    league: LeagueRef
    season: str
    on: date | None
    data_through: date
    teams: list[TeamRating]


class RatingPoint(Struct, frozen=True):
    """A club's ``strength`` after a match day, as `TeamRating` has it."""

    date: date
    league: str
    strength: float


class TeamPage(Struct, frozen=True):
    """A club: where it stands, how good it is and was, its last five matches (the newest first) and its next five.

    ``league`` is the one it plays or last played in; ``position`` its place there, ``ratings`` a point for each match
    day of the present and the last two seasons. A match to come whose day is not known has no ``date``; it is predicted
    as if it were next.
    """

    team: TeamRef
    league: LeagueRef
    season: str
    on: date | None
    data_through: date
    position: int | None
    rating: TeamRating | None
    ratings: list[RatingPoint]
    form: str
    last: list[SeasonMatch]
    next: list[SeasonMatch]


class Meetings(Struct, frozen=True):
    """Matches between two clubs, counted: wins and goals are of the clubs, wherever they played."""

    played: int
    home_team_wins: int
    draws: int
    away_team_wins: int
    home_team_goals: int
    away_team_goals: int


class HeadToHead(Struct, frozen=True):
    """All known matches between two clubs, the newest first; ``at_home`` counts those where ``home`` was host."""

    home: TeamRef
    away: TeamRef
    on: date | None
    data_through: date
    overall: Meetings
    at_home: Meetings
    matches: list[SeasonMatch]
    next: list[SeasonMatch]
