"""What forecasts and their confidence are worth as the data grow old."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.domain import Confidence
from sabiscore.models.confidence import AGES, FRESH, Bounds, levels
from sabiscore.scoring.scores import Outcomes, Scores, score

BANDS = (0, 30, FRESH, *AGES)
LEVELS: tuple[Confidence, ...] = ("high", "medium", "low")


class Aged(Struct, frozen=True):
    """``n`` forecasts of matches from data of some ``age`` in days; a match is there once for each age.

    ``league`` is its code, ``ours`` is ``[n, 3]``; ``level`` is the confidence they are given, ``unlowered`` what it
    would be if age did not matter.
    """

    league: NDArray[np.str_]
    age: NDArray[np.intp]
    ours: Floats
    outcomes: Outcomes
    level: NDArray[np.str_]
    unlowered: NDArray[np.str_]

    def of(self, chosen: NDArray[np.bool_]) -> "Aged":
        """The chosen forecasts."""
        return Aged(**{name: getattr(self, name)[chosen] for name in Aged.__struct_fields__})


class Hits(Struct, frozen=True):
    """How often the likeliest outcome happened where a level was given, and the share of forecasts it was given to."""

    hit_rate: float
    share: float


class AgeBand(Struct, frozen=True):
    """Forecasts from data older than ``since`` days, ``through`` at most; levels that no forecast has are left out."""

    since: int
    through: int
    scores: Scores
    given: dict[str, Hits]
    unlowered: dict[str, Hits]


def aged(
    *,
    league: NDArray[np.str_],
    ours: Floats,
    outcomes: Outcomes,
    age: NDArray[np.intp],
    joins: NDArray[np.bool_],
    bounds: Bounds,
) -> Aged:
    """Forecasts with the confidence they are given; it is low for a club that ``joins``."""
    given, unlowered = (levels(ours.max(axis=1), days, joins, bounds) for days in (age, np.zeros_like(age)))
    return Aged(league, age, ours, outcomes, given, unlowered)


def bands(parts: Sequence[Aged]) -> list[AgeBand]:
    """All forecasts of all parts, by age."""
    columns = ([getattr(part, name) for part in parts] for name in Aged.__struct_fields__)
    return list(_bands(Aged(*map(np.concatenate, columns))))


def _bands(everything: Aged) -> Iterator[AgeBand]:
    for since, through in pairwise(BANDS):
        part = everything.of((everything.age > since) & (everything.age <= through))
        if len(part.age):
            yield AgeBand(
                since=since,
                through=through,
                scores=score(part.ours, part.outcomes),
                given=_hits(part, part.level),
                unlowered=_hits(part, part.unlowered),
            )


def _hits(part: Aged, level: NDArray[np.str_]) -> dict[str, Hits]:
    hit = part.ours.argmax(axis=1) == part.outcomes
    given = {name: level == name for name in LEVELS}
    return {
        name: Hits(float(hit[chosen].mean()), float(chosen.mean()))
        for name, chosen in given.items()
        if chosen.any()
    }
