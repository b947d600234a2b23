"""The columns of a row. Each is a sum of what is known before kick-off; its group and its neutral value stand with it.

The order of `COLUMNS` is theirs. Groups are what a reason can name; the first, the setting of a match, has no average
and is never named.
"""

import hashlib
from typing import TypeAlias

import numpy as np
from msgspec import Struct

from sabiscore.arrays import Floats, Matrix
from sabiscore.features import components, motivation
from sabiscore.features.motivation import LINES, Motivation
from sabiscore.features.timeline import Index, Standing

FULL_REST = 30
"""Days of rest beyond which more make no difference."""

NOTHING = "nothing"
OF_CLUBS = (
    *components.CLUB,
    *motivation.NAMES,
    *("rest", "congestion", "came", "joins", "over_the_years"),
)
OF_FIXTURE = (*components.LEAGUE, "division", "month", "own_home", "stake", "goals_at_stake", NOTHING)
"""What a column may be made from: of both clubs, with ``home_`` or ``away_`` before it, and of their fixture."""

KNOWN = (*(f"{side}_{name}" for name in OF_CLUBS for side in ("home", "away")), *OF_FIXTURE)

Pair: TypeAlias = tuple[str, str]
"""Two of what is `KNOWN`, to be added; with a minus before it, it is taken away."""


class Column(Struct, frozen=True):
    """A column: its group, its value for two average clubs in mid-season, and the pairs that it is the sum of."""

    group: str
    neutral: float
    first: Pair
    second: Pair = (NOTHING, NOTHING)


def _alone(name: str) -> Pair:
    return (name, NOTHING)


def _ahead(name: str) -> Pair:
    """By how much the home club's is above the away club's."""
    return (f"home_{name}", f"-away_{name}")


def _behind(name: str) -> Pair:
    return (f"-home_{name}", f"away_{name}")


def _both(name: str) -> Pair:
    return (f"home_{name}", f"away_{name}")


def _of_sides(name: str, group: str, neutral: float) -> dict[str, Column]:
    """A column of the home club and one of the away club."""
    return {f"{side}_{name}": Column(group, neutral, _alone(f"{side}_{name}")) for side in ("home", "away")}


def _of_lines() -> dict[str, Column]:
    """How important each line is to both, and how far away."""
    found: dict[str, Column] = {}
    for line in range(LINES):
        found |= _of_sides(f"importance_{line}", "motivation", 0.05)
        found |= _of_sides(f"gap_{line}", "motivation", 0.0)
    return found


COLUMNS: dict[str, Column] = {
    # What playing at home is worth in the league, and how many goals there are in it.
    "home_advantage": Column("league", 0.31, _alone("home_advantage")),
    "goal_level": Column("league", 0.45, _alone("goal_level"), ("mean_goals", "mean_goals")),
    # 0 for a first division, 1 for a second, and so on; 1 for January.
    "division": Column("league", 0.0, _alone("division")),
    "month": Column("league", 1.0, _alone("month")),
    # How much better the home club is by what was played, and by closing odds of past matches.
    "results": Column("results", 0.0, _ahead("strength_played")),
    "prices": Column("prices", 0.0, _ahead("strength_slow"), _behind("strength_played")),
    # How much better than expected the last odds of the home club were, less those of the away club.
    "surprised": Column("prices", 0.0, _ahead("surprised")),
    # How much better of late than in the long run.
    "recent": Column("recent", 0.0, _ahead("strength_fast"), _ahead("strength_faster")),
    # By how many goals the club beat its closing odds of late.
    **_of_sides("form", "recent", 0.0),
    # How much better than over the years; 0 for a club that was not there.
    **_of_sides("over_the_years", "recent", 0.0),
    # The home club's own home advantage.
    "own_home": Column("home", 0.0, _alone("own_home")),
    # How many goals more than the league's the clubs' matches have; the same, of late.
    "goals": Column("goals", 0.0, _both("goals_slow"), ("-mean_goals", "-mean_goals")),
    "recent_goals": Column("goals", 0.0, _both("goals_fast"), _both("goals_faster")),
    # What is at stake for both, as difference and as number of goals.
    "stake": Column("motivation", 0.0, _alone("stake")),
    "goals_at_stake": Column("motivation", 0.0, _alone("goals_at_stake")),
    **_of_lines(),
    # Whether the club has nothing left to play for; its place in the table, from 0 to 1; its points a match; its
    # matches that remain.
    **_of_sides("dead", "motivation", 0.0),
    **_of_sides("place", "motivation", 0.5),
    **_of_sides("points", "motivation", 1.35),
    **_of_sides("remaining", "motivation", 19.0),
    # Days since its last match; its matches of the last two weeks; its red cards in its last match.
    **_of_sides("rest", "schedule", 7.0),
    **_of_sides("congestion", "schedule", 2.0),
    **_of_sides("reds", "schedule", 0.0),
    # By how many divisions it went down in the last summer (up is below 0); whether it comes from outside.
    **_of_sides("came", "promotion", 0.0),
    **_of_sides("joins", "promotion", 0.0),
    # How uncertain the strength of both clubs is, and how many goals their matches have.
    "variance": Column("certainty", 0.09, _both("strength_slow_variance"), _both("strength_fast_variance")),
    "goals_variance": Column("certainty", 0.01, _both("goals_slow_variance"), _both("goals_fast_variance")),
}

NAMES = tuple(COLUMNS)
NEUTRAL = tuple(each.neutral for each in COLUMNS.values())
GROUPS = tuple(dict.fromkeys(each.group for each in COLUMNS.values()))
EXPLAINED_GROUPS = GROUPS[1:]
"""The groups a reason may name: all but the setting of the match."""


def index(*names: str) -> tuple[int, ...]:
    """The places of columns."""
    return tuple(map(NAMES.index, names))


def of_group(*groups: str) -> tuple[int, ...]:
    """The places of all columns of some groups."""
    return tuple(place for place, each in enumerate(COLUMNS.values()) if each.group in groups)


VARIANCE = NAMES.index("variance")


class Known(Struct, frozen=True):
    """What is known of ``n`` fixtures before kick-off.

    ``values`` ``[2, n, k]`` are the clubs, home ones first, as `components.CLUB`; ``standing`` and ``motivation``
    ``[2, n]`` where they stand and what they play for, which is ``worth`` ``[2, n]`` so much for the difference of
    goals and for their sum; ``rested`` ``[2, n]`` the days since their last match; ``month`` and ``league`` ``[n, 6]``
    those of the fixture, as `components.LEAGUE`; ``open_doors`` ``[n]`` is the share of home advantage there is, none
    on neutral ground.
    """

    values: Floats
    standing: Standing
    motivation: Motivation
    worth: Floats
    rested: Index
    month: Index
    league: Floats
    open_doors: Floats


_OF_CLUBS = {name: place for place, name in enumerate(OF_CLUBS)}
_OF_FIXTURE = {name: place for place, name in enumerate(OF_FIXTURE)}
_VALUES = slice(0, len(components.CLUB))
_MOTIVATION = slice(_VALUES.stop, _VALUES.stop + len(motivation.NAMES))
_LEAGUE = slice(0, len(components.LEAGUE))
_STAKES = slice(_OF_FIXTURE["stake"], _OF_FIXTURE["goals_at_stake"] + 1)
_PLACES = {sign + name: place for place, (sign, name) in enumerate((s, k) for s in ("", "-") for k in KNOWN)}
_SUMMANDS = np.array(
    [[_PLACES[name] for name in (*each.first, *each.second)] for each in COLUMNS.values()]
).T.copy()


def matrix(known: Known) -> Matrix:
    """The rows ``[n, columns]`` of fixtures."""
    one, other, third, fourth = _signed(known).take(_SUMMANDS, axis=0)
    found: Matrix = (one + other + (third + fourth)).T.astype(np.float32, order="C")
    return found


def _signed(known: Known) -> Floats:
    """All that is `KNOWN`, then the same below 0 ``[2 * k, n]``."""
    at, of = _OF_CLUBS, _OF_FIXTURE
    sheet = np.zeros((2, len(KNOWN), len(known.month)))
    clubs = sheet[0, : 2 * len(at)].reshape(len(at), 2, -1)
    fixture = sheet[0, 2 * len(at) :]
    clubs[_VALUES] = known.values.transpose(2, 0, 1)
    clubs[_MOTIVATION] = known.motivation.values.transpose(2, 0, 1)
    clubs[at["rest"]] = np.minimum(known.rested, FULL_REST)
    clubs[at["congestion"]] = known.standing.recent
    clubs[at["came"]] = known.standing.came
    clubs[at["joins"]] = known.standing.joins
    now, before = clubs[at["strength_slow"]] + clubs[at["strength_fast"]], clubs[at["long_run"]]
    np.subtract(now, before, out=clubs[at["over_the_years"]], where=before != 0.0)
    fixture[_LEAGUE] = known.league.T
    fixture[of["home_advantage"]] *= known.open_doors
    fixture[of["division"]] = known.standing.level[0]
    fixture[of["month"]] = known.month
    np.multiply(clubs[at["strength_home"], 0], known.open_doors, out=fixture[of["own_home"]])
    fixture[_STAKES] = known.worth
    np.negative(sheet[0], out=sheet[1])
    return sheet.reshape(2 * len(KNOWN), -1)


def fingerprint() -> str:
    """Changes whenever a bundle's model could misread a row: names, order, or components changed."""
    text = "\n".join((*NAMES, "--", *components.CLUB, "--", *components.LEAGUE))
    return hashlib.sha256(text.encode()).hexdigest()
