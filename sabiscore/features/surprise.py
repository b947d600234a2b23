"""What was played beyond what the closing odds had said, in goals."""

import msgspec
import numpy as np

from sabiscore.arrays import Floats
from sabiscore.features.matches import GOALS, REDS, Matches
from sabiscore.features.parameters import StatisticWeights, SurpriseParameters

_SCALED = slice(0, REDS)
"""Statistics that are scaled to goals by their league's running means: all but red cards."""


def surprises(
    matches: Matches, means: Floats, margin: SurpriseParameters, total: SurpriseParameters
) -> Floats:
    """Of the margin and of the total of matches ``[2, n]``; NaN without odds.

    ``means`` ``[n, 5]`` are each league's statistics a side and match before the day.
    """
    home, away = _in_goals(matches.home_stats, means), _in_goals(matches.away_stats, means)
    difference, both = home - away, home + away
    difference[:, REDS] *= -1.0
    implied_margin, implied_total = odds_in_goals(matches.odds)
    return np.stack((_surprise(difference, implied_margin, margin), _surprise(both, implied_total, total)))


def goal_surprise(matches: Matches, rules: SurpriseParameters) -> Floats:
    """Of the margin of goals alone ``[n]``; NaN without odds."""
    margin = matches.home_stats[:, GOALS] - matches.away_stats[:, GOALS]
    intercept, slope = rules.expected[GOALS]
    found: Floats = margin - intercept - slope * odds_in_goals(matches.odds)[0]
    return found


def odds_in_goals(odds: Floats) -> tuple[Floats, Floats]:
    """Margin and total ``[n]`` that the logarithms ``[n, 2]`` of `Matches.odds` mean."""
    home, away = np.exp(0.5 * (odds[:, 1] + odds[:, 0])), np.exp(0.5 * (odds[:, 1] - odds[:, 0]))
    return home - away, home + away


def _in_goals(statistics: Floats, means: Floats) -> Floats:
    scaled = statistics.copy()
    scaled[:, _SCALED] *= means[:, [GOALS]] / means
    scaled[:, REDS] = np.nan_to_num(scaled[:, REDS])
    return scaled


def _surprise(seen: Floats, implied: Floats, rules: SurpriseParameters) -> Floats:
    expected = np.array(rules.expected)
    beyond = seen - expected[:, 0] - expected[:, 1] * implied[:, None]
    plain = _weighted(beyond, rules.plain)
    goals = rules.goals_only * beyond[:, GOALS]
    known = np.where(np.isnan(plain), goals, plain)
    with_xg = _weighted(beyond, rules.with_xg)
    return np.where(np.isnan(with_xg), known, with_xg)


def _weighted(beyond: Floats, weights: StatisticWeights) -> Floats:
    counted = np.array(msgspec.structs.astuple(weights))
    used = counted != 0.0
    found: Floats = (beyond[:, used] * counted[used]).sum(axis=1)
    return found
