"""From one goal grid, and the corners to expect, to every bet, rounded so that the figures still agree with each other.

Each market is one function: the scores that it counts stand with it, and its name is that of its field in `Markets`.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.advice.forms import HUNDREDTHS, Form, form, marks, texts
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
"""Thousandths added to both sides of a bet that may return the stake, so that one that always does is even.

It also takes a share off an exact half, where the last bits of a sum would round it; and off the parts of a whole."""

_MARGINS = (1, -1, 2, 0, -2)
"""Goal differences that settle those handicaps in different ways; 2 and -2 stand for more as well."""


def _settled() -> Floats:
    """What wins by one goal and outcomes ``[5]`` do to a stake on home at each line: win it, risk it, return it."""
    ahead = 2.0 * np.add.outer(_MARGINS, HANDICAPS)
    signs = np.sign(np.stack((np.floor(ahead), np.ceil(ahead))))
    win, lose, push = ((signs == sign).mean(axis=0) for sign in (1.0, -1.0, 0.0))
    shares = np.hstack((win, win + lose, push))
    shares[0] -= shares[2]  # a win by one is among the wins
    shares[1] -= shares[4]
    return shares


_SETTLED = _settled()


Figures: TypeAlias = Sequence[Any]
"""Probabilities of one match in a row, or the marks that stand for them."""

Make: TypeAlias = Callable[[Figures, Figures], Any]
"""From the probabilities of some things, and of the contrary of each, to a field of `Markets`."""


class Market(Struct, frozen=True):
    """A field of `Markets`: where its figures are, among those counted in scores or those ``beside``, and its maker."""

    make: Make
    places: slice
    beside: bool


MARKETS: dict[str, Market] = {}
_COUNTED_SCORES: list[NDArray[np.bool_]] = []
_BESIDE: list[str] = []


def market(*scores: NDArray[np.bool_]) -> Callable[[Make], Make]:
    """Register the function below as the field of its name, from these sets of ``scores``."""

    def register(make: Make) -> Make:
        start = len(_COUNTED_SCORES)
        _COUNTED_SCORES.extend(scores)
        MARKETS[make.__name__] = Market(make, slice(start, start + len(scores)), beside=False)
        return make

    return register


def beside(figures: int) -> Callable[[Make], Make]:
    """The same, from the next so many ``figures`` of those that stand beside the scores."""

    def register(make: Make) -> Make:
        start = len(_BESIDE)
        _BESIDE.extend([make.__name__] * figures)
        MARKETS[make.__name__] = Market(make, slice(start, start + figures), beside=True)
        return make

    return register


@market(*(np.equal(OUTCOME, outcome) for outcome in range(3)))
def double_chance(_: Figures, others: Figures) -> DoubleChance:
    """Each is all but the third outcome."""
    return DoubleChance(*others[::-1])


@market(*(line > HOME + AWAY for line in TOTALS))
def over_under(under: Figures, over: Figures) -> list[Total]:
    """More or fewer goals than each line. Under is what is counted."""
    return list(map(Total, TOTALS, over, under))


@market((HOME > 0) & (AWAY > 0))
def both_teams_to_score(yes: Figures, no: Figures) -> BothTeamsToScore:
    """Whether both score."""
    return BothTeamsToScore(*yes, *no)


@market(AWAY == 0, HOME == 0)
def clean_sheet(yes: Figures, _: Figures) -> ByClub:
    """Whether a club concedes nothing."""
    return ByClub(*yes)


@market((HOME > 0) & (AWAY == 0), (HOME == 0) & (AWAY > 0))
def win_to_nil(yes: Figures, _: Figures) -> ByClub:
    """Whether a club wins and concedes nothing."""
    return ByClub(*yes)


@market(*(line > HOME for line in TEAM_TOTALS), *(line > AWAY for line in TEAM_TOTALS))
def team_totals(under: Figures, over: Figures) -> TeamTotals:
    """More or fewer goals of each club than each line."""
    lines = len(TEAM_TOTALS)
    sides = (slice(lines), slice(lines, None))
    return TeamTotals(*(list(map(Total, TEAM_TOTALS, over[side], under[side])) for side in sides))


@beside(1)
def draw_no_bet(home: Figures, away: Figures) -> DrawNoBet:
    """Who wins if someone does: the handicap of no goals."""
    return DrawNoBet(*home, *away)


@beside(2 * len(HANDICAPS))
def asian_handicap(yes: Figures, no: Figures) -> list[Handicap]:
    """All lines: the share at risk that wins, and what comes back."""
    lines = len(HANDICAPS)
    return list(map(Handicap, HANDICAPS, yes[:lines], no[:lines], yes[lines:]))


@beside(3)
def half_time_result(yes: Figures, _: Figures) -> ByOutcome:
    """How it stands at half-time."""
    return ByOutcome(*yes)


@beside(len(HALF_TIME_TOTALS))
def half_time_goals(under: Figures, over: Figures) -> list[Total]:
    """More or fewer goals until half-time. Under is what is known."""
    return list(map(Total, HALF_TIME_TOTALS, over, under))


@beside(9)
def half_time_full_time(yes: Figures, _: Figures) -> HalfTimeFullTime:
    """Both at once."""
    return HalfTimeFullTime(*yes)


@beside(len(corner_counts.LINES) + 3 + 2)
def corners(yes: Figures, no: Figures) -> Corners:
    """Corners, where they are known. Under, who has most, and how many to expect is what is known of them."""
    lines = len(corner_counts.LINES)
    totals = list(map(Total, corner_counts.LINES, no[:lines], yes[:lines]))
    return Corners(ExpectedCorners(*yes[-2:]), totals, ByOutcome(*yes[lines:-2]))


_BY_ONE = (HOME - AWAY == 1, AWAY - HOME == 1)
_COUNTED = np.column_stack((HOME, AWAY, *_BY_ONE, *_COUNTED_SCORES)).astype(np.float64)
_EXPECTED, _SETTLING, _OUTCOMES, _SETS = slice(2), slice(2, 7), slice(4, 7), slice(4, None)
"""Where expected goals, what settles handicaps, outcomes, and all sets of scores (of which outcomes are first) are."""


def _placed(name: str) -> tuple[Make, slice]:
    """How a field is made, and where its figures are among all."""
    found = MARKETS[name]
    first = len(_COUNTED_SCORES) if found.beside else 0
    return found.make, slice(first + found.places.start, first + found.places.stop)


_FIELDS = tuple(_placed(field) for field in Markets.__struct_fields__)
_OF_CORNERS = _BESIDE.count(corners.__name__)


@cache
def _form(columns: int, known: int) -> Form:
    """Of a row of so many figures and the contrary of each, where only the first so many are ``known``."""
    row = marks(2 * columns)
    yes, no = row[:columns], row[columns:]
    fields: list[Any] = [make(yes[at], no[at]) if at.stop <= known else None for make, at in _FIELDS]
    return form(Markets(*fields))


def markets(grids: Floats, corners: Floats | None = None, *, half_time: bool = True) -> list[Any]:
    """What encodes as the `Markets` of each of the grids ``[n, GOALS, GOALS]``.

    Grids are reconciled with the probabilities *as the answers give them*: then a draw no bet, a double chance, a
    handicap of half a goal, a half-time and full-time result and the three probabilities agree to the last of their
    three decimals. ``corners`` ``[n, 2]`` are those to expect of each side, NaN where that is not known; without
    ``half_time`` there is nothing of either.
    """
    counted = 1000.0 * counts(grids, _COUNTED)
    outcomes = np.rint(counted[:, _OUTCOMES], out=counted[:, _OUTCOMES])
    figures = [counted[:, _SETS], *_of_handicaps(counted[:, None, _SETTLING])]
    if half_time:
        figures += _of_halves(counted[:, _EXPECTED] / 1000.0, outcomes)
    if corners is None:
        return _written(figures, [True] * len(grids))
    known = _countable(corners)
    expected = corners if all(known) else np.where(np.array(known)[:, None], corners, 1.0)
    return _written([*figures, *_of_corners(expected)], known)


def _written(figures: Sequence[Floats], known: Sequence[bool]) -> list[Any]:
    """What encodes as markets of these figures, ``[n, ...]`` each; those of corners, the last, only where ``known``."""
    yes = np.rint(np.concatenate(figures, axis=1)).astype(np.intp)
    columns = yes.shape[1]
    figures_of = np.concatenate((yes, 1000 - yes), axis=1).take(_form(columns, columns).figures, axis=1)
    return [
        _form(columns, columns if corners else columns - _OF_CORNERS).filled(row)
        for row, corners in zip(texts(figures_of), known, strict=True)
    ]


def _of_handicaps(settling: Floats) -> tuple[Floats, Floats, Floats]:
    """Thousandths ``[n, lines]`` of what is at risk that home wins, that of line 0 alone, and of what comes back."""
    lines = len(HANDICAPS)
    settled = (settling @ _SETTLED)[:, 0]
    win, at_risk, push = (settled[:, k : k + lines] for k in range(0, 3 * lines, lines))
    shares = 1000.0 * (win + _NOTHING) / (at_risk + 2.0 * _NOTHING)
    return shares[:, lines // 2, None], shares, push


def _of_halves(rates: Floats, outcomes: Floats) -> tuple[Floats, Floats, Floats]:
    """Thousandths ``[n, 3 + lines + 9]``: the result at half-time, fewer goals until then, and both results."""
    found = halves(rates, outcomes)
    both = _whole(found.table, outcomes)
    return both.sum(axis=2), found.under, both.reshape(-1, 9)


def _countable(corners: Floats) -> list[bool]:
    """Whether those of each match are known, and few enough to be counted."""
    most = 100.0 * corner_counts.MOST
    return [0.0 < home + away < most for home, away in np.rint(100.0 * corners).tolist()]


def _of_corners(expected: Floats) -> tuple[Floats, Floats, Floats]:
    """Fewer corners than each line and who has most, in thousandths, and how many to expect ``[n, lines + 3 + 2]``."""
    found = corner_counts.corners(expected)
    hundredths = HUNDREDTHS + np.rint(100.0 * expected)
    return 1000.0 * found.under, _whole(1000.0 * found.most, 1000.0), hundredths


def _whole(exact: Floats, total: Floats | float) -> Floats:
    """Three parts ``[n, 3, ...]`` of a whole ``total``, rounded so that they still sum to it: the middle one gives way.

    That is never below 0, because exact halves are rounded down.
    """
    parts = np.rint(exact - _NOTHING)
    parts[:, 1] = total - parts[:, 0] - parts[:, 2]
    return parts


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
