import msgspec
import numpy as np
import polars as pl
import pytest

from sabiscore.arrays import Floats
from sabiscore.errors import DataError
from sabiscore.features import Parameters, columns
from sabiscore.models.calibration import complete
from sabiscore.models.ensemble import EnsembleParameters
from sabiscore.models.heads import AWAY, HOME, OVER
from sabiscore.scoring.scores import score
from sabiscore.training.dataset import Table, table
from sabiscore.training.fit import (
    CONTEXT,
    DIFFERENCE,
    FEWEST,
    SUM,
    TERMS,
    FitParameters,
    Fitted,
    fit,
    fit_linear,
)

QUICK = FitParameters(trees=EnsembleParameters(members=2, iterations=10))
STRENGTH = columns.index("results", "prices", "recent", "own_home")
GOALS = columns.index("goals", "recent_goals")


def nothing() -> None:
    """No progress shown."""


def linear(fitted: Fitted) -> Fitted:
    return msgspec.structs.replace(fitted, members=[])


def moved(fitted: Fitted, rows: Table, column: int) -> Floats:
    """By how much the log-odds are higher where a column is."""
    raised = rows.matrix.copy()
    raised[:, column] += 0.2
    head = linear(fitted).head()
    return head.log_odds(raised) - head.log_odds(rows.matrix)


@pytest.fixture(scope="module")
def rows(matches: pl.DataFrame) -> Table:
    two = matches.filter(pl.col("league").is_in(["E0", "D1"]) & (pl.col("season") >= 2016))
    return table(two, Parameters())


@pytest.fixture(scope="module")
def fitted(rows: Table) -> Fitted:
    return fit(rows, QUICK, 1, nothing)


class TestFit:
    def test_the_same_rows_and_seed_give_the_same_bytes(self, rows: Table, fitted: Fitted) -> None:
        assert fit(rows, QUICK, 1, nothing) == fitted

    def test_another_seed_gives_other_trees_on_the_same_linear_part(
        self, rows: Table, fitted: Fitted
    ) -> None:
        other = fit(rows, QUICK, 100, nothing)
        assert not {*other.members} & {*fitted.members}
        assert other.weights.linear == fitted.weights.linear

    def test_tells_of_each_member(self, rows: Table) -> None:
        told: list[int] = []
        found = fit(rows.of(rows.seasons == 2024), QUICK, 1, lambda: told.append(1))
        assert len(told) == QUICK.steps == len(found.members) == 2

    def test_no_two_members_are_alike(self, fitted: Fitted) -> None:
        assert len({*fitted.members}) == len(fitted.members)

    def test_learns_from_closing_odds_and_from_no_result(self, rows: Table, fitted: Fitted) -> None:
        """Only how low scores depend on each other is learnt from what was played."""
        changed = msgspec.structs.replace(
            rows,
            outcomes=2 - rows.outcomes,
            home_goals=rows.away_goals,
            away_goals=rows.home_goals,
        )
        found = fit(changed, QUICK, 1, nothing)
        assert found.members == fitted.members
        assert found.weights.linear == fitted.weights.linear

    def test_matches_without_closing_odds_teach_nothing(self, rows: Table, fitted: Fitted) -> None:
        known = complete(rows.targets)
        assert 0 < known.sum() < len(known)
        assert fit(rows.of(known), QUICK, 1, nothing).members == fitted.members

    def test_refuses_too_few_closing_odds(self, rows: Table) -> None:
        few = rows.of(np.cumsum(complete(rows.targets)) < FEWEST)
        with pytest.raises(DataError, match=f"{FEWEST - 1} have closing odds"):
            fit(few, QUICK, 1, nothing)

    def test_low_scores_depend_on_each_other(self, fitted: Fitted) -> None:
        assert -0.25 <= fitted.weights.rho <= 0.05


class TestWhatIsLearnt:
    def test_fits_results_better_than_how_often_they_happen(self, rows: Table, fitted: Fitted) -> None:
        often = np.bincount(rows.outcomes, minlength=3) / len(rows.outcomes)
        base = np.tile(often, (len(rows.outcomes), 1))
        ours = fitted.head().predict(rows.matrix)
        assert score(ours, rows.outcomes).rps < score(base, rows.outcomes).rps - 0.02

    def test_is_near_the_closing_line(self, rows: Table, fitted: Fitted) -> None:
        known = complete(rows.targets)
        off = fitted.head().log_odds(rows.matrix[known]) - rows.targets[known]
        assert np.abs(off.mean(axis=0)).max() < 0.02
        assert (off.std(axis=0) < 0.7 * rows.targets[known].std(axis=0)).all()

    def test_trees_correct_the_linear_part_a_little(self, rows: Table, fitted: Fitted) -> None:
        whole, alone = fitted.head().predict(rows.matrix), linear(fitted).head().predict(rows.matrix)
        assert 0.0 < np.abs(whole - alone).mean() < 0.02

    @pytest.mark.parametrize("column", STRENGTH)
    def test_a_stronger_home_club_wins_more_and_loses_less(
        self, rows: Table, fitted: Fitted, column: int
    ) -> None:
        by = moved(fitted, rows, column)
        assert (by[:, HOME] - by[:, AWAY] > 0.0).all()

    @pytest.mark.parametrize("column", GOALS)
    def test_clubs_of_many_goals_go_over_more_often(self, rows: Table, fitted: Fitted, column: int) -> None:
        assert (moved(fitted, rows, column)[:, OVER] > 0.0).all()

    def test_expects_as_many_goals_as_there_were(self, rows: Table, fitted: Fitted) -> None:
        home, away = fitted.head().rates(fitted.head().log_odds(rows.matrix)).T
        assert home.mean() == pytest.approx(rows.home_goals.mean(), abs=0.1)
        assert away.mean() == pytest.approx(rows.away_goals.mean(), abs=0.1)


class TestFitLinear:
    def test_is_the_linear_part_of_the_head(self, rows: Table, fitted: Fitted) -> None:
        assert fit_linear(rows, QUICK) == fitted.weights.linear

    def test_has_difference_and_sum_of_ratings_in_its_terms(self) -> None:
        assert {factor for term in TERMS for factor in term.factors} >= {DIFFERENCE, SUM}
        assert not {*DIFFERENCE} & {*SUM}


class TestContext:
    def test_is_every_column_once(self) -> None:
        assert tuple(range(len(columns.NAMES))) == CONTEXT
