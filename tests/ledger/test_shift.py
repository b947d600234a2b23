from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from sabiscore.domain import ListedFixture
from sabiscore.features import columns
from sabiscore.forecaster import Forecaster
from sabiscore.ledger.shift import LIMIT, shifts, stability, trained_on


class TestStability:
    def test_of_the_same_is_next_to_nothing(self) -> None:
        values = np.random.default_rng(1).normal(size=(2, 5000))
        assert stability(values[0], values[1]) < 0.01

    def test_grows_with_how_far_a_feature_moved(self) -> None:
        values = np.random.default_rng(1).normal(size=2000)
        found = [stability(values + move, values) for move in (0.0, 0.25, 0.5, 1.0, 3.0)]
        assert found == sorted(found)
        assert found[-1] > LIMIT

    def test_of_what_was_a_constant_and_is_no_more_is_large(self) -> None:
        assert stability(np.arange(500.0), np.zeros(500)) > LIMIT

    @pytest.mark.parametrize("value", [0.0, 1.0, -1e9])
    def test_is_finite_whatever_comes(self, value: float) -> None:
        assert np.isfinite(stability(np.full(400, value), np.arange(400.0)))


class TestShifts:
    def test_are_of_every_feature_the_largest_first(
        self, forecaster: Forecaster, matches: pl.DataFrame
    ) -> None:
        found = shifts(
            forecaster.rows,
            matches.filter(pl.col("date") < date(2025, 3, 1)),
            trained_on(forecaster.manifest),
        )
        assert found is not None
        assert {one.feature for one in found.shifts} == set(columns.NAMES)
        sizes = [one.psi for one in found.shifts]
        assert sizes == sorted(sizes, reverse=True)
        assert found.fired == (sizes[0] > found.limit)

    def test_of_clubs_that_all_came_from_elsewhere_are_an_alarm(
        self, forecaster: Forecaster, matches: pl.DataFrame
    ) -> None:
        """As if the list of fixtures had names that nobody knows."""
        present = pl.col("season") == 2024
        strange = [
            pl.when(present).then(pl.lit("x ") + pl.col(side)).otherwise(side).alias(side)
            for side in ("home", "away")
        ]
        found = shifts(
            forecaster.rows,
            matches.with_columns(strange).filter(pl.col("date") < date(2025, 3, 1)),
            trained_on(forecaster.manifest),
        )
        assert found is not None
        assert found.fired

    def test_count_fixtures_to_come(self, forecaster: Forecaster, matches: pl.DataFrame) -> None:
        played = matches.filter(pl.col("date") < date(2025, 3, 1))
        kickoff = datetime(2025, 3, 2, 15, tzinfo=UTC)
        fixture = ListedFixture("id", "E0", 2024, "Arsenal", "Chelsea", kickoff)
        seasons = trained_on(forecaster.manifest)
        alone = shifts(forecaster.rows, played, seasons)
        both = shifts(forecaster.rows, played, seasons, [fixture])
        assert alone
        assert both
        assert both.n == alone.n + 1

    def test_of_too_few_matches_are_not_told(self, forecaster: Forecaster, matches: pl.DataFrame) -> None:
        assert shifts(forecaster.rows, matches.head(100), [2020]) is None
        assert shifts(forecaster.rows, matches.clear(), [2020]) is None
