import pickle
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from msgspec import Struct

from sabiscore.evaluation.backtest import Backtest, backtest
from tests.evaluation.standin import stand_in, thirds
from tests.once import made_once


class Walked(Struct, frozen=True):
    """What a backtest found, and the steps that it told."""

    found: Backtest
    told: list[tuple[str, int, int]]


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
def walked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """The stand-in's backtest, in one process for all that tests run in."""

    def make(file: Path) -> None:
        told: list[tuple[str, int, int]] = []
        found = backtest(
            request.getfixturevalue("few_weeks"),
            [2024],
            stand_in,
            lambda *step: told.append(step),
            ablations={"thirds": thirds},
            workers=1,
        )
        file.write_bytes(pickle.dumps(Walked(found, told)))

    walked: Walked = pickle.loads(made_once(tmp_path_factory, "walked.pickle", make).read_bytes())  # noqa: S301 - ours
    return walked


@pytest.fixture(scope="session")
def told(walked: Walked) -> list[tuple[str, int, int]]:
    """What the backtest told of its progress."""
    return walked.told


@pytest.fixture(scope="session")
def found(walked: Walked) -> Backtest:
    """What it found."""
    return walked.found
