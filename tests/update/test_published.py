import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from sabiscore.errors import BundleError
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED, Bundle
from sabiscore.update.published import KEPT, Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "bundles")


def accepts(bundle: Bundle) -> None:
    assert bundle.files


def refuses(bundle: Bundle) -> None:
    raise BundleError(bundle.version, "no")


def publish(shelf: Shelf, number: int) -> str:
    """Publish the shipped bundle as if it knew matches for so many days longer; each a minute after the other."""
    shipped = bundles.read(SHIPPED)
    through = shipped.manifest.data_through + timedelta(days=number)
    version = shelf.publish(
        msgspec.structs.replace(shipped.manifest, data_through=through), shipped.files, accepts
    )
    os.utime(shelf.directory / version / bundles.MANIFEST, (1e9 + 60 * number,) * 2)
    return version


def test_where_nothing_was_published_nothing_is_current(shelf: Shelf) -> None:
    assert (shelf.version, shelf.current, shelf.published()) == ("", None, [])


def test_what_is_published_last_is_current_and_listed_first(shelf: Shelf) -> None:
    older, newer = publish(shelf, 1), publish(shelf, 2)
    assert shelf.version == newer
    assert [one.version for one in shelf.published()] == [newer, older]
    assert [one.is_current for one in shelf.published()] == [True, False]
    assert shelf.current
    assert bundles.read(shelf.current).version == newer


def test_what_is_refused_changes_nothing(shelf: Shelf) -> None:
    current = publish(shelf, 1)
    shipped = bundles.read(SHIPPED)
    with pytest.raises(BundleError):
        shelf.publish(shipped.manifest, shipped.files, refuses)
    assert shelf.version == current
    assert len(shelf.published()) == 1


def test_what_a_killed_update_left_is_swept_away(shelf: Shelf) -> None:
    publish(shelf, 1)
    code = (
        "import os, signal; from pathlib import Path; from sabiscore.models import bundles; "
        "from sabiscore.update.published import Shelf; "
        "bundles._swap = lambda *_: os.kill(os.getpid(), signal.SIGKILL); shipped = bundles.read(bundles.SHIPPED); "
        f"Shelf(Path({str(shelf.directory)!r})).publish(shipped.manifest, shipped.files, print)"
    )
    killed = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603
    assert killed.returncode == -signal.SIGKILL
    assert len(list(shelf.directory.glob(".*"))) == 1
    publish(shelf, 2)
    assert not list(shelf.directory.glob(".*"))


def test_the_last_ones_are_kept_and_the_current_one(shelf: Shelf) -> None:
    first, *others = [publish(shelf, number) for number in range(KEPT)]
    shelf.activate(first)
    versions = {publish(shelf, KEPT + 1), *others}
    assert {one.version for one in shelf.published()} == versions


def test_rolling_back_goes_from_each_to_the_one_before(shelf: Shelf) -> None:
    first, second, _ = (publish(shelf, number) for number in range(3))
    assert [shelf.roll_back(), shelf.roll_back()] == [second, first]
    assert shelf.version == first
    with pytest.raises(BundleError, match="no older bundle"):
        shelf.roll_back()


@pytest.mark.parametrize("version", ["0" * bundles.SHORT, "..", "", ".draft", "current"])
def test_what_is_not_there_cannot_be_made_current(shelf: Shelf, version: str) -> None:
    publish(shelf, 1)
    with pytest.raises(BundleError, match="there is no such bundle"):
        shelf.activate(version)


def test_one_that_was_changed_cannot_be_made_current(shelf: Shelf) -> None:
    older, newer = publish(shelf, 1), publish(shelf, 2)
    (shelf.directory / older / "history.npz").write_bytes(b"")
    with pytest.raises(BundleError, match=r"history\.npz"):
        shelf.activate(older)
    assert shelf.version == newer


def test_rolling_back_passes_over_one_that_is_not_whole(shelf: Shelf) -> None:
    oldest, older, newer = [publish(shelf, number) for number in (1, 2, 3)]
    (shelf.directory / older / "history.npz").write_bytes(b"")
    refused: list[BundleError] = []
    assert shelf.roll_back(refused.append) == oldest == shelf.version
    assert "history.npz" in str(refused[0])
    shelf.activate(newer)
    (shelf.directory / oldest / bundles.MANIFEST).write_bytes(b"{")
    with pytest.raises(BundleError, match="no older bundle"):
        shelf.roll_back()
    assert shelf.version == newer


def test_a_pointer_to_what_is_gone_points_nowhere(shelf: Shelf) -> None:
    publish(shelf, 1)
    (shelf.directory / "current").write_text("../../etc\n")
    assert shelf.current is None
    assert shelf.lost.endswith("current: names '../../etc', which is not there")


def test_only_a_pointer_that_points_nowhere_is_lost(shelf: Shelf) -> None:
    assert shelf.lost == ""
    publish(shelf, 1)
    assert shelf.lost == ""
    (shelf.directory / "current").unlink()
    (shelf.directory / "current").mkdir()
    assert shelf.lost.endswith("current: cannot be read: Is a directory")


def test_one_that_was_changed_is_put_right_when_it_is_published_again(shelf: Shelf) -> None:
    version = publish(shelf, 1)
    (shelf.directory / version / "history.npz").write_bytes(b"")
    assert publish(shelf, 1) == version
    assert bundles.read(shelf.directory / version).version == version
