from datetime import date

import polars as pl
import pytest

from sabiscore.evaluation.backtest import Backtest, backtest
from tests.evaluation.standin import stand_in, thirds


@pytest.fixture(scope="session")
def few_weeks(matches: pl.DataFrame) -> pl.DataFrame:
    """Two leagues, the second without odds for its first match, until mid-September 2024."""
    chosen = matches.filter(
        pl.col("league").is_in(["E0", "D1"])
        & pl.col("season").is_between(2022, 2024)
        & (pl.col("date") < date(2024, 9, 16))
    )
    first = (pl.col("league") == "D1") & (pl.col("season") == 2024) & (pl.col("home") == "M'gladbach")
    return chosen.with_columns(
        pl.when(first).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("average_home", "average_draw", "average_away")
    )


@pytest.fixture(scope="session")
def told() -> list[tuple[str, int, int]]:
    """What the backtest told of its progress."""
    return []


@pytest.fixture(scope="session")
def found(few_weeks: pl.DataFrame, told: list[tuple[str, int, int]]) -> Backtest:
    """The stand-in's backtest, in this process."""
    return backtest(
        few_weeks, [2024], stand_in, lambda *step: told.append(step), ablations={"thirds": thirds}, workers=1
    )
