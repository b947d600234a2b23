"""The columns of a row. Each is one function: its name, its group and its neutral value stand with it.

The order of the functions is the order of the columns. Groups are what a reason can name; the first, the setting of a
match, has no average and is never named.
"""

import hashlib
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features import components
from sabiscore.features.timeline import Index, Standing

HOME, AWAY = 0, 1
FULL_SEASON = 38


class Known(Struct, frozen=True):
    """What is known of ``n`` fixtures before kick-off.

    ``values`` ``[2, n, k]`` are the clubs, home ones first, as `components.CLUB`; ``standing`` and ``rested``
    ``[2, n]`` where they stand; ``league`` ``[n, 11]`` as `components.LEAGUE`; ``open_doors`` ``[n]`` is the share
    of home advantage there is.
    """

    values: Floats
    standing: Standing
    rested: Index
    league: Floats
    open_doors: Floats

    def club(self, side: int, name: str) -> Floats:
        """A component ``[n]`` of the clubs of one side."""
        found: Floats = self.values[side, :, _CLUB[name]]
        return found

    def of_league(self, name: str) -> Floats:
        """A component ``[n]`` of the leagues."""
        found: Floats = self.league[:, _LEAGUE[name]]
        return found

    def ahead(self, rating: str) -> Floats:
        """How many goals better the home club is by a rating, with its own home advantage, without its league's."""
        return self.club(HOME, rating) + self.club(HOME, f"{rating}_home") - self.club(AWAY, rating)


def _counts(of_clubs: Index, side: int) -> Index:
    counts: Index = of_clubs[side]
    return counts


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


@column("league", neutral=0.35)
def home_advantage(known: Known) -> Floats:
    """Goals that playing at home is worth in the league."""
    return known.of_league("strength_home") * known.open_doors


@column("league", neutral=2.7)
def league_total(known: Known) -> Floats:
    """Goals of both sides in a match of the league."""
    return known.of_league("total")


@column("results", neutral=0.0)
def results(known: Known) -> Floats:
    """How many goals better the home club is by results and statistics alone."""
    return known.ahead("results")


@column("prices", neutral=0.0)
def prices(known: Known) -> Floats:
    """How many goals more when closing odds of past matches count too."""
    return known.ahead("strength") - known.ahead("results")


@column("goals", neutral=0.0)
def total(known: Known) -> Floats:
    """How many goals more than the league's the match should have."""
    return known.club(HOME, "total") + known.club(AWAY, "total")


@column("certainty", neutral=0.1)
def variance(known: Known) -> Floats:
    """How uncertain the strength of both clubs is."""
    return known.club(HOME, "strength_variance") + known.club(AWAY, "strength_variance")


@column("schedule", neutral=7.0)
def home_rest(known: Known) -> Index:
    """Days since the home club's last match."""
    return _counts(known.rested, HOME)


@column("schedule", neutral=7.0)
def away_rest(known: Known) -> Index:
    """Days since the away club's last match."""
    return _counts(known.rested, AWAY)


@column("schedule", neutral=2.0)
def home_congestion(known: Known) -> Index:
    """The home club's matches of the last two weeks."""
    return _counts(known.standing.recent, HOME)


@column("schedule", neutral=2.0)
def away_congestion(known: Known) -> Index:
    """The away club's matches of the last two weeks."""
    return _counts(known.standing.recent, AWAY)


@column("schedule", neutral=0.5)
def season_progress(known: Known) -> Floats:
    """The share of a season of 38 matches that both have played."""
    played = known.standing.played
    progress: Floats = (played[HOME] + played[AWAY]) / (2.0 * FULL_SEASON)
    return progress


@column("promotion", neutral=0.0)
def home_promoted(known: Known) -> Floats:
    """Whether the home club came up this season."""
    return known.club(HOME, "promoted")


@column("promotion", neutral=0.0)
def away_promoted(known: Known) -> Floats:
    """Whether the away club came up this season."""
    return known.club(AWAY, "promoted")


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
    return np.array([each.make(known) for each in COLUMNS.values()], dtype=np.float32).T.copy()


def fingerprint() -> str:
    """Changes whenever a bundle's model could misread a row: names, order, or components changed."""
    text = "\n".join((*NAMES, "--", *components.CLUB, "--", *components.LEAGUE))
    return hashlib.sha256(text.encode()).hexdigest()
