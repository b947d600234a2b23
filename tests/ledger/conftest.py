from datetime import date

import polars as pl
import pytest

SINCE = date(2025, 3, 1)


@pytest.fixture(scope="session")
def spring(matches: pl.DataFrame) -> pl.DataFrame:
    """The real matches of three seasons in two leagues, of which those of the spring of 2025 are the last."""
    days = pl.col("date").is_between(date(2022, 7, 1), date(2025, 4, 30))
    return matches.filter(pl.col("league").is_in(["E0", "SP1"]) & days)
