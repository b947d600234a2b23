"""From one goal grid to every bet on goals, rounded so that the figures still agree with each other."""

from collections.abc import Sequence

import numpy as np

from sabiscore.advice.case import Triple
from sabiscore.arrays import Floats
from sabiscore.domain import (
    BothTeamsToScore,
    ByClub,
    DoubleChance,
    DrawNoBet,
    ExpectedGoals,
    Handicap,
    Markets,
    Scoreline,
    Total,
)
from sabiscore.models.grid import AWAY, GOALS, HOME, OUTCOME, counts, expected_goals

TOTALS = (0.5, 1.5, 2.5, 3.5, 4.5)
HANDICAPS = tuple(quarter / 4 for quarter in range(-6, 7))
"""From -1.5 to +1.5 goals for the home side."""

_LEVEL = HANDICAPS.index(0.0)

_IN_ORDER = 1e-15 * np.arange(GOALS * GOALS)
"""Taken off each score's probability, so that of equally likely ones (to float rounding) lower home goals are first."""

MOST_SCORELINES = 6
GRID_DECIMALS = 5

_NOTHING = 1e-6
"""Thousandths added to both sides of a handicap, so that one that always returns the stake is even.

It also takes a share off an exact half, where the last bits of a sum would round it."""

_MARGINS = (2, 1, 0, -1, -2)
"""Goal differences that settle those handicaps in different ways; 2 and -2 stand for more as well."""

_COUNTED = np.column_stack(
    (
        *(line > HOME + AWAY for line in TOTALS),
        (HOME > 0) & (AWAY > 0),
        AWAY == 0,
        HOME == 0,
        (HOME > 0) & (AWAY == 0),
        (HOME == 0) & (AWAY > 0),
        HOME - AWAY == 1,
        AWAY - HOME == 1,
    )
).astype(np.float64)


def _settled(sign: int) -> Floats:
    """The share of a stake on home that wins (``sign`` 1), loses (-1) or returns (0) ``[lines, margins]``."""
    ahead = 2.0 * np.add.outer(HANDICAPS, _MARGINS)
    halves = np.stack((np.floor(ahead), np.ceil(ahead)))
    shares: Floats = (np.sign(halves) == sign).mean(axis=0)
    return shares


_SETTLED = np.concatenate((_settled(1), _settled(-1), _settled(0)))


def markets(grids: Floats, probabilities: Sequence[Triple]) -> list[Markets]:
    """All bets on each of the grids ``[n, GOALS, GOALS]`` reconciled with the rounded ``probabilities``.

    Reconcile them with the probabilities *as the answers give them*: then a draw no bet, a double chance, a
    handicap of half a goal and the three probabilities agree to the last of their three decimals.
    """
    outcomes = np.rint(1000.0 * np.array(probabilities))
    counted = 1000.0 * counts(grids, _COUNTED)
    shares = np.rint(counted[:, :-2])
    columns = (
        (1000.0 - shares) / 1000.0,
        shares / 1000.0,
        (1000.0 - outcomes[:, ::-1]) / 1000.0,
        _handicaps(outcomes, counted[:, -2:]),
    )
    return [_markets(*each) for each in zip(*(column.tolist() for column in columns), strict=True)]


def _markets(
    contrary: list[float], shares: list[float], double: list[float], handicaps: list[list[float]]
) -> Markets:
    """From the shares of what is `_COUNTED` and their contraries, of double chances, and of each handicap."""
    lines = len(TOTALS)
    both, home_clean, away_clean, home_nil, away_nil = shares[lines:]
    home, away, push = handicaps
    return Markets(
        over_under=list(map(Total, TOTALS, contrary, shares)),
        both_teams_to_score=BothTeamsToScore(both, contrary[lines]),
        double_chance=DoubleChance(*double),
        draw_no_bet=DrawNoBet(home[_LEVEL], away[_LEVEL]),
        asian_handicap=list(map(Handicap, HANDICAPS, home, away, push)),
        clean_sheet=ByClub(home_clean, away_clean),
        win_to_nil=ByClub(home_nil, away_nil),
    )


def _handicaps(outcomes: Floats, by_one: Floats) -> Floats:
    """Home, away and push ``[n, 3, lines]``, from thousandths: outcomes ``[n, 3]``, wins by one goal ``[n, 2]``."""
    margins = np.empty((len(outcomes), len(_MARGINS), 1))
    margins[:, ::2, 0] = outcomes
    margins[:, 1::2, 0] = by_one
    margins[:, ::4, 0] -= by_one
    found: Floats = (_SETTLED @ margins).reshape(-1, 3, len(HANDICAPS))
    win, lose, push = found[:, 0], found[:, 1], found[:, 2]
    won = np.rint(1000.0 * (win + _NOTHING) / (win + lose + 2.0 * _NOTHING))
    found[:, 0], found[:, 1], found[:, 2] = won, 1000.0 - won, np.rint(push)
    found /= 1000.0
    return found


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
