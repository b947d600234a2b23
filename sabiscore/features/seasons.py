"""What time does to a club between matches: days add uncertainty, a summer regresses, promotion starts anew."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.features import components
from sabiscore.features.averages import Floats
from sabiscore.features.parameters import FilterParameters, Parameters
from sabiscore.features.timeline import NONE, Index, Standing

MOST_SUMMERS = 40
FULL_REST = 30
"""Days of rest beyond which more make no difference."""


class Passage(Struct, frozen=True):
    """How the components ``[k]`` of a club reach its next kick-off.

    ``kept`` and ``gained`` ``[summers, k]`` are factor and addend of so many summers, ``promoted`` what a club
    that comes up starts with, ``new`` what one starts with where no one has come up; ``drift`` and
    ``drift_priced`` are added for each day of rest.
    """

    kept: NDArray[np.float64]
    gained: NDArray[np.float64]
    promoted: NDArray[np.float64]
    new: NDArray[np.float64]
    drift: NDArray[np.float64]
    drift_priced: NDArray[np.float64]

    def effect(self, standing: Standing) -> tuple[Floats, Floats]:
        """Factor and start ``[n, k]``: over its summers a club goes to ``start + factor * last snapshot``."""
        summers = np.minimum(standing.summers, MOST_SUMMERS - 1)
        known, joins = (standing.position >= 0)[:, None], standing.joins[:, None]
        factor = np.where(known & ~joins, self.kept[summers], 0.0)
        start = np.where(joins, self.promoted, np.where(known, self.gained[summers], self.new))
        return factor, start

    def rest(self, values: Floats, rested: Index) -> Floats:
        """The components after days of rest ``[n]``."""
        priced = values[:, _PRICED, None] > 0.0
        drifted: Floats = values + rested[:, None] * np.where(priced, self.drift_priced, self.drift)
        return drifted


_PRICED = components.CLUB.index("priced")
_FILTERS = ("results", "strength", "total")


def days_of_rest(standing: Standing, day: Index) -> Index:
    """Days since the last match ``[n]``, 30 at most and where there is none."""
    rested = np.where(standing.last_day == NONE, FULL_REST, day - standing.last_day)
    return np.minimum(rested, FULL_REST)


def passage(parameters: Parameters) -> Passage:
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
    return Passage(
        kept=powers,
        gained=gained * np.cumsum(np.vstack((np.zeros_like(kept), powers[:-1])), axis=0),
        promoted=promoted,
        new=new,
        drift=drift,
        drift_priced=priced,
    )
