"""Matches with what everyone said of them: what the backtest counts on."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.evaluation.rivals import MARKET
from sabiscore.models.calibration import complete
from sabiscore.scoring.outcomes import closing_line, outcomes
from sabiscore.scoring.scores import Outcomes, divergence, expected_gap, rps

OURS, WITH_ODDS = "ours", "ours with odds"
EXPECTED_CLOSING = "closing as expected"
"""Where the odds before the match are expected to close: no forecast of the match, but of the closing line."""

Chosen = NDArray[np.bool_]


class Losses(Struct, frozen=True):
    """By forecast and match ``[n]``, NaN where it cannot say or, but for RPS, without a closing line.

    ``expected_gap`` is to the market, ``divergence`` in thousandths of a nat from the closing line.
    """

    rps: dict[str, Floats]
    expected_gap: dict[str, Floats]
    divergence: dict[str, Floats]

    def of(self, chosen: Chosen) -> "Losses":
        """On the chosen matches."""
        return Losses(*(_rows(getattr(self, name), chosen) for name in Losses.__struct_fields__))


class Scored(Struct, frozen=True):
    """``n`` matches and, by name, what was said of them before: NaN where a forecast cannot say.

    ``matches`` have the columns of `cuts.with_cuts`. ``outcomes`` are ``[n, 3]``, ``markets`` (by market first) as
    `markets.MARKETS` has them; ``level`` ``[n]`` is our confidence, ``licensed`` ``[n]`` whether to bet on the
    match's league.
    """

    matches: pl.DataFrame
    outcomes: dict[str, Floats]
    markets: dict[str, dict[str, Floats]]
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

    def losses(self) -> "Losses":
        """What each forecast of the outcome lost on each match."""
        market, closing = self.outcomes[MARKET], closing_line(self.matches)
        truth = self.truth
        return Losses(
            rps={name: rps(said, truth) for name, said in self.outcomes.items()},
            expected_gap={name: expected_gap(said, market, closing) for name, said in self.outcomes.items()},
            divergence={name: divergence(closing, said) for name, said in self.outcomes.items()},
        )

    def of(self, chosen: Chosen) -> "Scored":
        """The chosen matches."""
        return Scored(
            matches=self.matches.filter(chosen),
            outcomes=_rows(self.outcomes, chosen),
            markets={name: _rows(said, chosen) for name, said in self.markets.items()},
            level=self.level[chosen],
            licensed=self.licensed[chosen],
        )


def together(parts: Sequence[Scored]) -> Scored:
    """Parts with the same forecasts as one, in their order."""
    return Scored(
        matches=pl.concat([part.matches for part in parts]),
        outcomes=_joined([part.outcomes for part in parts]),
        markets={name: _joined([part.markets[name] for part in parts]) for name in parts[0].markets},
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
