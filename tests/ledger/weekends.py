"""Real matches as if they were still to come."""

from datetime import UTC, date, datetime, time
from typing import Any

import polars as pl

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.ids import fixture_id
from sabiscore.domain import OUTCOMES, ListedFixture, Odds

KICKOFF = time(14, tzinfo=UTC)


def listed(matches: pl.DataFrame, catalogue: Catalogue) -> list[ListedFixture]:
    """The matches of a canonical frame as the list of fixtures has them, with its odds."""
    return [_listed(row, catalogue) for row in matches.iter_rows(named=True)]


def morning(day: date) -> datetime:
    """Before all matches of a day."""
    return datetime.combine(day, time(8), UTC)


def _listed(row: dict[str, Any], catalogue: Catalogue) -> ListedFixture:
    league = catalogue.league(row["league"])
    home, away = (catalogue.club(row[side], league) for side in ("home", "away"))
    odds = [row[f"average_{outcome}"] for outcome in OUTCOMES]
    return ListedFixture(
        id=fixture_id(league, row["season"], home, away),
        league=league.code,
        season=row["season"],
        home=home.key,
        away=away.key,
        kickoff=datetime.combine(row["date"], KICKOFF),
        odds=None if None in odds else Odds(*odds),
    )
