from datetime import date

import polars as pl
import pytest

SINCE = date(2025, 3, 1)


@pytest.fixture(scope="session")
def spring(matches: pl.DataFrame) -> pl.DataFrame:
    """All real matches of the sample, of which those of the spring of 2025 in two leagues are the last."""
    return matches.filter(pl.col("league").is_in(["E0", "SP1"]) & (pl.col("date") < date(2025, 5, 1)))
