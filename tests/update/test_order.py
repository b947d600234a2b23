"""The parts of an update, one after the other: fixtures to come, seals, results, the record, projected tables."""

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sabiscore.clock import Clock
from sabiscore.data import coming
from sabiscore.errors import LedgerError
from sabiscore.features.calendar import day_number
from sabiscore.forecaster import Forecaster
from sabiscore.ledger.files import RECORD, SEALED, load_record, load_sealed
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED, Bundle
from sabiscore.season import tables
from sabiscore.update.place import Place
from sabiscore.update.update import Updated, update

from .conftest import filled, list_week, play

Play = Callable[[date], None]

MARCH, APRIL = date(2025, 3, 7), date(2025, 4, 1)


def at_noon(day: date) -> Clock:
    """A clock that stands."""
    return Clock(unix=datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp)


@pytest.fixture(scope="module")
def marched(match_files: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Updated]:
    """What an update of nothing at noon of that day in March made, and what it said."""
    place = filled(tmp_path_factory.mktemp("march") / "data", match_files)
    play(place, match_files, MARCH)
    list_week(place, match_files, MARCH)
    return place, update(place, SHIPPED, at_noon(MARCH))


@pytest.fixture
def march(marched: tuple[Place, Updated], place: Place) -> str:
    """The bundle of that day, current in this test's own place."""
    made, updated = marched
    shutil.rmtree(place.directory)
    shutil.copytree(made.directory, place.directory, symlinks=True)
    return updated.version


@pytest.fixture
def on(place: Place, play_until: Play, list_from: Play) -> Callable[[date], Updated]:
    """An update at noon of a day, with the results until the day before and the fixtures from then on."""

    def updated(day: date) -> Updated:
        play_until(day)
        list_from(day)
        return update(place, SHIPPED, at_noon(day))

    return updated


def current(place: Place) -> Bundle:
    assert place.shelf.current
    return bundles.read(place.shelf.current)


@pytest.mark.usefixtures("march")
def test_what_is_published_is_sealed_with_its_digest_and_probabilities(place: Place) -> None:
    bundle = current(place)
    fixtures = coming.load(bundle.files[coming.FILE])
    assert len(fixtures) == 10
    keys = [(one.league, one.home, one.away, day_number(one.kickoff.date())) for one in fixtures]
    said = Forecaster.from_bundle(bundle).forecast(keys).probabilities.tolist()
    kept = place.ledger.read().fixtures
    for fixture, probabilities in zip(fixtures, said, strict=True):
        (seal,) = kept[fixture.id].seals
        ours = seal.probabilities
        assert (seal.bundle, seal.odds) == (bundle.digest, fixture.odds)
        assert [ours.home, ours.draw, ours.away] == probabilities


@pytest.mark.usefixtures("march")
def test_the_next_bundle_has_what_was_said_and_how_it_ended(
    place: Place, on: Callable[[date], Updated]
) -> None:
    first = current(place)
    on(APRIL)
    second = current(place)
    assert load_record(first.files[RECORD]).settled == 0
    record = load_record(second.files[RECORD])
    assert record.settled == 10
    assert set(load_sealed(second.files[SEALED])) == {one.id for one in coming.load(first.files[coming.FILE])}
    assert "E0" in tables.load(second.files[tables.FILE])
    place.ledger.verify([record.ledger])


def test_what_an_interrupted_update_did_not_seal_is_sealed_by_the_next(
    place: Place, on: Callable[[date], Updated]
) -> None:
    version = on(MARCH).version
    for file in (place.directory / "ledger").iterdir():
        file.unlink()
    again = on(MARCH)
    assert (again.version, again.is_new) == (version, False)
    assert len(place.ledger.read().fixtures) == 10
    lines = place.ledger.read().head
    on(MARCH)
    assert place.ledger.read().head == lines


def test_a_fixture_that_has_begun_is_not_sealed(place: Place, play_until: Play, list_from: Play) -> None:
    play_until(MARCH)
    list_from(MARCH)
    update(place, SHIPPED, at_noon(APRIL))
    assert place.ledger.read().fixtures == {}


def test_a_ledger_whose_past_was_changed_stops_it_and_the_bundle_stays(
    march: str, place: Place, on: Callable[[date], Updated]
) -> None:
    lines: Path = place.directory / "ledger" / "ledger.jsonl"
    lines.write_bytes(lines.read_bytes().replace(b'"home"', b'"away"', 1))
    with pytest.raises(LedgerError):
        on(APRIL)
    assert place.shelf.version == march
