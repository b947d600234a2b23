import os
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import polars as pl
import pytest

from sabiscore.cache.protocol import NoCache
from sabiscore.data import catalogue as catalogues
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.parse import read_matches
from sabiscore.forecaster import Forecaster
from sabiscore.service import PredictionService

# A loaded machine may stop for longer than an example's usual deadline.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

BESIDE_THE_CHECKOUT = Path(__file__).parents[2] / "shared" / "data" / "football-data"
TODAY = datetime(2025, 8, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def match_files() -> Path:
    """Real match files in football-data.co.uk's layout; `sabiscore pull --into DIR` gets them."""
    directory = Path(os.environ.get("MATCH_FILES", BESIDE_THE_CHECKOUT))
    assert directory.is_dir(), (
        f"no match files in {directory}: run `sabiscore pull --into DIR` and set MATCH_FILES=DIR"
    )
    return directory


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return catalogues.load()


@pytest.fixture(scope="session")
def matches(match_files: Path, catalogue: Catalogue) -> pl.DataFrame:
    """All real matches, as the canonical frame."""
    return read_matches(match_files, catalogue)


@pytest.fixture(scope="session")
def forecaster() -> Forecaster:
    """The shipped bundle at work."""
    return Forecaster.load()


@pytest.fixture(scope="session")
def service(catalogue: Catalogue, forecaster: Forecaster) -> PredictionService:
    """The real service without a cache; it believes that today is 2025-08-01."""
    return PredictionService(catalogue=catalogue, forecaster=forecaster, cache=NoCache(), clock=lambda: TODAY)
