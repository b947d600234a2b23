"""The two halves of a match: goals until half-time, how it stands then and at the end, and the second half from there.

A half is a small goal grid ``[HALF_GOALS, HALF_GOALS]``: home goals by away goals. Coefficients were fitted on league
matches with half-time scores, of all seasons before those that they were measured on.
"""

import math

import numpy as np
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.models.grid import low_scores

HALF_GOALS = 7
"""Scores of a side in a half: 0 to 6. More happen in one half in some 10,000."""

FIRST_HALF = np.array((0.438, 0.443))
"""The share of the home and the away side's expected goals that comes before half-time."""

LOWEST_RATE = 0.01
"""Expected goals of a side below which nothing is divided by them."""

_RHO = -0.08
"""Dixon and Coles's dependence of low scores, of the first half."""

_AT_HALF_TIME = np.array((1.012, 0.978, 1.022))
"""How much likelier than the first half's grid says it is home, level, away."""

_BOTH_TIMES = np.array(((0.98, 1.16, 1.29), (1.00, 0.94, 0.96), (1.24, 1.09, 0.99)))
"""How much likelier than two independent halves say the outcome at half-time (row) is with that at the end (column)."""

_SECOND_HALF = np.array((-0.627, -0.611))
_BY_LOG_RATE = np.array((1.02, 0.953))
_BY_LEAD = np.array(((0.203, 0.109, 0.0, -0.065, -0.020), (0.056, 0.086, 0.0, 0.031, 0.161)))
"""For home and away: trailing by two or more, by one, level, leading by one, by two or more."""
_BY_OWN_GOALS = np.array((0.015, -0.026))
_BY_OTHERS_GOALS = np.array((-0.003, 0.027))
_FAR = 2

GOALS = np.arange(float(HALF_GOALS))
BY_FACTORIAL = 1.0 / np.array([math.factorial(goals) for goals in range(HALF_GOALS)])
_SHARES = np.array((FIRST_HALF, 1.0 - FIRST_HALF))
_CELLS = HALF_GOALS * HALF_GOALS
_HOME, _AWAY = (side.ravel() for side in np.indices((HALF_GOALS, HALF_GOALS)))
_LEADS = np.arange(1 - HALF_GOALS, HALF_GOALS)
"""By how many goals the home side is ahead after a half."""

_BY_LEAD_OF_HALF = (np.subtract(_HOME, _AWAY)[:, None] == _LEADS).astype(np.float64)
"""Which lead each cell of a flat half is, ``[cells, leads]``."""

_BY_OUTCOME = (1 - np.sign(_LEADS)[:, None] == np.arange(3)).astype(np.float64)
"""Which outcome each lead is, ``[leads, 3]``."""


def _both_times() -> Floats:
    """The factor of each lead at half-time with each lead of the second half, by both outcomes ``[leads**2, 9]``."""
    first = 1 - np.sign(_LEADS)[:, None]
    last = 1 - np.sign(np.add.outer(_LEADS, _LEADS))
    places = 3 * first + last
    factors = (_AT_HALF_TIME[:, None] * _BOTH_TIMES).ravel()
    table: Floats = (places.reshape(-1, 1) == np.arange(9)) * factors
    return table


_TABLE = _both_times()


class Halves(Struct, frozen=True):
    """``table`` ``[n, 3, 3]`` is how likely each outcome at half-time (rows) and at the end (columns) is.

    ``under`` ``[n, 2]`` is how likely fewer goals than 0.5 and 1.5 are until half-time.
    """

    table: Floats
    under: Floats

    @property
    def half_time(self) -> Floats:
        """Home, level, away at half-time ``[n, 3]``."""
        summed: Floats = self.table.sum(axis=2)
        return summed


def halves(rates: Floats, probabilities: Floats) -> Halves:
    """The halves of matches with expected goals ``rates`` ``[n, 2]`` and full-time ``probabilities`` ``[n, 3]``.

    Goals of the halves are independent of each other but for the factors above. Columns of the table sum to the
    probabilities, and goals until half-time are reconciled with its rows: what one says of a half never
    contradicts the other.
    """
    grids = _grids(np.maximum(rates, LOWEST_RATE))
    leads = (grids.reshape(-1, 1, _CELLS) @ _BY_LEAD_OF_HALF).reshape(-1, 2, len(_LEADS))
    pairs = leads[:, 0, :, None] * leads[:, 1, None, :]
    table = (pairs.reshape(-1, 1, len(_TABLE)) @ _TABLE).reshape(-1, 3, 3)
    table *= (probabilities / table.sum(axis=1))[:, None, :]
    scale = table.sum(axis=2) / (leads[:, :1] @ _BY_OUTCOME)[:, 0]
    no_goal = grids[:, 0, 0, 0] * scale[:, 1]
    one_goal = grids[:, 0, 1, 0] * scale[:, 0] + grids[:, 0, 0, 1] * scale[:, 2]
    return Halves(table, np.column_stack((no_goal, no_goal + one_goal)))


def _grids(rates: Floats) -> Floats:
    """The first and the second half ``[n, 2, HALF_GOALS, HALF_GOALS]``, each summing to 1."""
    by_half = rates[:, None, :] * _SHARES
    weights = by_half[..., None] ** GOALS * BY_FACTORIAL
    grids: Floats = weights[:, :, 0, :, None] * weights[:, :, 1, None, :]
    grids[:, 0, :2, :2] *= low_scores(by_half[:, 0, 0], by_half[:, 0, 1], _RHO)
    grids /= grids.reshape(-1, 2, _CELLS).sum(axis=2)[..., None, None]
    return grids


def second_half_rates(rates: Floats, score: Floats) -> Floats:
    """Goals ``[..., 2]`` to expect in the second half, by expected goals of the match and the ``score`` at half-time.

    How many goals there were says something of the day, beside who leads.
    """
    expected: Floats = np.exp(
        _SECOND_HALF
        + _BY_LOG_RATE * np.log(rates)
        + _BY_OWN_GOALS * score
        + _BY_OTHERS_GOALS * score[..., ::-1]
    )
    return expected * by_lead(score)


def by_lead(score: Floats) -> Floats:
    """What the lead times the goals ``[..., 2]`` to expect of each side by: one that trails scores more."""
    lead = score[..., 0] - score[..., 1]
    place = np.clip(np.stack((lead, -lead), axis=-1), -_FAR, _FAR).astype(np.intp) + _FAR
    factors: Floats = np.exp(_BY_LEAD[[0, 1], place])
    return factors
