import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from sabiscore.clock import Clock
from sabiscore.errors import BundleError, Refusal
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED, Bundle
from sabiscore.server import mapped
from sabiscore.server.preparer import PATIENCE, Preparer
from tests.clocks import Hand
from tests.waiting import eventually


class Source:
    """Has what it is told, once."""

    def __init__(self, read: Callable[[], Bundle]) -> None:
        self.has(read)

    def has(self, read: Callable[[], Bundle]) -> None:
        self.read = read
        self._told = False

    def has_changed(self) -> bool:
        before, self._told = self._told, True
        return not before


class Hook:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def prepared(self) -> None:
        self.told.append("prepared")

    def refused(self, kind: Refusal) -> None:
        self.told.append(kind)


class Case:
    """A preparer, kept until it has told something."""

    def __init__(self, read: Callable[[], Bundle], path: Path) -> None:
        self.hook, self.hand = Hook(), Hand()
        self.source = Source(read)
        self.preparer = Preparer(self.source, path, self.hook, clock=Clock(seconds=self.hand))

    def comes_to(self) -> str:
        eventually(self._has_told)
        (told,) = self.hook.told
        return told

    def _has_told(self) -> bool:
        self.preparer.keep()
        return bool(self.hook.told)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / mapped.NAME


def refuse() -> Bundle:
    raise BundleError("it", "is none", "older")


def fail() -> Bundle:
    raise KeyError("nobody foresaw")


def crash() -> Bundle:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def hang() -> Bundle:
    while True:
        signal.pause()


class TestAPreparer:
    def test_leaves_what_workers_map(self, path: Path) -> None:
        assert Case(partial(bundles.read, SHIPPED), path).comes_to() == "prepared"
        assert mapped.read(path).version == bundles.read(SHIPPED).version

    def test_leaves_nothing_where_workers_have_it_already(self, path: Path) -> None:
        case = Case(partial(bundles.read, SHIPPED), path)
        case.preparer.begin(bundles.read(SHIPPED).version)
        case.preparer.keep()
        while case.preparer.is_at_work:
            case.preparer.keep()
        assert not path.exists()
        assert not case.hook.told

    def test_tells_that_workers_have_it_still_after_another_was_refused(self, path: Path) -> None:
        case = Case(refuse, path)
        case.preparer.begin(bundles.read(SHIPPED).version)
        assert case.comes_to() == "older"
        case.hook.told.clear()
        case.source.has(partial(bundles.read, SHIPPED))
        assert case.comes_to() == "prepared"
        assert not path.exists()

    def test_leaves_it_again_where_somebody_removed_it(self, path: Path) -> None:
        case = Case(partial(bundles.read, SHIPPED), path)
        case.comes_to()
        path.unlink()
        case.hook.told.clear()
        assert case.comes_to() == "prepared"
        assert path.exists()

    @pytest.mark.parametrize(
        ("read", "why", "kind"),
        [
            (refuse, "bundle refused: it: is none", "older"),
            (fail, "KeyError: 'nobody foresaw'", "crashed"),
            (crash, "ended with status -9", "crashed"),
        ],
    )
    def test_lives_and_tells_why_where_the_process_does_not_come_to_it(
        self, read: Callable[[], Bundle], why: str, kind: str, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert Case(read, path).comes_to() == kind
        assert why in caplog.text
        assert not path.exists()

    def test_ends_a_process_that_does_not_end(self, path: Path, caplog: pytest.LogCaptureFixture) -> None:
        case = Case(hang, path)
        case.preparer.keep()
        case.hand.now += PATIENCE + 1
        assert case.comes_to() == "crashed"
        assert "ended with status -9" in caplog.text
