import msgspec
import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.errors import DataError
from sabiscore.features import Parameters, build_history, columns
from sabiscore.models.confidence import AGES, FRESH
from sabiscore.models.ensemble import EnsembleParameters
from sabiscore.training.dataset import Table, older_table, table
from sabiscore.training.fit import FitParameters, Fitted, fit
from sabiscore.training.walk_forward import Model, Plan, compare, heads_before, make_model, walk_forward

QUICK = Plan(
    validation_seasons=3,
    measured_seasons=1,
    fit=FitParameters(trees=EnsembleParameters(members=1, iterations=10)),
)


def nothing() -> None:
    """No progress shown."""


def fitter(part: Table) -> Fitted:
    return fit(part, QUICK.fit, 1, nothing)


@pytest.fixture(scope="module")
def premier_league(matches: pl.DataFrame) -> pl.DataFrame:
    return matches.filter((pl.col("league") == "E0") & (pl.col("season") >= 2017))


@pytest.fixture(scope="module")
def rows(premier_league: pl.DataFrame) -> Table:
    return table(premier_league, Parameters())


@pytest.fixture(scope="module")
def older(premier_league: pl.DataFrame) -> Table:
    history = build_history(premier_league, Parameters())
    return older_table(premier_league, Parameters(), history, [2022, 2023, 2024])


@pytest.fixture(scope="module")
def model(rows: Table, older: Table) -> Model:
    return make_model(rows, older, QUICK, nothing)


def predicted(of: Table, season: int) -> Floats:
    """The table, of which one season is predicted from those before it."""
    return walk_forward(of, heads_before(of, [season], fitter))


def turned_around(rows: Table, chosen: NDArray[np.bool_]) -> Table:
    """The table with home and away exchanged in what was said and played of the chosen matches."""
    return msgspec.structs.replace(
        rows,
        outcomes=np.where(chosen, 2 - rows.outcomes, rows.outcomes),
        home_goals=np.where(chosen, rows.away_goals, rows.home_goals),
        away_goals=np.where(chosen, rows.home_goals, rows.away_goals),
        closing=np.where(chosen[:, None], rows.closing[:, ::-1], rows.closing),
        closing_over=np.where(chosen, 1.0 - rows.closing_over, rows.closing_over),
    )


class TestPlan:
    @pytest.mark.parametrize(
        ("seasons", "validated", "measured"), [(9, 5, 2), (6, 5, 2), (5, 4, 2), (3, 2, 1), (2, 1, 1)]
    )
    def test_validates_on_fewer_seasons_where_there_are_fewer(
        self, seasons: int, validated: int, measured: int
    ) -> None:
        plan = Plan().within(seasons)
        assert (plan.validation_seasons, plan.measured_seasons) == (validated, measured)


class TestWalkForward:
    def test_a_season_is_predicted_without_its_own_or_later_odds_and_results(self, rows: Table) -> None:
        """Only the rows of a season may know its earlier matches; what is fitted must not."""
        told = predicted(rows, 2023)
        assert told.tobytes() == predicted(turned_around(rows, rows.seasons >= 2023), 2023).tobytes()
        assert np.isnan(told[rows.seasons != 2023]).all()
        assert np.isfinite(told[rows.seasons == 2023]).all()

    def test_a_season_is_predicted_the_same_when_later_matches_were_not_played(
        self, premier_league: pl.DataFrame, rows: Table
    ) -> None:
        known = table(premier_league.filter(pl.col("season") <= 2022), Parameters())
        then = predicted(known, 2022)[known.seasons == 2022]
        now = predicted(rows, 2022)[rows.seasons == 2022]
        assert then.tobytes() == now.tobytes()

    def test_earlier_odds_do_matter(self, rows: Table) -> None:
        changed = turned_around(rows, rows.seasons == 2022)
        told, other = (predicted(of, 2023)[rows.seasons == 2023] for of in (rows, changed))
        assert np.abs(told - other).max() > 0.01


class TestCompare:
    def test_keeps_the_predicted_rows_beside_the_market(self, rows: Table) -> None:
        ours = np.full((len(rows.outcomes), 3), np.nan)
        chosen = rows.seasons == 2024
        ours[chosen] = 1 / 3
        found = compare(rows, ours)
        assert found.ours.tolist() == [[1 / 3] * 3] * 380
        assert np.array_equal(found.market, rows.market[chosen], equal_nan=True)
        assert np.array_equal(found.closing, rows.closing[chosen], equal_nan=True)
        assert np.array_equal(found.outcomes, rows.outcomes[chosen])
        assert np.array_equal(found.variance, rows.matrix[chosen, columns.VARIANCE])


class TestMakeModel:
    def test_validates_on_the_last_seasons(self, model: Model) -> None:
        assert set(model.validated.season.tolist()) == {2022, 2023, 2024}

    def test_measures_confidence_on_all_of_them_and_the_rest_on_the_last(self, model: Model) -> None:
        measured = sum(level.n for level in model.calibration.confidence.values())
        assert measured == 3 * 380
        assert model.calibration.licences["E0"].n == 380

    def test_measures_older_data_on_those_seasons_too(self, model: Model, older: Table) -> None:
        for since, aged in zip((FRESH, *AGES), model.calibration.confidence_by_age, strict=False):
            inside = (older.age > since) & (older.age <= aged.through) & (older.seasons == 2024)
            assert sum(level.n for level in aged.confidence.values()) == inside.sum()

    def test_fits_what_it_ships_on_everything(self, rows: Table, model: Model) -> None:
        assert model.fitted == fit(rows, QUICK.fit, QUICK.seed, nothing)

    def test_tells_of_every_member_that_its_plan_counts(self, rows: Table, older: Table) -> None:
        told: list[int] = []
        make_model(rows, older, QUICK, lambda: told.append(1))
        assert len(told) == QUICK.steps

    def test_refuses_too_few_seasons(self, rows: Table, older: Table) -> None:
        with pytest.raises(DataError, match="3 seasons to learn from; training needs 4"):
            make_model(rows.of(rows.seasons < 2020), older, QUICK, nothing)

    def test_refuses_seasons_without_closing_odds(self, rows: Table, older: Table) -> None:
        unknown = msgspec.structs.replace(rows, closing=np.full_like(rows.closing, np.nan))
        with pytest.raises(DataError, match="0 have closing odds"):
            make_model(unknown, older, QUICK, nothing)
