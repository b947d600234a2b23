"""What a walk forward says of a season's matches: one pass over all of them, each forecast as of its day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
import numpy as np
import polars as pl
from msgspec import Struct

from sabiscore.domain import OUTCOMES
from sabiscore.features import Parameters, RowMaker, build_history
from sabiscore.features.calendar import day_number
from sabiscore.forecaster import Forecaster
from sabiscore.ledger.schemas import Sealed, Settled
from sabiscore.models.heads import probabilities
from sabiscore.scoring.scores import Outcomes, rps


class Compared(Struct, frozen=True):
    """How sealed forecasts differ from those of the walk: at most, and their RPS, on ``n`` matches."""

    n: int
    largest: float
    ours: float
    walked: float


def compared(
    pairs: Sequence[tuple[Sealed, Settled]], updates: Sequence[date], frame: pl.DataFrame, heads: Forecaster
) -> Compared:
    """Sealed fixtures that have ended beside a walk forward over all matches, with the same heads.

    Each is forecast as of the last of ``updates`` before it, from one pass over the whole ``frame``.
    """
    parameters = msgspec.convert(heads.manifest.parameters, Parameters)
    rows = RowMaker(build_history(frame, parameters), parameters)
    sealed = np.array([_triple(seal) for seal, _ in pairs])
    walked = np.empty_like(sealed)
    for ago, numbers in _by_age([seal for seal, _ in pairs], updates).items():
        keys = [_key(pairs[number][0]) for number in numbers]
        matrix = rows.fixtures(keys, ago).matrix
        walked[numbers] = probabilities(heads.head.log_odds(matrix))
    outcomes: Outcomes = np.array([OUTCOMES.index(end.result) for _, end in pairs], np.intp)
    return Compared(
        n=len(pairs),
        largest=float(np.abs(sealed - walked).max()),
        ours=float(rps(sealed, outcomes).mean()),
        walked=float(rps(walked, outcomes).mean()),
    )


def _by_age(seals: Sequence[Sealed], updates: Sequence[date]) -> Mapping[int, list[int]]:
    """The numbers of fixtures by how many days before each the last update was."""
    ages: defaultdict[int, list[int]] = defaultdict(list)
    for number, seal in enumerate(seals):
        day = seal.kickoff_time.date()
        ages[(day - max(one for one in updates if one <= day)).days].append(number)
    return ages


def _key(seal: Sealed) -> tuple[str, str, str, int]:
    return seal.league, seal.home, seal.away, day_number(seal.kickoff_time.date())


def _triple(seal: Sealed) -> tuple[float, float, float]:
    said = seal.probabilities
    return said.home, said.draw, said.away
