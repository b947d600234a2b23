"""The columns of a snapshot: what is kept of a club and of a league. The order of the fields is theirs."""

import msgspec
from msgspec import Struct


class ClubState(Struct, frozen=True):
    """What is kept of a club. Zero is an average club of its league.

    Goals and shots (on target) are relative to the league's mean at that venue (0.2 is 20 % more). ``results`` and
    ``strength`` are Kalman ratings in goals of difference a match, the first from results and statistics, the
    second from closing odds of past matches too; ``_home`` is a club's own home advantage beyond its league's.
    ``total`` is how many goals more than others its matches have. ``priced`` is 1 when its last match had odds.
    """

    goals_for: float
    goals_against: float
    shots_for: float
    shots_against: float
    promoted: float
    results: float
    results_home: float
    results_variance: float
    strength: float
    strength_home: float
    strength_variance: float
    total: float
    total_variance: float
    priced: float


CLUB = ClubState.__struct_fields__

MEASURED = ("goals", "shots_on_target", "shots", "corners")


class LeagueState(Struct, frozen=True):
    """What is kept of a league, each with what is believed of one of which nothing is known.

    Running means a match of what is MEASURED; then what the filters hold: the home advantage of the two ratings, and
    the goals of both sides together.
    """

    home_goals: float = 1.5
    home_shots_on_target: float = 5.0
    home_shots: float = 13.5
    home_corners: float = 5.5
    away_goals: float = 1.1
    away_shots_on_target: float = 4.0
    away_shots: float = 11.0
    away_corners: float = 4.5
    results_home: float = 0.445
    strength_home: float = 0.445
    total: float = 2.6


LEAGUE_PRIOR: dict[str, float] = msgspec.structs.asdict(LeagueState())

LEAGUE = tuple(LEAGUE_PRIOR)

LEAGUE_MEANS = 2 * len(MEASURED)
"""How many of them are running means; the others are filtered with the clubs."""

LEAGUE_PRIOR_MATCHES = 50
"""How many matches of a league that belief is worth."""
