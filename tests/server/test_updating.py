import logging
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.serving import started
from sabiscore import settings
from sabiscore.clock import Clock
from sabiscore.errors import SettingsError
from sabiscore.server.updating import Updating, interval
from tests.cli.test_cli import premier_league, served
from tests.waiting import eventually

HOUR = 3600.0


def script(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


class Watched:
    """Updates that run a script each time, by a clock of the test's."""

    def __init__(self, directory: Path, code: str, every: float | None = HOUR) -> None:
        self.now = 0.0
        self.runs = directory / "runs"
        self.runs.touch()
        code = f"open({str(self.runs)!r}, 'a').write('.'); {code}"
        clock = Clock(seconds=lambda: self.now)
        self.updating = Updating(every, directory / "said", command=script(code), patience=60, clock=clock)

    @property
    def count(self) -> int:
        return len(self.runs.read_text())

    def until_run(self, count: int) -> None:
        """Until that many have begun."""
        eventually(lambda: self.kept() and self.count == count)

    def until_logged(self, caplog: pytest.LogCaptureFixture, text: str) -> None:
        eventually(lambda: self.kept() and text in caplog.text)

    def kept(self) -> bool:
        self.updating.keep()
        return True


class TestAnInterval:
    @pytest.mark.parametrize(
        ("text", "seconds"), [("", None), ("45s", 45.0), ("30m", 1800.0), ("6h", 21_600.0), ("1d", 86_400.0)]
    )
    def test_has_a_unit(self, text: str, seconds: float | None) -> None:
        assert interval(settings.load({"SABISCORE_UPDATE_EVERY": text})) == seconds

    @pytest.mark.parametrize("text", ["6", "h", "0h", "-1h", "6 h", "6w", "1.5h", "999999s"])
    def test_that_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(SettingsError, match="SABISCORE_UPDATE_EVERY"):
            settings.load({"SABISCORE_UPDATE_EVERY": text})

    def test_goes_with_no_bundle_that_is_named(self) -> None:
        named = settings.load({"SABISCORE_UPDATE_EVERY": "6h", "SABISCORE_BUNDLE": "/some/where"})
        with pytest.raises(SettingsError, match="leave SABISCORE_BUNDLE"):
            interval(named)


class TestUpdates:
    def test_come_at_once_and_then_when_they_are_due(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        watched = Watched(tmp_path, "print('all is new')")
        watched.until_run(1)
        watched.until_logged(caplog, "update: all is new")
        watched.now = HOUR - 1
        watched.updating.keep()
        assert watched.count == 1
        watched.now = HOUR
        watched.until_run(2)
        watched.updating.stop()

    def test_do_not_come_where_none_are_wanted(self, tmp_path: Path) -> None:
        watched = Watched(tmp_path, "", every=None)
        watched.updating.keep()
        assert not (tmp_path / "said").exists()

    def test_that_fail_are_logged_and_come_again(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        watched = Watched(tmp_path, "raise SystemExit('Error: the site is down')")
        watched.until_run(1)
        watched.until_logged(caplog, "the update ended with status 1: Error: the site is down")
        watched.now = HOUR
        watched.until_run(2)
        watched.updating.stop()

    def test_that_hang_are_killed(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        watched = Watched(tmp_path, "import time; time.sleep(600)")
        watched.until_run(1)
        watched.now = 61.0
        watched.until_logged(caplog, "the update ended with status -9")

    def test_come_one_at_a_time(self, tmp_path: Path) -> None:
        watched = Watched(tmp_path, "import time; time.sleep(600)", every=1.0)
        watched.until_run(1)
        watched.now = 30.0
        watched.updating.keep()
        watched.updating.stop()
        assert watched.count == 1

    def test_that_cannot_be_started_are_logged(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        Updating(HOUR, tmp_path / "said", command=(str(tmp_path / "nothing"),)).keep()
        assert "no update can be started" in caplog.text


class TestAService:
    def test_answers_from_what_it_brought_by_itself(self, match_files: Path, tmp_path: Path) -> None:
        site = premier_league(match_files, tmp_path / "site", since=2023)
        for season in ("2324", "2425"):  # which ends later, as late as that of the shipped bundle
            shutil.copy(match_files / season / "SP2.csv", site / season)
        with served(site) as url:
            chosen = {"matches_url": url, "data": str(tmp_path / "data")}
            with started("--update-every", "1h", settings=chosen) as service:
                service.wait_until_ready(workers=1)
                current = tmp_path / "data" / "bundles" / "current"
                eventually(current.is_file)
                version = current.read_text().strip()
                eventually(lambda: service.http.get("/api/v1/model").json()["version"] == version)

    def test_whose_update_fails_serves_on_and_says_why(self, tmp_path: Path) -> None:
        (site := tmp_path / "site").mkdir()
        with served(site) as url:
            chosen = {"matches_url": url, "data": str(tmp_path / "data"), "update_every": "1d"}
            with started(settings=chosen) as service:
                service.wait_until_ready(workers=1)
                eventually(
                    lambda: "the update ended with status 1" in (service.directory / "log").read_text()
                )
                assert service.http.get("/api/v1/model").is_success
