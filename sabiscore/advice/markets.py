"""From one goal grid to every bet on goals, rounded so that the figures still agree with each other."""

import numpy as np

from sabiscore.advice.case import Triple
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
from sabiscore.models.grid import AWAY, GOALS, HOME, OUTCOME, expected_goals
from sabiscore.models.predictor import Floats

TOTALS = (0.5, 1.5, 2.5, 3.5, 4.5)
HANDICAPS = tuple(quarter / 4 for quarter in range(-6, 7))
"""From -1.5 to +1.5 goals for the home side."""

_LEVEL = HANDICAPS.index(0.0)

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


def markets(grid: Floats, probabilities: Triple) -> Markets:
    """All bets on a grid ``[GOALS, GOALS]`` reconciled with the rounded ``probabilities``.

    Reconcile it with the probabilities *as the answer gives them*: then a draw no bet, a double chance, a
    handicap of half a goal and the three probabilities agree to the last of their three decimals.
    """
    home, draw, away = (round(1000 * p) for p in probabilities)
    counted = 1000.0 * (grid.ravel() @ _COUNTED)
    handicaps = _handicaps((home, draw, away), *counted[-2:].tolist())
    level = handicaps[_LEVEL]
    *under, both, home_clean, away_clean, home_nil, away_nil = map(int, np.rint(counted[:-2]).tolist())
    return Markets(
        over_under=[Total(line, (1000 - u) / 1000, u / 1000) for line, u in zip(TOTALS, under, strict=True)],
        both_teams_to_score=BothTeamsToScore(both / 1000, (1000 - both) / 1000),
        double_chance=DoubleChance((home + draw) / 1000, (home + away) / 1000, (draw + away) / 1000),
        draw_no_bet=DrawNoBet(level.home, level.away),
        asian_handicap=handicaps,
        clean_sheet=ByClub(home_clean / 1000, away_clean / 1000),
        win_to_nil=ByClub(home_nil / 1000, away_nil / 1000),
    )


def _handicaps(outcomes: tuple[int, int, int], home_by_one: float, away_by_one: float) -> list[Handicap]:
    """All lines, from thousandths: of the outcomes, and of the wins by a single goal."""
    home, draw, away = outcomes
    margins = np.array((home - home_by_one, home_by_one, draw, away_by_one, away - away_by_one))
    win, lose, push = (_SETTLED @ margins).reshape(3, -1)
    won = np.rint(1000.0 * (win + _NOTHING) / (win + lose + 2.0 * _NOTHING))
    figures = np.array((won, 1000.0 - won, np.rint(push))).T / 1000.0
    return [Handicap(line, *figure) for line, figure in zip(HANDICAPS, figures.tolist(), strict=True)]


def goals(grid: Floats) -> ExpectedGoals:
    """Expected goals of a grid ``[GOALS, GOALS]``."""
    home, away = expected_goals(grid[None])[0].tolist()
    return ExpectedGoals(round(home, 2), round(away, 2))


def scorelines(grid: Floats, most: int = MOST_SCORELINES) -> list[Scoreline]:
    """The likeliest scores of a grid ``[GOALS, GOALS]``, at most ``most``, without those that round to 0."""
    flat = grid.ravel()
    likeliest = np.argsort(-flat, kind="stable")[:most]
    found = zip(likeliest.tolist(), flat[likeliest].tolist(), strict=True)
    return [
        Scoreline(cell // GOALS, cell % GOALS, prob) for cell, exact in found if (prob := round(exact, 3)) > 0
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
