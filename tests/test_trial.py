import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.abuse import files
from benchmarks.abuse.crafting import ASTRAY, FAR_ASTRAY, craft, kind_of, shipped
from benchmarks.abuse.files import examined, fates
from sabiscore import trial
from sabiscore.errors import BundleError
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED
from sabiscore.trial import examine, try_bundle
from tests.waiting import LONG, eventually

SEED = 7
MANY = range(24)
"""Crafted bundles, every other one with golden predictions forged to fit it."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped bundle, to be spoilt."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "bundle"))


def first_of(kind: str) -> int:
    """The number of the first crafted bundle of a kind."""
    return next(number for number in itertools.count() if kind_of(number, SEED) == kind)


def reason(directory: Path, seconds: float = LONG) -> str:
    """Why a trial refuses this bundle."""
    with pytest.raises(BundleError) as refused:
        try_bundle(directory, seconds=seconds)
    assert "\n" not in str(refused.value)
    return refused.value.reason


class TestATrial:
    def test_tells_the_digest_of_a_bundle_that_answers(self) -> None:
        assert try_bundle(SHIPPED, seconds=LONG) == bundles.read(SHIPPED).digest

    def test_says_what_the_bundle_is_refused_for(self, copy: Path) -> None:
        size = (copy / "trees-0.cbm").stat().st_size
        (copy / "trees-0.cbm").write_bytes(b"")
        assert reason(copy) == f"has 0 bytes, the manifest says {size}"

    def test_that_crashes_its_process_refuses_the_bundle(
        self, copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(files, "SLOW", LONG)
        number = first_of(FAR_ASTRAY)
        crashed, next_one = fates((number, first_of(ASTRAY)), SEED, copy)
        assert crashed.what == "crashed"
        assert next_one.what in {"refused", "crashed"}, "it was not examined"
        craft(number, SEED).write(copy)
        assert "crashed the process that tried it (SIG" in reason(copy)

    def test_refuses_trees_that_point_beyond_their_borders(self, copy: Path) -> None:
        """What CatBoost reads there is another thing each time, and sometimes what it should be."""
        craft(first_of(ASTRAY), SEED).write(copy)
        assert re.search("crashed|point astray", reason(copy))

    def test_has_an_end(self) -> None:
        began = time.monotonic()
        assert "0.1 s without an end" in reason(SHIPPED, seconds=0.1)
        assert time.monotonic() - began < LONG / 2

    def test_knows_no_setting_of_ours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SABISCORE_VALKEY_URL", "valkey://:secret@cache")
        assert not any("secret" in value for value in trial._environment().values())

    def test_ends_with_the_process_that_wanted_it(self) -> None:
        """The child binds itself to its parent, which here is killed while the child would wait for ever."""
        child = "import time; from sabiscore.trial import _bind; _bind(); print('bound', flush=True); time.sleep(60)"
        parent = (
            f"import subprocess, sys, time; print(subprocess.Popen([sys.executable, '-c', {child!r}]).pid, flush=True);"
            "time.sleep(60)"
        )
        with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
            assert process.stdout is not None
            pid = int(process.stdout.readline())
            assert process.stdout.readline() == "bound\n"
            process.kill()
        eventually(lambda: not alive(pid))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]


class TestACraftedBundle:
    """Its digests agree."""

    def test_is_refused_or_answers_sanely(self, copy: Path) -> None:
        safe = [number for number in reversed(MANY) if "trees" not in kind_of(number, SEED)]
        first = {(kind_of(number, SEED), number % 2): number for number in safe}
        found = [examined(number, SEED, copy) for number in first.values()]
        assert {fate.what for fate in found} == {"refused", "loaded"}, found
        assert max(fate.seconds for fate in found) < LONG
        assert not [fate for fate in found if "\n" in fate.reason]

    def test_that_forgets_its_golden_fixtures_is_refused(self, copy: Path) -> None:
        crafted = shipped()
        crafted.manifest["golden"]["fixtures"] = []
        crafted.write(copy)
        with pytest.raises(BundleError, match=r"cannot be read|golden"):
            examine(copy)

    def test_that_predicts_its_golden_fixtures_otherwise_is_refused(self, copy: Path) -> None:
        crafted = shipped()
        crafted.manifest["golden"]["fixtures"][3]["probabilities"] = [0.5, 0.3, 0.2]
        crafted.write(copy)
        with pytest.raises(BundleError, match="golden predictions"):
            examine(copy)
