"""From one goal grid, and the corners to expect, to every bet, rounded so that the figures still agree with each other.

Each market is one function: the scores that it counts stand with it, and its name is that of its field in `Markets`.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat, starmap
from typing import Any, TypeAlias

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
"""Thousandths added to both sides of a bet that may return the stake, so that one that always does is even.

It also takes a share off an exact half, where the last bits of a sum would round it; and off the parts of a whole."""

_MARGINS = (2, 0, -2, 1, -1)
"""Goal differences that settle those handicaps in different ways; 2 and -2 stand for more as well."""


def _settled() -> Floats:
    """What outcomes and wins by one goal ``[5]`` do to a stake on home at each line: win it, risk it, return it."""
    ahead = 2.0 * np.add.outer(_MARGINS, HANDICAPS)
    signs = np.sign(np.stack((np.floor(ahead), np.ceil(ahead))))
    win, lose, push = ((signs == sign).mean(axis=0) for sign in (1.0, -1.0, 0.0))
    shares = np.hstack((win, win + lose, push))
    shares[3] -= shares[0]  # a win by one is among the wins
    shares[4] -= shares[2]
    return shares


_SETTLED = _settled()


class Said(Struct, frozen=True):
    """What is said of ``n`` matches for a market with ``k`` figures, sets of scores or what stands beside them.

    ``yes`` and ``no`` are the probabilities ``[k][n]`` of each and of its contrary, of three decimals that sum to 1;
    there is none of what is not known of any match. ``outcomes`` ``[n, 3]`` are home, draw, away as the answers
    give them, in thousandths. ``corners`` ``[n, 2]`` are those to expect.
    """

    yes: list[list[float]]
    no: list[list[float]]
    outcomes: Floats
    corners: Floats | None


Make: TypeAlias = Callable[[Said], Iterable[Any]]


class Market(Struct, frozen=True):
    """A field of `Markets`: where its figures are, among those counted in scores or those ``beside``, and its maker."""

    make: Make
    places: slice
    beside: bool


MARKETS: dict[str, Market] = {}
_COUNTED_SCORES: list[NDArray[np.bool_]] = []
_BESIDE: list[str] = []


def market(*scores: NDArray[np.bool_]) -> Callable[[Make], Make]:
    """Register the function below as the field of its name, for each of the grids, from these sets of ``scores``."""

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


@market(*(line > HOME + AWAY for line in TOTALS))
def over_under(said: Said) -> Iterable[list[Total]]:
    """More or fewer goals than each line. Under is what is counted."""
    return _totals(TOTALS, said.no, said.yes)


def _totals(
    lines: Sequence[float], over: Sequence[Sequence[float]], under: Sequence[Sequence[float]]
) -> Iterable[list[Total]]:
    """All lines of each match; the probabilities are ``[lines][n]``."""
    sides = zip(zip(*over, strict=True), zip(*under, strict=True), strict=True)
    return (list(map(Total, lines, *both)) for both in sides)


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
    won = round(1000.0 * (home + _NOTHING) / (home + away + 2.0 * _NOTHING))
    return DrawNoBet(won / 1000.0, (1000.0 - won) / 1000.0)


@market(AWAY == 0, HOME == 0)
def clean_sheet(said: Said) -> Iterable[ByClub]:
    """Whether a club concedes nothing."""
    return map(ByClub, *said.yes)


@market((HOME > 0) & (AWAY == 0), (HOME == 0) & (AWAY > 0))
def win_to_nil(said: Said) -> Iterable[ByClub]:
    """Whether a club wins and concedes nothing."""
    return map(ByClub, *said.yes)


@market(*(line > HOME for line in TEAM_TOTALS), *(line > AWAY for line in TEAM_TOTALS))
def team_totals(said: Said) -> Iterable[TeamTotals]:
    """More or fewer goals of each club than each line."""
    lines = len(TEAM_TOTALS)
    sides = (
        _totals(TEAM_TOTALS, said.no[side], said.yes[side]) for side in (slice(lines), slice(lines, None))
    )
    return map(TeamTotals, *sides)


@beside(2 * len(HANDICAPS))
def asian_handicap(said: Said) -> Iterable[list[Handicap]]:
    """All lines: the share at risk that wins, and what comes back."""
    lines = len(HANDICAPS)
    figures = (zip(*each, strict=True) for each in (said.yes[:lines], said.no[:lines], said.yes[lines:]))
    return (list(map(Handicap, HANDICAPS, *each)) for each in zip(*figures, strict=True))


@beside(3)
def half_time_result(said: Said) -> Iterable[ByOutcome | None]:
    """How it stands at half-time."""
    return map(ByOutcome, *said.yes) if said.yes else repeat(None)


@beside(len(HALF_TIME_TOTALS))
def half_time_goals(said: Said) -> Iterable[list[Total] | None]:
    """More or fewer goals until half-time. Under is what is known."""
    return _totals(HALF_TIME_TOTALS, said.no, said.yes) if said.yes else repeat(None)


@beside(9)
def half_time_full_time(said: Said) -> Iterable[HalfTimeFullTime | None]:
    """Both at once."""
    return map(HalfTimeFullTime, *said.yes) if said.yes else repeat(None)


@beside(len(corner_counts.LINES) + 3)
def corners(said: Said) -> Iterable[Corners | None]:
    """Corners, where they are known. Under, and who has most, is what is known of them."""
    if said.corners is None or not said.yes:
        return repeat(None)
    lines = len(corner_counts.LINES)
    expected = starmap(ExpectedCorners, (np.rint(100.0 * said.corners) / 100.0).tolist())
    totals = _totals(corner_counts.LINES, said.no[:lines], said.yes[:lines])
    found = map(Corners, expected, totals, map(ByOutcome, *said.yes[lines:]))
    return (each if _countable(each.expected) else None for each in found)


def _countable(expected: ExpectedCorners) -> bool:
    """Whether they are known, and few enough to be counted."""
    return 0.0 < expected.home + expected.away < corner_counts.MOST


_EXPECTED = (HOME, AWAY)
_BY_ONE = (HOME - AWAY == 1, AWAY - HOME == 1)
_COUNTED = np.column_stack((*_COUNTED_SCORES, *_EXPECTED, *_BY_ONE)).astype(np.float64)
_SETS = len(_COUNTED_SCORES)


def _placed(name: str) -> tuple[Make, slice]:
    """How a field is made, and where its figures are among all."""
    found = MARKETS[name]
    first = _SETS if found.beside else 0
    return found.make, slice(first + found.places.start, first + found.places.stop)


_FIELDS = tuple(_placed(field) for field in Markets.__struct_fields__)


def markets(
    grids: Floats, probabilities: Sequence[Triple], corners: Floats | None = None, *, half_time: bool = True
) -> list[Markets]:
    """All bets on each of the grids ``[n, GOALS, GOALS]`` reconciled with the rounded ``probabilities``.

    Reconcile them with the probabilities *as the answers give them*: then a draw no bet, a double chance, a
    handicap of half a goal, a half-time and full-time result and the three probabilities agree to the last of their
    three decimals. ``corners`` ``[n, 2]`` are those to expect of each side, NaN where that is not known; without
    ``half_time`` there is nothing of either.
    """
    outcomes = np.rint(1000.0 * np.array(probabilities))
    counted = 1000.0 * counts(grids, _COUNTED)
    figures = [counted[:, :_SETS], *_of_handicaps(outcomes, counted[:, _SETS + 2 :])]
    if half_time:
        figures += _of_halves(counted[:, _SETS : _SETS + 2] / 1000.0, outcomes)
        figures += _of_corners(corners)
    shares = np.rint(np.concatenate(figures, axis=1)).T
    yes, no = (shares / 1000.0).tolist(), ((1000.0 - shares) / 1000.0).tolist()
    fields = (make(Said(yes[places], no[places], outcomes, corners)) for make, places in _FIELDS)
    return list(map(Markets, *fields))


def _of_handicaps(outcomes: Floats, by_one: Floats) -> tuple[Floats, Floats]:
    """Thousandths ``[n, lines]`` of what is at risk that home wins, and of the stake that comes back."""
    settled = (np.concatenate((outcomes, by_one), axis=1)[:, None] @ _SETTLED)[:, 0]
    win, at_risk, push = (settled[:, k : k + len(HANDICAPS)] for k in range(0, 39, len(HANDICAPS)))
    return 1000.0 * (win + _NOTHING) / (at_risk + 2.0 * _NOTHING), push


def _of_halves(rates: Floats, outcomes: Floats) -> tuple[Floats, Floats, Floats]:
    """Thousandths ``[n, 3 + lines + 9]``: the result at half-time, fewer goals until then, and both results."""
    found = halves(rates, outcomes)
    both = _whole(found.table, outcomes)
    return both.sum(axis=2), found.under, both.reshape(-1, 9)


def _of_corners(expected: Floats | None) -> tuple[Floats, ...]:
    """Thousandths ``[n, lines + 3]``, if any are known: fewer corners than each line, and who has most."""
    if expected is None or not np.isfinite(expected[:, 0]).any():
        return ()
    found = corner_counts.corners(expected)
    return 1000.0 * found.under, _whole(1000.0 * found.most, 1000.0)


def _whole(exact: Floats, total: Floats | float) -> Floats:
    """Three parts ``[n, 3, ...]`` of a whole ``total``, rounded so that they still sum to it: the middle one gives way.

    That is never below 0, because exact halves are rounded down.
    """
    parts = np.rint(exact - _NOTHING) + 0.0  # never -0.0
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
