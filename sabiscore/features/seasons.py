"""What a summer does to a club: regression to the mean, promotion, or nothing."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.features.parameters import Parameters
from sabiscore.features.ratings import Floats
from sabiscore.features.timeline import Standing

MOST_SUMMERS = 40


class Summer(Struct, frozen=True):
    """What happens between seasons, columns in the order of `components.CLUB`.

    ``kept`` ``[summers, k]`` is the share of each component left after so many summers; ``promoted``
    ``[k]`` is what a club that comes up starts with.
    """

    kept: NDArray[np.float64]
    promoted: NDArray[np.float64]

    def effect(self, standing: Standing) -> tuple[Floats, Floats]:
        """Factor and start, each ``[n, k]``: a club enters with ``start + factor * last snapshot``.

        Where there is no last snapshot, or it no longer counts, the factor is 0.
        """
        kept = self.kept[np.minimum(standing.summers, MOST_SUMMERS - 1)]
        counts = (standing.position >= 0) & ~standing.joins
        return np.where(counts[:, None], kept, 0.0), np.where(standing.joins[:, None], self.promoted, 0.0)


def summer(parameters: Parameters) -> Summer:
    """The two arrays made of the parameters."""
    pi, elo, mean = parameters.pi, parameters.elo, parameters.average
    regression = np.array((pi.regression, pi.regression, elo.regression, *(mean.regression,) * 5, 0.0))
    ratings = (pi.promoted, pi.promoted, elo.promoted)
    means = (mean.promoted_for, mean.promoted_against) * 2
    return Summer(
        kept=regression ** np.arange(MOST_SUMMERS)[:, None],
        promoted=np.array((*ratings, *means, mean.promoted_form, 1.0)),
    )
