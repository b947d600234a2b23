"""How sealed fixtures ended, by the match files."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.frame import odds
from sabiscore.data.ids import fixture_id
from sabiscore.domain import OUTCOMES, ByOutcome, Odds
from sabiscore.ledger.ledger import Kept
from sabiscore.ledger.schemas import Settled
from sabiscore.scoring.outcomes import base_rates, outcomes

_PAIR = ("league", "season", "home", "away")
_CLOSING = odds("closing")


def results(
    frame: pl.DataFrame, fixtures: Mapping[str, Kept], catalogue: Catalogue, now: datetime
) -> list[Settled]:
    """The results that a canonical frame has of the ``fixtures`` of a ledger, in the order of time."""
    first = [kept.seals[0] for kept in fixtures.values() if kept.seals]
    if not first:
        return []
    sealed = {(one.league, one.season, one.home, one.away) for one in first}
    frame = frame.filter(pl.col("league").is_in({one.league for one in first}))
    matches = frame.with_columns(
        outcome=pl.Series(outcomes(frame)), base_rates=pl.Series(base_rates(frame).tolist())
    ).filter(pl.col("season") >= min(one.season for one in first))
    found, meetings = [], Counter[tuple[Any, ...]]()
    for row in matches.iter_rows(named=True):
        pair = tuple(row[name] for name in _PAIR)
        meetings[pair] += 1
        if pair in sealed:
            found.append(_settled(_id(row, meetings[pair], catalogue), row, now))
    return [one for one in found if one.id in fixtures]


def _id(row: Mapping[str, Any], meeting: int, catalogue: Catalogue) -> str:
    league = catalogue.league(row["league"])
    home, away = (catalogue.club(row[side], league) for side in ("home", "away"))
    return fixture_id(league, row["season"], home, away, meeting)


def _settled(id_: str, row: Mapping[str, Any], now: datetime) -> Settled:
    closing = [row[name] for name in _CLOSING]
    return Settled(
        id=id_,
        date=row["date"],
        home_goals=row["home_goals"],
        away_goals=row["away_goals"],
        result=OUTCOMES[row["outcome"]],
        settled_at=now,
        base_rates=ByOutcome(*row["base_rates"]),
        closing_odds=None if None in closing else Odds(*closing),
    )
