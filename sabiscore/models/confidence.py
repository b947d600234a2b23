"""What low, medium and high confidence mean: bounds on the likeliest outcome's probability.

They hold for data of up to `FRESH` days. Of older data the bounds are higher, so that a level still means what it
states, and a level that would not is never given.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Annotated, TypeAlias

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.domain import Confidence
from sabiscore.scoring.scores import Outcomes

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Count = Annotated[int, Meta(ge=0)]


class ConfidenceLevel(Struct, frozen=True, forbid_unknown_fields=True):
    """A level of confidence: the least probability of the likeliest outcome, and what it was worth.

    ``hit_rate`` is how often that outcome happened and ``share`` how often the level was reached, over
    ``n`` matches: in each season by bounds that were chosen on others (`measure_apart`).
    """

    at_least: Share
    hit_rate: Share
    share: Share
    n: Count


class AgedConfidence(Struct, frozen=True, forbid_unknown_fields=True):
    """The levels there are for data that are at most ``through`` days old, and older than those before."""

    through: Count
    confidence: dict[str, ConfidenceLevel]


class Told(Struct, frozen=True):
    """``n`` predictions: the probability of the likeliest outcome, whether it happened, the data's age in days.

    ``unsure`` are of low confidence whatever their probability.
    """

    likeliest: Floats
    hit: NDArray[np.bool_]
    age: NDArray[np.intp]
    unsure: NDArray[np.bool_]


Bounds: TypeAlias = Sequence[tuple[int, Mapping[Confidence, float]]]
"""The least probability of each level there is, by the age in days through which it holds, the freshest first."""

FRESH = 60
"""Days after the data's end through which a level is given as on the next day."""

AGES = (120, 240, 366, 730)
"""Days through which the bounds of older data hold; data that are older yet allow no level but low."""

LEAST_SHARE = 0.02
"""The share of matches below which a level is not given: of three seasons of five leagues, a hundred matches."""

HIGH_HIT_RATE = 0.755
"""How often the likeliest outcome of a match of high confidence has to happen: three times of four, with some room."""

MEDIUM_HIT_RATE = 0.55
"""How often the likeliest outcome of a match of medium confidence has to happen."""

_GRID = np.arange(0.34, 0.96, 0.01)
_STEP = 0.005
_Surest: TypeAlias = tuple[Floats, NDArray[np.bool_]]
_GIVEN: tuple[Confidence, Confidence] = ("high", "medium")


def choose_bounds(probabilities: Floats, outcomes: Outcomes) -> dict[Confidence, float]:
    """The lowest bounds that give high and medium confidence enough hits on these matches; 1 where none does."""
    likeliest = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == outcomes
    high = _lowest(likeliest, hit, HIGH_HIT_RATE, ceiling=1.01)
    medium = _lowest(likeliest, hit, MEDIUM_HIT_RATE, ceiling=high)
    return {"high": high, "medium": medium, "low": 0.0}


def _lowest(likeliest: Floats, hit: NDArray[np.bool_], rate: float, *, ceiling: float) -> float:
    """The lowest bound up to a ceiling from which on the likeliest outcome happened often enough."""
    for bound in _GRID[ceiling > _GRID].tolist():
        inside = (likeliest >= bound) & (likeliest < ceiling)
        if inside.sum() > LEAST_SHARE * len(inside) and hit[inside].mean() >= rate:
            return float(round(bound, 3))
    return min(ceiling, 1.0)


def measure(bounds: Mapping[Confidence, float], told: Told) -> dict[str, ConfidenceLevel]:
    """What each level was worth on these predictions, whatever the data's age."""
    return _measure(bounds.items(), np.where(told.unsure, 0.0, told.likeliest), told.hit)


def measure_apart(
    bounds: Mapping[Confidence, float], parts: Iterable[tuple[Mapping[Confidence, float], Told]]
) -> dict[str, ConfidenceLevel]:
    """What the levels of ``bounds`` are worth, each of ``parts`` judged by bounds of its own, chosen elsewhere."""
    measured = [measure(own, told) for own, told in parts]
    matches = sum(level.n for part in measured for level in part.values())
    found: dict[str, ConfidenceLevel] = {}
    for name, bound in bounds.items():
        levels = [part[name] for part in measured]
        n = sum(level.n for level in levels)
        hits = sum(level.hit_rate * level.n for level in levels)
        found[name] = ConfidenceLevel(bound, hits / n if n else 0.0, n / matches if matches else 0.0, n)
    return found


def by_age(stated: Mapping[str, ConfidenceLevel], choose: Told, check: Told) -> tuple[AgedConfidence, ...]:
    """The levels of older data: each has to hit as often as ``stated`` on ``choose`` and again on ``check``.

    What is measured is so on ``check``. The bounds never fall with age, and a level that is not given is not given
    later: older data never raise a level.
    """
    found = []
    least = {level: known.at_least for level, known in stated.items()}
    for since, through in pairwise((FRESH, *AGES)):
        then, now = (_surest(told, since, through) for told in (choose, check))
        least = _keep(stated, least, (then, now))
        found.append(AgedConfidence(through, _measure(least.items(), *now)))
    return tuple(found)


def levels(
    likeliest: Floats, age: NDArray[np.intp], unsure: NDArray[np.bool_], bounds: Bounds
) -> NDArray[np.str_]:
    """The level of each of ``n`` predictions, as `level_of` has it."""
    told = zip(likeliest.tolist(), age.tolist(), unsure.tolist(), strict=True)
    return np.array([level_of(sure, days, bounds, unsure=low) for sure, days, low in told], np.str_)


def level_of(likeliest: float, age: int, bounds: Bounds, *, unsure: bool) -> Confidence:
    """The highest level whose bound at this age the likeliest outcome's probability reaches; low where ``unsure``."""
    for through, least in () if unsure else bounds:
        if age <= through:
            return next((level for level in _GIVEN if likeliest >= least.get(level, np.inf)), "low")
    return "low"


def _surest(told: Told, since: int, through: int) -> _Surest:
    """Of predictions from data of that age, how sure they may be called, and whether they were right."""
    chosen = (told.age > since) & (told.age <= through)
    return np.where(told.unsure, 0.0, told.likeliest)[chosen], told.hit[chosen]


def _keep(
    stated: Mapping[str, ConfidenceLevel], least: Mapping[str, float], parts: Sequence[_Surest]
) -> dict[str, float]:
    """The bounds, raised until each level hits as often as stated in every part; without those that never do."""
    kept: dict[str, float] = {}
    ceiling = np.inf
    for level in _GIVEN:
        for bound in np.arange(least.get(level, 1.0), 1.0, _STEP).round(3).tolist():
            if min(_hit_rate(bound, ceiling, *part) for part in parts) >= stated[level].hit_rate:
                kept[level] = ceiling = bound
                break
    return kept | {"low": 0.0}


def _hit_rate(bound: float, ceiling: float, likeliest: Floats, hit: NDArray[np.bool_]) -> float:
    """How often the likeliest outcome happened where its probability is between; 0 for too few matches."""
    inside = (likeliest >= bound) & (likeliest < ceiling)
    return float(hit[inside].mean()) if inside.sum() > LEAST_SHARE * len(inside) else 0.0


def _measure(
    bounds: Iterable[tuple[str, float]], likeliest: Floats, hit: NDArray[np.bool_]
) -> dict[str, ConfidenceLevel]:
    measured: dict[str, ConfidenceLevel] = {}
    ceiling = 1.01
    for level, bound in bounds:
        inside = (likeliest >= bound) & (likeliest < ceiling)
        rate = float(hit[inside].mean()) if inside.any() else 0.0
        share = float(inside.mean()) if len(inside) else 0.0
        measured[level] = ConfidenceLevel(bound, rate, share, int(inside.sum()))
        ceiling = bound
    return measured
