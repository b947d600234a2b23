import multiprocessing
import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path

from sabiscore.clock import Clock
from sabiscore.data import catalogue, coming
from sabiscore.data.parse import read_matches
from sabiscore.features import Parameters, build_history, history
from sabiscore.forecaster import HISTORY, Forecaster
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED
from sabiscore.update.place import Place
from sabiscore.update.update import update

Play = Callable[[date], None]

FIRST = date(2025, 1, 10)
KILLS = 30


def at_noon(day: date) -> Clock:
    """A clock that stands."""
    return Clock(unix=datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp)


def update_alone(directory: Path, day: date) -> None:
    """What a process of its own does."""
    place = Place(directory)
    with place.alone():
        update(place, SHIPPED, at_noon(day))


def run(processes: ForkServerContext, place: Place, day: date, until: float) -> None:
    """An update that is killed after so many seconds, unless it has ended."""
    child = processes.Process(target=update_alone, args=(place.directory, day))
    child.start()
    child.join(until)
    child.kill()
    child.join()


def test_killed_at_thirty_moments_it_leaves_a_whole_state(
    place: Place, play_until: Play, list_from: Play
) -> None:
    """Each day has new results and new fixtures, so that there is something to do each time."""
    chance = random.Random(2025)  # noqa: S311 - no secret
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([update.__module__])
    took = 0.0
    for number in range(KILLS):
        day = FIRST + timedelta(days=4 * number)
        play_until(day)
        list_from(day)
        if number % 10 == 0:
            began = time.monotonic()
            run(processes, place, day, until=300.0)
            took = time.monotonic() - began
            assert place.shelf.current
            day += timedelta(days=2)
            play_until(day)
            list_from(day)
        run(processes, place, day, until=chance.uniform(0.0, took))
        assert_whole(place)
    last = date(2025, 6, 1)
    play_until(last)
    with place.alone():
        updated = update(place, SHIPPED, at_noon(last))
    assert updated.data_through == date(2025, 5, 25)
    assert_whole(place)
    assert Forecaster.load(place.shelf.directory / updated.version).version == updated.version
    assert_as_from_nothing(place)
    assert not [path for path in place.directory.rglob(".*") if path.name != ".pull.json"]


def assert_whole(place: Place) -> None:
    """The current bundle is whole, and the ledger's past is as it was."""
    assert place.shelf.current
    current = bundles.read(place.shelf.current)
    assert current.version == place.shelf.version
    assert coming.load(current.files[coming.FILE]) is not None
    assert place.ledger.verify().head.lines > 0


def assert_as_from_nothing(place: Place) -> None:
    """The history has the bits of one pass."""
    assert place.shelf.current
    current = bundles.read(place.shelf.current)
    frame = read_matches(place.matches, catalogue.load())
    assert current.files[HISTORY] == history.dump(build_history(frame, Parameters()))
