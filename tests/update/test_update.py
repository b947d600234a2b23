import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.parse import read_matches
from sabiscore.errors import BundleError, DataError
from sabiscore.forecaster import Forecaster
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED
from sabiscore.update.place import Place
from sabiscore.update.update import update

from .conftest import LAST

Play = Callable[[date], None]

MARCH, APRIL, MAY = date(2025, 3, 1), date(2025, 4, 1), date(2025, 5, 1)


def files_below(directory: Path) -> dict[str, tuple[int, bytes]]:
    """Every file with when it was written and what is in it."""
    paths = (path for path in directory.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}


def test_a_bundle_knows_new_matches_and_has_the_same_heads(place: Place, play_until: Play) -> None:
    play_until(APRIL)
    updated = update(place, SHIPPED)
    assert place.shelf.current
    made, shipped = bundles.read(place.shelf.current), bundles.read(SHIPPED)
    assert updated.is_new
    assert updated.version == made.version
    assert date(2025, 3, 1) < updated.data_through < APRIL
    assert made.files["trees-0.cbm"] == shipped.files["trees-0.cbm"]
    assert made.manifest.head == shipped.manifest.head
    assert made.manifest.calibration == shipped.manifest.calibration
    assert bundles.heads(made.manifest) == bundles.heads(shipped.manifest)
    assert made.digest != shipped.digest
    assert Forecaster.from_bundle(made).rows.has_league("E0")


def test_nothing_new_writes_nothing(place: Place) -> None:
    first = update(place, SHIPPED)
    before = files_below(place.directory)
    again = update(place, SHIPPED)
    assert (again.version, again.is_new) == (first.version, False)
    assert files_below(place.directory) == before
    moved = Place(place.directory.rename(place.directory.with_name("moved")))
    assert not update(moved, SHIPPED).is_new


def test_the_same_bundle_made_again_is_not_new(place: Place) -> None:
    first = update(place, SHIPPED)
    place.inputs.unlink()
    again = update(place, SHIPPED)
    assert (again.version, again.is_new) == (first.version, False)


def test_a_current_bundle_that_was_damaged_is_made_again(place: Place) -> None:
    first = update(place, SHIPPED)
    assert place.shelf.current
    (place.shelf.current / "history.npz").write_bytes(b"")
    again = update(place, SHIPPED)
    assert (again.version, again.is_new) == (first.version, True)
    assert bundles.read(place.shelf.current).version == first.version


def test_it_needs_no_http_client_and_no_bars() -> None:
    """What it imports is a good part of what a match day costs; to pull does need them."""
    asked = "import sys, sabiscore.update.update; print({'httpx', 'rich'} & sys.modules.keys())"
    said = subprocess.check_output([sys.executable, "-c", asked], text=True)  # noqa: S603
    assert said == "set()\n"


def test_after_every_match_day_the_bundle_is_the_one_made_from_nothing(
    place: Place, play_until: Play, tmp_path: Path
) -> None:
    for day in (MARCH, APRIL, MAY):
        play_until(day)
        grown = update(place, SHIPPED)
    other = Place(tmp_path / "other")
    other.directory.mkdir()
    other.matches.symlink_to(place.matches)
    assert update(other, SHIPPED).version == grown.version
    assert len(place.shelf.published()) == 3


def test_a_corrected_result_is_corrected(place: Place, tmp_path: Path) -> None:
    wrong = place.matches / LAST
    right = wrong.read_text()
    header, first, *rest = right.splitlines()
    assert first.startswith("E0,16/08/2024,Man United,Fulham,H,1,0,0,0,")
    wrong.write_text("\n".join([header, first.replace("H,1,0,0,0,", "A,1,4,0,0,"), *rest, ""]))
    mistaken = update(place, SHIPPED)
    wrong.write_text(right)
    corrected = update(place, SHIPPED)
    assert corrected.version != mistaken.version
    fresh = Place(tmp_path / "fresh")
    fresh.directory.mkdir()
    fresh.matches.symlink_to(place.matches)
    assert update(fresh, SHIPPED).version == corrected.version


def test_a_file_that_is_refused_leaves_the_bundle_as_it_is(place: Place, play_until: Play) -> None:
    play_until(APRIL)
    current = update(place, SHIPPED).version
    (place.matches / LAST).write_text(
        "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG\nE0,16/08/2024,Man Utied,Fulham,1,0\n"
    )
    with pytest.raises(DataError, match=r"2425/E0.csv:2: .*Manchester United"):
        update(place, SHIPPED)
    assert place.shelf.version == current


def test_a_bundle_that_moves_too_far_is_not_published(place: Place, catalogue: Catalogue) -> None:
    current = update(place, SHIPPED).version
    clubs = sorted(read_matches(place.matches, catalogue)["home"].unique())
    others = dict(zip(clubs, (*clubs[7:], *clubs[:7]), strict=True))
    for file in place.matches.glob("*/E0.csv"):
        rows = [line.split(",") for line in file.read_text().splitlines()]
        mistaken = [",".join(others.get(cell, cell) for cell in row) for row in rows]
        file.write_text("\n".join([*mistaken, ""]))
    with pytest.raises(BundleError, match=r"probabilities moved by 0\.[12]\d on average"):
        update(place, SHIPPED)
    assert place.shelf.version == current


def test_two_at_once_are_refused(place: Place) -> None:
    with place.alone(), pytest.raises(DataError, match="another update is at work"), place.alone():
        pass
    with place.alone():
        assert place.shelf.version == ""


def test_where_nobody_may_write_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(DataError, match="lock: cannot be written: Is a directory"), Place(tmp_path).alone():
        pass


def test_without_match_files_it_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="sabiscore pull"):
        update(Place(tmp_path), SHIPPED)
