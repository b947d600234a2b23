"""The columns of a row. Each is one function: its name, its group and its neutral value stand with it.

The order of the functions is the order of the columns. Groups are what a reason can name; the first, the setting of a
match, has no average and is never named.
"""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features import components
from sabiscore.features.calendar import month_of
from sabiscore.features.motivation import LINES, Motivation
from sabiscore.features.timeline import Index, Standing

HOME, AWAY = 0, 1
FULL_REST = 30
"""Days of rest beyond which more make no difference."""


class Known(Struct, frozen=True):
    """What is known of ``n`` fixtures before kick-off.

    ``values`` ``[2, n, k]`` are the clubs, home ones first, as `components.CLUB`; ``standing`` and ``motivation``
    ``[2, n]`` where they stand and what they play for, which is ``worth`` ``[2, n]`` so much for the difference of
    goals and for their sum; ``days`` and ``level`` ``[n]`` the day and the division; ``league`` ``[n, 6]`` as
    `components.LEAGUE`; ``open_doors`` ``[n]`` is the share of home advantage there is.
    """

    values: Floats
    standing: Standing
    days: Index
    level: Index
    league: Floats
    open_doors: Floats
    motivation: Motivation
    worth: Floats

    def club(self, side: int, name: str) -> Floats:
        """A component ``[n]`` of the clubs of one side."""
        found: Floats = self.values[side, :, _CLUB[name]]
        return found

    def ahead(self, name: str) -> Floats:
        """By how much the home club's component is above the away club's ``[n]``."""
        return self.club(HOME, name) - self.club(AWAY, name)

    def both(self, name: str) -> Floats:
        """The sum ``[n]`` of a component of both clubs."""
        return self.club(HOME, name) + self.club(AWAY, name)

    def of_league(self, name: str) -> Floats:
        """A component ``[n]`` of the leagues."""
        found: Floats = self.league[:, _LEAGUE[name]]
        return found


_CLUB = {name: place for place, name in enumerate(components.CLUB)}
_LEAGUE = {name: place for place, name in enumerate(components.LEAGUE)}

Make: TypeAlias = Callable[[Known], Floats | Index]


class Column(Struct, frozen=True):
    """A column: how it is made, the group it belongs to, and its value for two average clubs in mid-season."""

    make: Make
    group: str
    neutral: float


COLUMNS: dict[str, Column] = {}


def column(group: str, *, neutral: float) -> Callable[[Make], Make]:
    """Register the function below as the column of its name."""

    def register(make: Make) -> Make:
        COLUMNS[make.__name__] = Column(make, group, neutral)
        return make

    return register


class MakeOfSide(Protocol):
    """Makes a column of the clubs of one side."""

    __name__: str

    def __call__(self, known: Known, side: int) -> Floats | Index:
        """The column ``[n]``."""


def columns_of_sides(group: str, *, neutral: float) -> Callable[[MakeOfSide], None]:
    """Register the function below, of a side, as two columns: of the home club and of the away club."""

    def register(make: MakeOfSide) -> None:
        for side, name in ((HOME, "home"), (AWAY, "away")):
            COLUMNS[f"{name}_{make.__name__}"] = Column(partial(make, side=side), group, neutral)

    return register


@column("league", neutral=0.31)
def home_advantage(known: Known) -> Floats:
    """What playing at home is worth in the league."""
    return known.of_league("home_advantage") * known.open_doors


@column("league", neutral=0.45)
def goal_level(known: Known) -> Floats:
    """How many goals there are in the league."""
    return known.of_league("goal_level") + 2.0 * known.of_league("mean_goals")


@column("league", neutral=0.0)
def division(known: Known) -> Index:
    """0 for a first division, 1 for a second, and so on."""
    return known.level


@column("league", neutral=1.0)
def month(known: Known) -> Index:
    """1 for January."""
    return month_of(known.days)


@column("results", neutral=0.0)
def results(known: Known) -> Floats:
    """How much better the home club is by what was played."""
    return known.ahead("strength_played")


@column("prices", neutral=0.0)
def prices(known: Known) -> Floats:
    """How much better by closing odds of past matches."""
    return known.ahead("strength_slow") - known.ahead("strength_played")


@column("prices", neutral=0.0)
def surprised(known: Known) -> Floats:
    """How much better than expected the last odds of the home club were, less those of the away club."""
    return known.ahead("surprised")


@column("recent", neutral=0.0)
def recent(known: Known) -> Floats:
    """How much better of late than in the long run."""
    return known.ahead("strength_fast") + known.ahead("strength_faster")


@columns_of_sides("recent", neutral=0.0)
def form(known: Known, side: int) -> Floats:
    """By how many goals the club beat its closing odds of late."""
    return known.club(side, "form")


@columns_of_sides("recent", neutral=0.0)
def over_the_years(known: Known, side: int) -> Floats:
    """How much better than over the years; 0 for a club that was not there."""
    now = known.club(side, "strength_slow") + known.club(side, "strength_fast")
    before = known.club(side, "long_run")
    return np.where(before == 0.0, 0.0, now - before)


@column("home", neutral=0.0)
def own_home(known: Known) -> Floats:
    """The home club's own home advantage."""
    return known.club(HOME, "strength_home") * known.open_doors


@column("goals", neutral=0.0)
def goals(known: Known) -> Floats:
    """How many goals more than the league's the clubs' matches have."""
    return known.both("goals_slow") - 2.0 * known.of_league("mean_goals")


@column("goals", neutral=0.0)
def recent_goals(known: Known) -> Floats:
    """The same, of late."""
    return known.both("goals_fast") + known.both("goals_faster")


@column("motivation", neutral=0.0)
def stake(known: Known) -> Floats:
    """What is at stake for both, as difference of goals."""
    found: Floats = known.worth[0]
    return found


@column("motivation", neutral=0.0)
def goals_at_stake(known: Known) -> Floats:
    """What is at stake for both, as number of goals."""
    found: Floats = known.worth[1]
    return found


def _lines() -> None:
    """Importance and gap of each line, of each side."""
    for line in range(LINES):
        for name, neutral in (("importance", 0.05), ("gap", 0.0)):

            def of_side(known: Known, side: int, name: str = name, line: int = line) -> Floats:
                found: Floats = getattr(known.motivation, name)[side, :, line]
                return found

            of_side.__name__ = f"{name}_{line}"
            columns_of_sides("motivation", neutral=neutral)(of_side)


_lines()


@columns_of_sides("motivation", neutral=0.0)
def dead(known: Known, side: int) -> Floats:
    """Whether the club has nothing left to play for."""
    found: Floats = known.motivation.dead[side]
    return found


@columns_of_sides("motivation", neutral=0.5)
def place(known: Known, side: int) -> Floats:
    """Its place in the table, from 0 to 1."""
    found: Floats = known.motivation.place[side]
    return found


@columns_of_sides("motivation", neutral=1.35)
def points(known: Known, side: int) -> Floats:
    """Its points a match."""
    found: Floats = known.motivation.points[side]
    return found


@columns_of_sides("motivation", neutral=19.0)
def remaining(known: Known, side: int) -> Floats:
    """Its matches that remain."""
    found: Floats = known.motivation.remaining[side]
    return found


@columns_of_sides("schedule", neutral=7.0)
def rest(known: Known, side: int) -> Index:
    """Days since its last match."""
    found: Index = np.minimum(known.days - known.standing.last_day[side], FULL_REST)
    return found


@columns_of_sides("schedule", neutral=2.0)
def congestion(known: Known, side: int) -> Index:
    """Its matches of the last two weeks."""
    found: Index = known.standing.recent[side]
    return found


@columns_of_sides("schedule", neutral=0.0)
def reds(known: Known, side: int) -> Floats:
    """Its red cards in its last match."""
    return known.club(side, "reds")


@columns_of_sides("promotion", neutral=0.0)
def came(known: Known, side: int) -> Index:
    """By how many divisions it went down in the last summer; up is below 0."""
    found: Index = known.standing.came[side]
    return found


@columns_of_sides("promotion", neutral=0.0)
def joins(known: Known, side: int) -> Index:
    """Whether it comes from outside and has not played yet."""
    found: Index = known.standing.joins[side].astype(np.intp)
    return found


@column("certainty", neutral=0.09)
def variance(known: Known) -> Floats:
    """How uncertain the strength of both clubs is."""
    return known.both("strength_slow_variance") + known.both("strength_fast_variance")


@column("certainty", neutral=0.01)
def goals_variance(known: Known) -> Floats:
    """How uncertain it is how many goals their matches have."""
    return known.both("goals_slow_variance") + known.both("goals_fast_variance")


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


VARIANCE = NAMES.index(variance.__name__)


def matrix(known: Known) -> NDArray[np.float32]:
    """The rows ``[n, columns]`` of fixtures."""
    made = [each.make(known) for each in COLUMNS.values()]
    by_column = np.concatenate(made, dtype=np.float32, casting="same_kind")
    return by_column.reshape(len(made), -1).T.copy()


def fingerprint() -> str:
    """Changes whenever a bundle's model could misread a row: names, order, or components changed."""
    text = "\n".join((*NAMES, "--", *components.CLUB, "--", *components.LEAGUE))
    return hashlib.sha256(text.encode()).hexdigest()
