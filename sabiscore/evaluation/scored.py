"""Matches with what everyone said of them: what the backtest counts on."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.evaluation.rivals import MARKET
from sabiscore.models.calibration import complete
from sabiscore.models.scores import Outcomes, rps
from sabiscore.training.outcomes import outcomes

OURS, WITH_ODDS = "ours", "ours with odds"

Chosen = NDArray[np.bool_]


class Scored(Struct, frozen=True):
    """``n`` matches and, by name, what was said of them before: NaN where a forecast cannot say.

    ``outcomes`` are ``[n, 3]``, ``over`` (2.5 goals) and ``both_score`` ``[n]``; ``level`` ``[n]`` is our
    confidence, ``licensed`` ``[n]`` whether to bet on the match's league.
    """

    matches: pl.DataFrame
    outcomes: dict[str, Floats]
    over: dict[str, Floats]
    both_score: dict[str, Floats]
    level: NDArray[np.str_]
    licensed: NDArray[np.bool_]

    @property
    def truth(self) -> Outcomes:
        """What happened ``[n]``."""
        return outcomes(self.matches)

    @property
    def priced(self) -> Chosen:
        """The matches ``[n]`` that had odds beforehand."""
        return known(self.outcomes[MARKET])

    def losses(self) -> dict[str, Floats]:
        """The RPS ``[n]`` of each forecast of the outcome, NaN where it cannot say."""
        return {name: rps(said, self.truth) for name, said in self.outcomes.items()}

    def of(self, chosen: Chosen) -> "Scored":
        """The chosen matches."""
        return Scored(
            matches=self.matches.filter(chosen),
            outcomes=_rows(self.outcomes, chosen),
            over=_rows(self.over, chosen),
            both_score=_rows(self.both_score, chosen),
            level=self.level[chosen],
            licensed=self.licensed[chosen],
        )


def together(parts: Sequence[Scored]) -> Scored:
    """Parts with the same forecasts as one, in their order."""
    return Scored(
        matches=pl.concat([part.matches for part in parts]),
        outcomes=_joined([part.outcomes for part in parts]),
        over=_joined([part.over for part in parts]),
        both_score=_joined([part.both_score for part in parts]),
        level=np.concatenate([part.level for part in parts]),
        licensed=np.concatenate([part.licensed for part in parts]),
    )


def known(said: Floats) -> Chosen:
    """Where a forecast ``[n]`` or ``[n, 3]`` says something ``[n]``."""
    return complete(said.reshape(len(said), -1))


def _rows(forecasts: Mapping[str, Floats], chosen: Chosen) -> dict[str, Floats]:
    return {name: said[chosen] for name, said in forecasts.items()}


def _joined(parts: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
