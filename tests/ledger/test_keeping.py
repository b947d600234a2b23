"""The hooks of an update, in its order, over real matches and the real list of fixtures."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.coming import to_come
from sabiscore.data.fixture_list import parse_fixtures
from sabiscore.domain import ListedFixture
from sabiscore.forecaster import Forecaster
from sabiscore.ledger.files import RECORD, SEALED, load_record, load_sealed
from sabiscore.ledger.keeping import files, seal, settle
from sabiscore.ledger.ledger import Ledger

from .conftest import SINCE
from .weekends import listed, morning

WEEK = timedelta(weeks=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


def coming(matches: pl.DataFrame, catalogue: Catalogue, day: date) -> list[ListedFixture]:
    """What the list has on a day: a week of fixtures."""
    return listed(matches.filter(pl.col("date").is_between(day, day + WEEK, closed="left")), catalogue)


def test_week_after_week_what_was_sealed_is_settled_and_told(
    ledger: Ledger, forecaster: Forecaster, spring: pl.DataFrame, catalogue: Catalogue
) -> None:
    fixtures = 0
    for week in range(4):
        day = SINCE + week * WEEK
        known = spring.filter(pl.col("date") < day)
        assert settle(ledger, known, catalogue, morning(day)) == fixtures
        found = files(ledger, forecaster, known)
        record, sealed = load_record(found[RECORD]), load_sealed(found[SEALED])
        assert record.settled == record.sealed == len(sealed)
        assert record.ledger == ledger.verify().head
        fixtures = len(coming(spring, catalogue, day))
        assert seal(ledger, forecaster, coming(spring, catalogue, day), catalogue, morning(day)) == fixtures
    assert record.overall is not None
    assert record.overall.matches.forecasts["ours"].rps.value < 0.25
    assert {one.league for one in record.alarms} == {"E0", "SP1", "all"}


def test_an_update_that_is_done_again_writes_nothing(
    ledger: Ledger, forecaster: Forecaster, spring: pl.DataFrame, catalogue: Catalogue
) -> None:
    list_ = coming(spring, catalogue, SINCE)
    seal(ledger, forecaster, list_, catalogue, morning(SINCE))
    head = ledger.verify().head
    later = morning(SINCE) + timedelta(hours=1)
    known = spring.filter(pl.col("date") < SINCE)
    assert settle(ledger, known, catalogue, later) == 0
    assert seal(ledger, forecaster, list_, catalogue, later) == 0
    assert ledger.verify().head == head
    assert files(ledger, forecaster, known) == files(ledger, forecaster, known)


def test_what_an_interrupted_update_still_owes_is_sealed_by_the_next(
    ledger: Ledger, forecaster: Forecaster, spring: pl.DataFrame, catalogue: Catalogue
) -> None:
    list_ = coming(spring, catalogue, SINCE)
    seal(ledger, forecaster, list_[:3], catalogue, morning(SINCE))
    assert seal(ledger, forecaster, list_, catalogue, morning(SINCE)) == len(list_) - 3


@pytest.mark.all_matches
def test_the_published_list_is_sealed_once_the_season_before_is_known(
    ledger: Ledger,
    forecaster: Forecaster,
    divisions: pl.DataFrame,
    catalogue: Catalogue,
    published_files: Path,
) -> None:
    now = datetime(2026, 8, 18, tzinfo=UTC)
    path = published_files / "fixtures-2.csv"
    list_ = to_come(parse_fixtures(path.read_bytes(), path, catalogue).fixtures, divisions, catalogue)
    still = [one for one in list_ if one.kickoff > now]
    assert seal(ledger, forecaster, list_, catalogue, now) == len(still) > 0
    assert settle(ledger, divisions, catalogue, now) == 0
    sealed = load_sealed(files(ledger, forecaster, divisions)[SEALED])
    assert set(sealed) == {one.id for one in still}
    assert [sealed[one.id].odds for one in still] == [one.odds for one in still]
