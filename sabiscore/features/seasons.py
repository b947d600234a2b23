"""What time does to a club between matches: days add uncertainty, a summer regresses, promotion starts anew."""

import numpy as np
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.features import components
from sabiscore.features.parameters import FilterParameters, Parameters
from sabiscore.features.timeline import NONE, Index, Standing

MOST_SUMMERS = 40
FULL_REST = 30
"""Days of rest beyond which more make no difference."""


class SeasonTransition(Struct, frozen=True):
    """How the components ``[k]`` of a club reach its next kick-off.

    ``kept`` and ``gained`` ``[MOST_SUMMERS + 2, k]`` are factor and addend of so many summers; the last two
    rows are for a club that comes up and for a new one where no one has come up. ``drift`` ``[2, k]`` is added for
    each day of rest: where the last match had no odds, and where it had.
    """

    kept: Floats
    gained: Floats
    drift: Floats

    def effect(self, standing: Standing) -> tuple[Floats, Floats]:
        """Factor and start ``[n, k]``: over its summers a club goes to ``start + factor * last snapshot``."""
        row = np.minimum(standing.summers, MOST_SUMMERS - 1)
        row[standing.position == NONE] = _NEW
        row[standing.joins] = _PROMOTED
        return self.kept.take(row, axis=0), self.gained.take(row, axis=0)

    def rest(self, values: Floats, rested: Index) -> Floats:
        """The components ``[n, k]`` after days of rest ``[n]``."""
        priced = (values[..., _PRICED] > 0.0).astype(np.intp)
        drifted: Floats = values + rested[..., None] * self.drift.take(priced, axis=0)
        return drifted


_PROMOTED, _NEW = MOST_SUMMERS, MOST_SUMMERS + 1
_PRICED = components.CLUB.index("priced")
_FILTERS = ("results", "strength", "total")


def days_of_rest(standing: Standing, day: Index) -> Index:
    """Days since the last match ``[n]``, 30 at most and where there is none: -1 is long ago."""
    rested: Index = np.minimum(day - standing.last_day, FULL_REST)
    return rested


def season_transition(parameters: Parameters) -> SeasonTransition:
    """The arrays made of the parameters, columns in the order of `components.CLUB`."""
    kept, gained = np.zeros(len(components.CLUB)), np.zeros(len(components.CLUB))
    promoted, new, drift, priced = (np.zeros(len(components.CLUB)) for _ in range(4))
    at = components.CLUB.index
    mean = parameters.average
    for name in ("goals", "shots"):
        promoted[at(f"{name}_for")], promoted[at(f"{name}_against")] = (
            mean.promoted_for,
            mean.promoted_against,
        )
    for name in ("goals_for", "goals_against", "shots_for", "shots_against"):
        kept[at(name)] = mean.regression
    promoted[at("promoted")] = 1.0
    for name in _FILTERS:
        rules: FilterParameters = getattr(parameters, name)
        rating, variance = at(name), at(f"{name}_variance")
        kept[rating], kept[variance] = rules.regression, rules.variance_kept
        gained[variance] = rules.variance_added
        promoted[rating], promoted[variance], new[variance] = rules.promoted, rules.prior, rules.prior
        drift[variance], priced[variance] = rules.drift, rules.drift_priced
    for name in ("results_home", "strength_home", "priced"):
        kept[at(name)] = 1.0
    summers = np.arange(MOST_SUMMERS)[:, None]
    powers = kept**summers
    sums = gained * np.cumsum(np.vstack((np.zeros_like(kept), powers[:-1])), axis=0)
    return SeasonTransition(
        kept=np.vstack((powers, np.zeros((2, len(kept))))),
        gained=np.vstack((sums, promoted, new)),
        drift=np.vstack((drift, priced)),
    )
