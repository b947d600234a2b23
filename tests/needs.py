"""Tests that need what a bare machine has not: run where it is, else deselected with a line that says so.

`--whole` deselects none: a test whose need is missing then fails.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks import nginx
from benchmarks.contenders import missing_tools
from benchmarks.process import DRIVER_CORE, SERVER_CORE
from benchmarks.proxy import is_there

ROOT = Path(__file__).parents[1]
BESIDE = ROOT.parent / "shared" / "data" / "more" / "football-data"
PUBLISHED = Path(os.environ.get("MATCH_FILES", BESIDE))


@dataclass(frozen=True)
class Need:
    """What the tests with a marker need, and how to have it."""

    is_met: Callable[[], bool]
    remedy: str


NEEDS = {
    "all_matches": Need(PUBLISHED.is_dir, "`uv run sabiscore pull --into DIR`, then MATCH_FILES=DIR"),
    "load_drivers": Need(
        lambda: not missing_tools() and os.sched_getaffinity(0) >= {DRIVER_CORE, SERVER_CORE},
        "install wrk and taskset (Debian: wrk, util-linux); two cores",
    ),
    "prometheus": Need(
        lambda: all(map(shutil.which, ("prometheus", "promtool", "amtool"))),
        "install Prometheus and Alertmanager (Debian: prometheus, prometheus-alertmanager)",
    ),
    "proxy": Need(is_there, "install haproxy (Debian: haproxy)"),
    "browser": Need(lambda: shutil.which("chromium") is not None, "install Chromium (Debian: chromium)"),
    "cache_in_front": Need(nginx.is_there, "install nginx (Debian: nginx-light)"),
    "node": Need(
        lambda: all(map(shutil.which, ("node", "npm"))), "install Node.js and npm (Debian: nodejs, npm)"
    ),
    "shell": Need(
        lambda: all(map(shutil.which, ("bash", "sed", "sha256sum"))), "install bash, sed and coreutils"
    ),
    "shells": Need(
        lambda: all(map(shutil.which, ("bash", "zsh", "fish", "setsid"))),
        "install bash, zsh, fish and setsid (Debian: bash, zsh, fish, util-linux)",
    ),
    "checkout": Need(
        lambda: shutil.which("git") is not None and (ROOT / ".git").exists(),
        "install git, and clone this repository",
    ),
}
LEFT_OUT = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="Deselect no test for what this machine lacks.")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("whole"):
        return
    for name in (name for name, need in NEEDS.items() if not need.is_met()):
        left_out = [item for item in items if item.get_closest_marker(name)]
        if left_out:
            config.stash[LEFT_OUT][name] = len(left_out)
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name, count in config.stash[LEFT_OUT].items():
        terminalreporter.write_line(
            f"{count} tests marked {name} did not run; to run them: {NEEDS[name].remedy}"
        )


@pytest.fixture(scope="session")
def published_files() -> Path:
    """Season files as they were published: for tests that are marked all_matches."""
    assert PUBLISHED.is_dir(), f"no match files in {PUBLISHED}"
    return PUBLISHED
