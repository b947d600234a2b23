"""The settled fixtures of a ledger as arrays, with what everyone said of them."""

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl
from msgspec import Struct, structs
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.data.seasons import name_of
from sabiscore.domain import OUTCOMES, ByOutcome, Odds
from sabiscore.implied import devig
from sabiscore.ledger.ledger import Kept
from sabiscore.ledger.schemas import Forecast, Sealed, Settled
from sabiscore.scoring.scores import Outcomes

NO_BET = -1

Chosen = NDArray[np.bool_]


class Matches(Struct, frozen=True):
    """``n`` settled fixtures, by day and id.

    ``where`` has date, league, season (2025/26), month (2025-08) of each; ``said`` ``[n, 3]`` is NaN where a forecast
    cannot say; ``odds`` and ``closing`` ``[n, 3]`` are decimal, NaN where there were none; ``bet`` ``[n]`` is the
    outcome that was recommended at these odds, or `NO_BET`.
    """

    where: pl.DataFrame
    outcomes: Outcomes
    said: dict[Forecast, Floats]
    odds: Floats
    closing: Floats
    bet: NDArray[np.intp]

    def __len__(self) -> int:
        """How many matches."""
        return len(self.outcomes)

    def of(self, chosen: Chosen) -> "Matches":
        """The chosen ones."""
        return Matches(
            where=self.where.filter(chosen),
            outcomes=self.outcomes[chosen],
            said={name: said[chosen] for name, said in self.said.items()},
            odds=self.odds[chosen],
            closing=self.closing[chosen],
            bet=self.bet[chosen],
        )


def settled(fixtures: Mapping[str, Kept]) -> Matches:
    """Those of the fixtures that were sealed in time and have ended."""
    pairs = [
        (kept.sealed, kept.settled)
        for kept in fixtures.values()
        if kept.settled is not None and kept.sealed is not None
    ]
    pairs.sort(key=lambda pair: (pair[1].date, pair[0].id))
    seals, ends = [seal for seal, _ in pairs], [end for _, end in pairs]
    odds, closing = _prices(seal.odds for seal in seals), _prices(end.closing_odds for end in ends)
    return Matches(
        where=_where(seals, ends),
        outcomes=np.array([OUTCOMES.index(end.result) for end in ends], np.intp),
        said={
            "ours": _triples(seal.probabilities for seal in seals),
            "ours_with_odds": _triples(seal.with_odds for seal in seals),
            "market": devig(odds),
            "closing": devig(closing),
            "base_rates": _triples(end.base_rates for end in ends),
        },
        odds=odds,
        closing=closing,
        bet=np.array([_bet(seal) for seal in seals], np.intp),
    )


def _where(seals: list[Sealed], ends: list[Settled]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "date": [end.date for end in ends],
            "league": [seal.league for seal in seals],
            "season": [name_of(seal.season) for seal in seals],
            "month": [f"{end.date:%Y-%m}" for end in ends],
        },
        schema={"date": pl.Date, "league": pl.String, "season": pl.String, "month": pl.String},
    )


def _triples(said: Iterable[ByOutcome | None]) -> Floats:
    return _rows(None if one is None else structs.astuple(one) for one in said)


def _prices(odds: Iterable[Odds | None]) -> Floats:
    return _rows(None if one is None else structs.astuple(one) for one in odds)


def _rows(rows: Iterable[tuple[float, ...] | None]) -> Floats:
    """``[n, 3]``, NaN where there is none."""
    return np.array([(np.nan, np.nan, np.nan) if row is None else row for row in rows], float).reshape(-1, 3)


def _bet(seal: Sealed) -> int:
    if seal.odds is None or seal.recommended_bet == "no_bet":
        return NO_BET
    return OUTCOMES.index(seal.recommended_bet)
