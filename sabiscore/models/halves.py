"""The two halves of a match: goals until half-time, how it stands then and at the end, and the second half from there.

A half is a small goal grid ``[HALF_GOALS, HALF_GOALS]``: home goals by away goals. Coefficients were fitted on league
matches with half-time scores, of all seasons before those that they were measured on.
"""

import math

import numpy as np
from msgspec import Struct

from sabiscore.arrays import Floats

HALF_GOALS = 7
"""Scores of a side in a half: 0 to 6. More happen in one half in some 10,000."""

FIRST_HALF = np.array((0.438, 0.443))
"""The share of the home and the away side's expected goals that comes before half-time."""

LOWEST_RATE = 0.01
"""Expected goals of a side below which nothing is divided by them."""

_LOW_SCORES = -0.08 * np.array(((-1.0, 1.0), (1.0, -1.0)))
"""Dixon and Coles's dependence of low scores in the first half, times what it adds to them (their equation 4.2)."""

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
_LEADS = 2 * HALF_GOALS - 1


def _counted() -> Floats:
    """What is counted in the cells of a half ``[cells, leads + 6]``: each lead, each outcome, 1-0, 0-0 and 0-1."""
    home, away = (side.reshape(-1, 1) for side in np.indices((HALF_GOALS, HALF_GOALS)))
    leads = home - away == np.arange(_LEADS) - HALF_GOALS + 1
    outcomes = np.sign(home - away) == (1, 0, -1)
    return np.hstack((leads, outcomes, outcomes & (home + away <= 1))).astype(np.float64)


def _both_times() -> Floats:
    """The factor of each lead in the first half with each in the second, by both outcomes ``[leads**2, 9]``."""
    lead = np.arange(_LEADS) - HALF_GOALS + 1
    places = 3 * (1 - np.sign(lead)[:, None]) + 1 - np.sign(np.add.outer(lead, lead))
    factors = (_AT_HALF_TIME[:, None] * _BOTH_TIMES).ravel()
    table: Floats = (places.reshape(-1, 1) == np.arange(9)) * factors
    return table


_COUNTED, _TABLE = _counted(), _both_times()
_CORRECTED = (_LOW_SCORES.ravel() @ _COUNTED[[0, 1, HALF_GOALS, HALF_GOALS + 1]]).ravel()
_UNDER = np.array(((0.0, 1.0), (1.0, 1.0), (0.0, 1.0)))
"""Which of 1-0, 0-0 and 0-1 have fewer goals than 0.5 and 1.5."""


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
    probabilities (if these are thousandths, all are), and goals until half-time are reconciled with its rows: what one
    says of a half never contradicts the other.
    """
    first, second = _halves(np.maximum(rates, LOWEST_RATE))
    pairs = first[:, :_LEADS, None] * second[:, None, :_LEADS]
    table = (pairs.reshape(-1, 1, len(_TABLE)) @ _TABLE).reshape(-1, 3, 3)
    table *= (probabilities / table.sum(axis=1))[:, None, :]
    scale = table.sum(axis=2) / first[:, _LEADS:-3]
    few_goals = first[:, -3:] * scale
    return Halves(table, (few_goals[:, None] @ _UNDER)[:, 0])


def _halves(rates: Floats) -> tuple[Floats, Floats]:
    """What is counted ``[n, leads + 6]`` in the first and in the second half, to a constant for each match.

    Dixon and Coles' correction adds to the low scores of the first half, of which 1-1 is h a, so many times that.
    """
    by_half = rates[:, None, :] * _SHARES
    weights = by_half[..., None] ** GOALS * BY_FACTORIAL
    grids = weights[:, :, 0, :, None] * weights[:, :, 1, None, :]
    counted = (grids.reshape(-1, 1, _CELLS) @ _COUNTED).reshape(len(rates), 2, -1)
    both = by_half[:, 0, 0] * by_half[:, 0, 1]
    return counted[:, 0] + both[:, None] * _CORRECTED, counted[:, 1]


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
