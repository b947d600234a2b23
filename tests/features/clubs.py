"""Clubs as the filters know them, and how they come to their next match."""

from typing import Any

import msgspec
import numpy as np

from sabiscore.arrays import Floats
from sabiscore.features.kalman import (
    COMPONENTS,
    FAST_VARIANCE,
    FASTER_VARIANCE,
    HOME_VARIANCE,
    SLOW_VARIANCE,
    Arrival,
)

VARIANCES = (SLOW_VARIANCE, FAST_VARIANCE, FASTER_VARIANCE, HOME_VARIANCE)


def arrival(m: int = 1, **other: Any) -> Arrival:  # noqa: ANN401 - the fields of an Arrival
    """Clubs that stay where they are, and played yesterday."""
    nothing = np.zeros(m, np.intp)
    usual = Arrival(
        summers=nothing,
        days=nothing + 1,
        joins=nothing > 0,
        first=nothing > 0,
        moved=nothing,
        level=nothing,
        mean_then=np.zeros((2, m)),
        mean_now=np.zeros((2, m)),
    )
    changed = {
        name: np.full((2, m) if name.startswith("mean") else m, value) for name, value in other.items()
    }
    return msgspec.structs.replace(usual, **changed)


def club(value: float = 0.5, variance: float = 0.05) -> Floats:
    """A club with this in every component."""
    state = np.full((COMPONENTS, 2, 1), value)
    state[list(VARIANCES)] = variance
    return state
