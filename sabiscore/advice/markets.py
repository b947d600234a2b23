"""From one goal grid, and the corners to expect, to every bet, rounded so that the figures still agree with each other.

Each market is one function: the scores that it counts stand with it, and its name is that of its field in `Markets`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat, starmap
from typing import Any, TypeAlias, TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.advice.case import Triple
from sabiscore.arrays import Floats
from sabiscore.domain import (
    BothTeamsToScore,
    ByClub,
    ByOutcome,
    Corners,
    DoubleChance,
    DrawNoBet,
    ExpectedCorners,
    ExpectedGoals,
    HalfTimeFullTime,
    Handicap,
    Markets,
    Scoreline,
    TeamTotals,
    Total,
)
from sabiscore.models import corners as corner_counts
from sabiscore.models.grid import AWAY, GOALS, HOME, OUTCOME, counts, expected_goals
from sabiscore.models.halves import halves

TOTALS = (0.5, 1.5, 2.5, 3.5, 4.5)
TEAM_TOTALS = (0.5, 1.5, 2.5)
HALF_TIME_TOTALS = (0.5, 1.5)
HANDICAPS = tuple(quarter / 4 for quarter in range(-6, 7))
"""From -1.5 to +1.5 goals for the home side."""

_IN_ORDER = 1e-15 * np.arange(GOALS * GOALS)
"""Taken off each score's probability, so that of equally likely ones (to float rounding) lower home goals are first."""

MOST_SCORELINES = 6
GRID_DECIMALS = 5

_NOTHING = 1e-6
"""Thousandths added to both sides of a handicap, so that one that always returns the stake is even.

It also takes a share off an exact half, where the last bits of a sum would round it; and off the parts of a whole."""

_MARGINS = (2, 1, 0, -1, -2)
"""Goal differences that settle those handicaps in different ways; 2 and -2 stand for more as well."""


def _settled(sign: int) -> Floats:
    """The share of a stake on home that wins (``sign`` 1), loses (-1) or returns (0) ``[lines, margins]``."""
    ahead = 2.0 * np.add.outer(HANDICAPS, _MARGINS)
    halves = np.stack((np.floor(ahead), np.ceil(ahead)))
    shares: Floats = (np.sign(halves) == sign).mean(axis=0)
    return shares


_SETTLED = np.concatenate((_settled(1), _settled(-1), _settled(0)))


class HalfTime(Struct, frozen=True):
    """In whole thousandths: outcomes at half-time (rows) and at the end ``[n, 3, 3]``, and fewer goals than each line.

    ``under`` is ``[n, lines]``.
    """

    table: Floats
    under: Floats


class Said(Struct, frozen=True):
    """What ``n`` grids say of the ``k`` sets of scores that a market counts, and what else is known of these matches.

    ``yes`` and ``no`` are the probabilities ``[k][n]`` of each set and of all other scores, of three decimals that
    sum to 1. ``outcomes`` ``[n, 3]`` are home, draw, away as the answers give them, in thousandths; so is what is
    ``counted`` of all sets, not rounded, those of the market in ``places``. ``corners`` ``[n, 2]`` are those to expect.
    """

    yes: list[list[float]]
    no: list[list[float]]
    outcomes: Floats
    counted: Floats
    places: slice
    half_time: HalfTime | None
    corners: Floats | None

    @property
    def exact(self) -> Floats:
        """The thousandths ``[n, k]`` of each set, not rounded."""
        return self.counted[:, self.places]


Share = TypeVar("Share", float, Floats)
Make: TypeAlias = Callable[[Said], Iterable[Any]]


class Market(Struct, frozen=True):
    """A field of `Markets`: the scores that it counts, by their places in `_COUNTED`, and how it is made of them."""

    make: Make
    places: slice


MARKETS: dict[str, Market] = {}
_COUNTED_SCORES: list[NDArray[np.bool_]] = []


def market(*scores: NDArray[np.bool_]) -> Callable[[Make], Make]:
    """Register the function below as the field of its name, for each of the grids, from these sets of ``scores``."""

    def register(make: Make) -> Make:
        start = len(_COUNTED_SCORES)
        _COUNTED_SCORES.extend(scores)
        MARKETS[make.__name__] = Market(make, slice(start, start + len(scores)))
        return make

    return register


@market(*(line > HOME + AWAY for line in TOTALS))
def over_under(said: Said) -> Iterable[list[Total]]:
    """More or fewer goals than each line. Under is what is counted."""
    return _totals(TOTALS, said.no, said.yes)


def _totals(
    lines: Sequence[float], over: Sequence[Sequence[float]], under: Sequence[Sequence[float]]
) -> Iterable[list[Total]]:
    """All lines of each match; the probabilities are ``[lines][n]``."""
    each = (map(Total, repeat(line), *both) for line, *both in zip(lines, over, under, strict=True))
    return map(list, zip(*each, strict=True))


def _fewer(lines: Sequence[float], under: Floats) -> Iterable[list[Total]]:
    """The same, of whole thousandths ``[n, lines]``."""
    return _totals(lines, ((1000.0 - under) / 1000.0).T.tolist(), (under / 1000.0).T.tolist())


@market((HOME > 0) & (AWAY > 0))
def both_teams_to_score(said: Said) -> Iterable[BothTeamsToScore]:
    """Whether both score."""
    return map(BothTeamsToScore, *said.yes, *said.no)


@market()
def double_chance(said: Said) -> Iterable[DoubleChance]:
    """Each is all but the third outcome."""
    return starmap(DoubleChance, ((1000.0 - said.outcomes[:, ::-1]) / 1000.0).tolist())


@market()
def draw_no_bet(said: Said) -> Iterable[DrawNoBet]:
    """Who wins if someone does."""
    return starmap(_draw_no_bet, said.outcomes.tolist())


def _draw_no_bet(home: float, _: float, away: float) -> DrawNoBet:
    won = round(_won(home, away))
    return DrawNoBet(won / 1000.0, (1000.0 - won) / 1000.0)


@market(AWAY == 0, HOME == 0)
def clean_sheet(said: Said) -> Iterable[ByClub]:
    """Whether a club concedes nothing."""
    return map(ByClub, *said.yes)


@market((HOME > 0) & (AWAY == 0), (HOME == 0) & (AWAY > 0))
def win_to_nil(said: Said) -> Iterable[ByClub]:
    """Whether a club wins and concedes nothing."""
    return map(ByClub, *said.yes)


@market(HOME - AWAY == 1, AWAY - HOME == 1)
def asian_handicap(said: Said) -> Iterable[list[Handicap]]:
    """All lines, from the outcomes and the wins by one goal."""
    return (
        list(map(Handicap, HANDICAPS, *lines)) for lines in _handicaps(said.outcomes, said.exact).tolist()
    )


@market(*(line > HOME for line in TEAM_TOTALS), *(line > AWAY for line in TEAM_TOTALS))
def team_totals(said: Said) -> Iterable[TeamTotals]:
    """More or fewer goals of each club than each line."""
    lines = len(TEAM_TOTALS)
    sides = (
        _totals(TEAM_TOTALS, said.no[side], said.yes[side]) for side in (slice(lines), slice(lines, None))
    )
    return map(TeamTotals, *sides)


@market()
def half_time_result(said: Said) -> Iterable[ByOutcome | None]:
    """How it stands at half-time."""
    if said.half_time is None:
        return repeat(None)
    return starmap(ByOutcome, (said.half_time.table.sum(axis=2) / 1000.0).tolist())


@market()
def half_time_goals(said: Said) -> Iterable[list[Total] | None]:
    """More or fewer goals until half-time."""
    return repeat(None) if said.half_time is None else _fewer(HALF_TIME_TOTALS, said.half_time.under)


@market()
def half_time_full_time(said: Said) -> Iterable[HalfTimeFullTime | None]:
    """Both at once."""
    if said.half_time is None:
        return repeat(None)
    return starmap(HalfTimeFullTime, (said.half_time.table.reshape(-1, 9) / 1000.0).tolist())


@market()
def corners(said: Said) -> Iterable[Corners | None]:
    """Corners, where they are known."""
    if said.corners is None:
        return repeat(None)
    known = np.isfinite(said.corners[:, 0])
    found = _corners(said.corners[known]) if known.any() else iter(())
    return (next(found) if each else None for each in known.tolist())


def _corners(expected: Floats) -> Iterator[Corners]:
    found = corner_counts.corners(expected)
    return map(
        Corners,
        starmap(ExpectedCorners, (np.rint(100.0 * expected) / 100.0).tolist()),
        _fewer(corner_counts.LINES, np.rint(1000.0 * found.under)),
        starmap(ByOutcome, (_whole(1000.0 * found.most, 1000.0) / 1000.0).tolist()),
    )


def _whole(exact: Floats, total: Floats | float) -> Floats:
    """Three parts ``[n, 3, ...]`` of a whole ``total``, rounded so that they still sum to it: the middle one gives way.

    That is never below 0, because exact halves are rounded down.
    """
    parts = np.rint(exact - _NOTHING)
    parts[:, 1] = total - parts[:, 0] - parts[:, 2]
    return parts


_COUNTED = np.column_stack((*_COUNTED_SCORES, HOME, AWAY)).astype(np.float64)
_FIELDS = tuple(MARKETS[field] for field in Markets.__struct_fields__)


def markets(
    grids: Floats, probabilities: Sequence[Triple], corners: Floats | None = None, *, half_time: bool = True
) -> list[Markets]:
    """All bets on each of the grids ``[n, GOALS, GOALS]`` reconciled with the rounded ``probabilities``.

    Reconcile them with the probabilities *as the answers give them*: then a draw no bet, a double chance, a
    handicap of half a goal, a half-time and full-time result and the three probabilities agree to the last of their
    three decimals. ``corners`` ``[n, 2]`` are those to expect of each side, NaN where that is not known.
    """
    outcomes = np.rint(1000.0 * np.array(probabilities))
    counted = 1000.0 * counts(grids, _COUNTED)
    half = _half_time(counted[:, -2:] / 1000.0, outcomes) if half_time else None
    shares = np.rint(counted)
    yes, no = (shares / 1000.0).T.tolist(), ((1000.0 - shares) / 1000.0).T.tolist()
    fields = (
        each.make(Said(yes[each.places], no[each.places], outcomes, counted, each.places, half, corners))
        for each in _FIELDS
    )
    return list(map(Markets, *fields))


def _half_time(rates: Floats, outcomes: Floats) -> HalfTime:
    found = halves(rates, outcomes / 1000.0)
    return HalfTime(_whole(1000.0 * found.table, outcomes), np.rint(1000.0 * found.under))


def _handicaps(outcomes: Floats, by_one: Floats) -> Floats:
    """Home, away and push ``[n, 3, lines]``, from thousandths: outcomes ``[n, 3]``, wins by one goal ``[n, 2]``."""
    margins = np.empty((len(outcomes), len(_MARGINS), 1))
    margins[:, ::2, 0] = outcomes
    margins[:, 1::2, 0] = by_one
    margins[:, ::4, 0] -= by_one
    found: Floats = (_SETTLED @ margins).reshape(-1, 3, len(HANDICAPS))
    win, lose, push = found[:, 0], found[:, 1], found[:, 2]
    won = np.rint(_won(win, lose))
    found[:, 0], found[:, 1], found[:, 2] = won, 1000.0 - won, np.rint(push)
    found /= 1000.0
    return found


def _won(win: Share, lose: Share) -> Share:
    """The thousandths that win of what is not returned."""
    return 1000.0 * (win + _NOTHING) / (win + lose + 2.0 * _NOTHING)


def goals(grids: Floats) -> list[ExpectedGoals]:
    """Expected goals of each of the grids ``[n, GOALS, GOALS]``."""
    return [ExpectedGoals(round(home, 2), round(away, 2)) for home, away in expected_goals(grids).tolist()]


def scorelines(grids: Floats, most: int = MOST_SCORELINES) -> list[list[Scoreline]]:
    """The likeliest scores of each of the grids ``[n, GOALS, GOALS]``, at most ``most``, none that rounds to 0."""
    flat = grids.reshape(-1, GOALS * GOALS)
    cells = np.argsort(_IN_ORDER - flat, axis=1)[:, :most]
    chances = np.rint(1000.0 * flat[np.arange(len(flat))[:, None], cells]) / 1000.0
    columns = (HOME[cells].tolist(), AWAY[cells].tolist(), chances.tolist())
    return [
        [Scoreline(home, away, chance) for home, away, chance in zip(*each, strict=True) if chance > 0.0]
        for each in zip(*columns, strict=True)
    ]


def full_grid(grid: Floats) -> list[list[float]]:
    """Every score's probability, home goals by away goals, to `GRID_DECIMALS` decimals.

    Rounded by largest remainder within each outcome, so that the scores of an outcome still sum to its
    probability.
    """
    unit = 10**GRID_DECIMALS
    scaled = unit * grid.ravel()
    whole = np.floor(scaled)
    for outcome in range(3):
        cells = np.flatnonzero(outcome == OUTCOME)
        missing = round(scaled[cells].sum()) - int(whole[cells].sum())
        whole[cells[np.argsort((whole - scaled)[cells], kind="stable")[:missing]]] += 1.0
    rows: list[list[float]] = (whole / unit).reshape(grid.shape).tolist()
    return rows
