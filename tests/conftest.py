import signal
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import polars as pl
import pytest

from sabiscore.clock import Clock
from sabiscore.data.catalogue import Catalogue, load
from sabiscore.data.parse import read_matches
from sabiscore.forecaster import Forecaster
from sabiscore.service import PredictionService

from .once import made_once
from .sample import LAST_SEASON, write_files

pytest_plugins = ["tests.needs", "tests.order"]

# A loaded machine may stop for longer than an example's usual deadline.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


def pytest_configure() -> None:
    """Let tests press Ctrl-C: a shell that runs them in the background has them ignore it, and what they start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


TODAY = datetime(2025, 8, 1, 12, tzinfo=UTC)
ON_TODAY = Clock(unix=TODAY.timestamp)
"""On which it is always `TODAY`."""


@pytest.fixture(scope="session")
def match_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real season files in football-data.co.uk's layout, written from the sample."""
    directory = tmp_path_factory.mktemp("matches")
    write_files(directory)
    return directory


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The names that are understood."""
    return load()


@pytest.fixture(scope="session")
def divisions(match_files: Path, catalogue: Catalogue) -> pl.DataFrame:
    """The real matches of the sample in all its divisions, as the canonical frame."""
    return read_matches(match_files, catalogue)


@pytest.fixture(scope="session")
def matches(divisions: pl.DataFrame, service: PredictionService) -> pl.DataFrame:
    """The real matches of the sample in the leagues that the shipped bundle knows."""
    return divisions.filter(pl.col("league").is_in([league.code for league in service.leagues]))


@pytest.fixture(scope="session")
def every_match(
    published_files: Path,
    catalogue: Catalogue,
    service: PredictionService,
    tmp_path_factory: pytest.TempPathFactory,
) -> pl.DataFrame:
    """All real matches that the shipped bundle knows: for tests that are marked all_matches."""

    def make(file: Path) -> None:
        read_matches(published_files, catalogue, service.leagues).write_parquet(file)

    read = pl.read_parquet(made_once(tmp_path_factory, "every-match.parquet", make))
    return read.filter(pl.col("season") <= LAST_SEASON)


@pytest.fixture(scope="session")
def forecaster() -> Forecaster:
    """The shipped bundle at work."""
    return Forecaster.load()


@pytest.fixture(scope="session")
def service(catalogue: Catalogue, forecaster: Forecaster) -> PredictionService:
    """The real service without a cache; it believes that today is 2025-08-01."""
    return PredictionService(forecaster, catalogue=catalogue, clock=ON_TODAY)
