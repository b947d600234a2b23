import polars as pl
import pytest

from sabiscore.features import History, Parameters, build_history


@pytest.fixture(scope="package")
def history(matches: pl.DataFrame) -> History:
    """The history of all real matches."""
    return build_history(matches, Parameters())
