"""How sealed fixtures ended, by the match files."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import polars as pl

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.frame import odds
from sabiscore.data.ids import fixture_id
from sabiscore.domain import OUTCOMES, ByOutcome, Odds, Outcome
from sabiscore.ledger.ledger import Kept
from sabiscore.ledger.schemas import Settled
from sabiscore.scoring.outcomes import base_rates, outcomes

_PAIR = ("league", "season", "home", "away")
_CLOSING = odds("closing")
_COLUMNS = (*_PAIR, "date", "home_goals", "away_goals", *_CLOSING)


def results(
    frame: pl.DataFrame, fixtures: Mapping[str, Kept], catalogue: Catalogue, now: datetime
) -> list[Settled]:
    """The results that a canonical frame has of the ``fixtures`` of a ledger, in the order of time."""
    first = [kept.seals[0] for kept in fixtures.values() if kept.seals]
    if not first:
        return []
    sealed = {(one.league, one.season, one.home, one.away) for one in first}
    frame = frame.select(*_COLUMNS).filter(pl.col("league").is_in({one.league for one in first}))
    outcome, rates = outcomes(frame), base_rates(frame)
    since = min(one.season for one in first)
    matches = frame.with_row_index("row").filter(pl.col("season") >= since)
    found, meetings = [], Counter[tuple[Any, ...]]()
    name = _Names(catalogue)
    for row in matches.iter_rows(named=True):
        pair = tuple(row[column] for column in _PAIR)
        meetings[pair] += 1
        if pair in sealed and (id_ := name.of(row, meetings[pair])) in fixtures:
            found.append(_settled(id_, row, OUTCOMES[outcome[row["row"]]], rates[row["row"]].tolist(), now))
    return found


class _Names:
    """Ids of matches; leagues and clubs are looked up once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._league = cache(catalogue.league)
        self._club = cache(catalogue.club)

    def of(self, row: Mapping[str, Any], meeting: int) -> str:
        """The id of a match of a frame."""
        league = self._league(row["league"])
        home, away = self._club(row["home"], league), self._club(row["away"], league)
        return fixture_id(league, row["season"], home, away, meeting)


def _settled(id_: str, row: Mapping[str, Any], result: Outcome, rates: list[float], now: datetime) -> Settled:
    closing = [row[name] for name in _CLOSING]
    return Settled(
        id=id_,
        date=row["date"],
        home_goals=row["home_goals"],
        away_goals=row["away_goals"],
        result=result,
        settled_at=now,
        base_rates=ByOutcome(*rates),
        closing_odds=None if None in closing else Odds(*closing),
    )
