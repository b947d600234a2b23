"""What time makes of what is kept of clubs until a kick-off, made once for every way to come to it."""

import numpy as np
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features import kalman
from sabiscore.features.components import CLUB, CLUB_STEPS, restored
from sabiscore.features.kalman import ADDED, GAIN, Arrival, Rules, passed
from sabiscore.features.timeline import Index, Standing

_STATE = {
    "strength_slow": (kalman.SLOW, kalman.DIFFERENCE),
    "strength_fast": (kalman.FAST, kalman.DIFFERENCE),
    "strength_faster": (kalman.FASTER, kalman.DIFFERENCE),
    "strength_home": (kalman.HOME, kalman.DIFFERENCE),
    "strength_slow_variance": (kalman.SLOW_VARIANCE, kalman.DIFFERENCE),
    "strength_fast_variance": (kalman.FAST_VARIANCE, kalman.DIFFERENCE),
    "strength_played": (kalman.PLAYED, kalman.DIFFERENCE),
    "goals_slow": (kalman.SLOW, kalman.SUM),
    "goals_fast": (kalman.FAST, kalman.SUM),
    "goals_faster": (kalman.FASTER, kalman.SUM),
    "goals_slow_variance": (kalman.SLOW_VARIANCE, kalman.SUM),
    "goals_fast_variance": (kalman.FAST_VARIANCE, kalman.SUM),
}
"""Where in a state of the filters each component of a snapshot is; what rows do not need is not kept."""

_NEW = np.array([float(name.startswith("corners")) for name in CLUB])
"""What else is kept of a club of which nothing is known."""

_STRENGTH, _GOALS = CLUB.index("strength_slow"), CLUB.index("goals_slow")
_SLOW = slice(_STRENGTH, _GOALS + 1, _GOALS - _STRENGTH)
_DAYS, _SUMMERS = 400, 60
"""No season is longer, and more summers make no difference."""


class Arrivals:
    """The passages of `kalman` by how a club comes: so many days after its last match, summers, or new."""

    def __init__(self, rules: Rules, levels: int) -> None:
        self._moves = 2 * levels - 1
        self._stays = _DAYS + levels - 1
        self._new = _DAYS + (_SUMMERS + 1) * self._moves
        codes = np.arange(self._new + 2 * levels)
        summers, moved = np.divmod(np.clip(codes - _DAYS, 0, None), self._moves)
        new = codes >= self._new
        level, first = np.divmod(np.clip(codes - self._new, 0, None), 2)
        none = np.zeros((2, 0))
        passage = rules.passage(
            Arrival(
                summers=summers,
                days=np.where(codes < _DAYS, codes, 0),
                joins=new,
                first=first > 0,
                moved=moved - (levels - 1),
                level=level,
                mean_then=none,
                mean_now=none,
            )
        )
        table = np.zeros((len(passage), len(codes), len(CLUB)))
        table[GAIN], table[GAIN, new], table[ADDED, new] = 1.0, 0.0, _NEW
        for name, (component, kind) in _STATE.items():
            table[..., CLUB.index(name)] = passage[:, component, kind]
        self._passages = tuple(table)

    def ways(self, standing: Standing, rested: Index) -> Index:
        """How clubs come that have not played for so many days."""
        ways = np.minimum(standing.summers, _SUMMERS) * self._moves + (standing.moved + self._stays)
        np.putmask(ways, standing.summers == 0, rested)
        if np.count_nonzero(standing.new):
            np.putmask(ways, standing.new, 2 * standing.level + standing.first + self._new)
        return ways

    def arrived(self, kept: NDArray[np.int16], ways: Index, means: Floats) -> Floats:
        """The components ``[..., k]`` of clubs at kick-off, from those after their last match.

        ``means`` ``[..., 2]`` are of the leagues that they come from: of strength and goals.
        """
        centre, added, gain, more = (each.take(ways, axis=0) for each in self._passages)
        centre[..., _SLOW] *= means
        added[..., _SLOW] *= means
        return passed(restored(kept, CLUB_STEPS), (centre, added, gain, more))
