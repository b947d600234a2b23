"""The columns of a snapshot: what is kept of a club and of a league. The order of the fields is theirs."""

from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats


class ClubState(Struct, frozen=True):
    """What is kept of a club.

    ``strength_*`` are logarithms of how many times as many goals as the opponent it is expected to score, ``goals_*``
    of how many there are in its matches. Each has a slow, a fast and a faster component. All clubs of a country are
    on one scale. ``strength_played`` is that part of the slow component that came from what was played rather than
    from odds. ``form`` is by how many goals it did better than closing odds of late, ``surprised`` how much better
    the last odds were than expected, ``long_run`` its rating over years, ``reds`` those of its last match.
    ``corners_*`` are relative to the league's mean.
    """

    strength_slow: float
    strength_fast: float
    strength_faster: float
    strength_home: float
    strength_slow_variance: float
    strength_fast_variance: float
    goals_slow: float
    goals_fast: float
    goals_faster: float
    goals_slow_variance: float
    goals_fast_variance: float
    strength_played: float
    form: float
    surprised: float
    long_run: float
    reds: float
    corners_for: float
    corners_against: float


class LeagueState(Struct, frozen=True):
    """What is kept of a league, each with what is believed of one of which nothing is known.

    ``home_advantage`` and ``goal_level`` are what the filters hold; ``mean_strength`` and ``mean_goals`` the means of
    its clubs' slow components; then running means of corners a match, 0 where nobody counts them.
    """

    home_advantage: float = 0.31
    goal_level: float = 0.45
    mean_strength: float = 0.0
    mean_goals: float = 0.0
    home_corners: float = 0.0
    away_corners: float = 0.0


CLUB = ClubState.__struct_fields__
LEAGUE = LeagueState.__struct_fields__
LEAGUE_PRIOR: dict[str, float] = msgspec.structs.asdict(LeagueState())

LEAGUE_PRIOR_MATCHES = 50
"""How many matches of a league that belief is worth."""

_STEPS = (
    ("variance", 4096),
    ("goals", 1024),
    ("reds", 1),
    ("corners", 128),
    ("form", 64),
    ("surprised", 64),
    ("long_run", 256),
    ("strength", 512),
)


def _step(name: str) -> int:
    """How many steps of a snapshot's component there are to one."""
    return next(steps for part, steps in _STEPS if part in name)


CLUB_STEPS = np.array([_step(name) for name in CLUB], dtype=np.float64)
LEAGUE_STEPS = np.full(len(LEAGUE), 2048.0)

LARGEST = np.iinfo(np.int16).max - 1


def rounded(values: Floats, steps: Floats) -> NDArray[np.int16]:
    """Components ``[m, k]`` as whole steps: what is kept of them, three digits, offline and online alike."""
    return np.clip(np.rint(values * steps), -LARGEST, LARGEST).astype(np.int16)


def restored(kept: NDArray[Any], steps: Floats) -> Floats:
    """Components ``[..., k]`` from whole steps."""
    found: Floats = kept / steps
    return found
