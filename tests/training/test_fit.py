import msgspec
import numpy as np
import polars as pl
import pytest

from sabiscore.features import Parameters, columns
from sabiscore.models.ensemble import EnsembleParameters
from sabiscore.models.scores import score
from sabiscore.training.dataset import Table, table
from sabiscore.training.fit import CONTEXT, FEWEST_PRICED, FitParameters, Fitted, fit

QUICK = FitParameters(trees=EnsembleParameters(members=2, iterations=10))
HOME_ADVANTAGE, RESULTS, PRICES, VARIANCE = (
    columns.NAMES.index(name) for name in ("home_advantage", "results", "prices", "variance")
)


def nothing() -> None:
    """No progress shown."""


def without_trees(fitted: Fitted) -> Fitted:
    return msgspec.structs.replace(fitted, members={})


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

    def test_another_seed_gives_other_trees_on_the_same_linear_parts(
        self, rows: Table, fitted: Fitted
    ) -> None:
        other = fit(rows, QUICK, 100, nothing)
        assert other.members["outcome"] != fitted.members["outcome"]
        assert other.weights.outcome == fitted.weights.outcome

    def test_tells_of_each_member(self, rows: Table) -> None:
        told: list[int] = []
        fit(rows.of(rows.seasons == 2024), QUICK, 1, lambda: told.append(1))
        assert len(told) == QUICK.steps == 6

    def test_every_head_has_its_members(self, fitted: Fitted) -> None:
        assert {head: len(members) for head, members in fitted.members.items()} == {
            "outcome": 2,
            "home_goals": 2,
            "away_goals": 2,
        }

    def test_no_two_members_are_alike(self, fitted: Fitted) -> None:
        for members in fitted.members.values():
            assert len(set(members)) == len(members)

    def test_the_trees_see_no_column_twice(self) -> None:
        assert not set(CONTEXT) & {HOME_ADVANTAGE, RESULTS, PRICES}
        assert len(set(CONTEXT)) == len(CONTEXT)


class TestTheOutcomeHead:
    def test_fits_better_than_how_often_outcomes_happen(self, rows: Table, fitted: Fitted) -> None:
        often = np.bincount(rows.outcomes, minlength=3) / len(rows.outcomes)
        ours = fitted.heads().outcome.predict(rows.matrix)
        base = np.tile(often, (len(rows.outcomes), 1))
        assert score(ours, rows.outcomes).rps < score(base, rows.outcomes).rps - 0.02

    def test_trees_correct_the_linear_part_a_little(self, rows: Table, fitted: Fitted) -> None:
        whole = fitted.heads().outcome.predict(rows.matrix)
        linear = without_trees(fitted).heads().outcome.predict(rows.matrix)
        assert 0.0 < np.abs(whole - linear).mean() < 0.02

    @pytest.mark.parametrize("column", [HOME_ADVANTAGE, RESULTS, PRICES])
    def test_a_stronger_home_club_wins_more_and_loses_less(
        self, rows: Table, fitted: Fitted, column: int
    ) -> None:
        raised = rows.matrix.copy()
        raised[:, column] += 0.3
        heads = without_trees(fitted).heads()
        gained = heads.outcome.predict(raised) - heads.outcome.predict(rows.matrix)
        assert (gained[:, 0] > 0).all()
        assert (gained[:, 2] < 0).all()

    def test_is_fitted_anew_only_where_enough_ratings_had_seen_odds(self, rows: Table) -> None:
        """On fewer the odds-blind fit stands; here l2 tells the two apart."""
        few = rows.of(np.cumsum(rows.priced) < FEWEST_PRICED)
        enough = rows.of(np.cumsum(rows.priced) <= FEWEST_PRICED)
        for part, same in ((few, True), (enough, False)):
            assert (len(part.outcomes) > 0) & (part.priced.sum() in {FEWEST_PRICED - 1, FEWEST_PRICED})
            loose, tight = (
                fit(part, msgspec.structs.replace(QUICK, l2_priced=l2), 1, nothing).weights.outcome
                for l2 in (1e-4, 1e3)
            )
            assert (loose == tight) is same


class TestTheGoalHeads:
    def test_expect_as_many_goals_as_there_were(self, rows: Table, fitted: Fitted) -> None:
        home, away = fitted.heads().goals(rows.matrix).T
        assert home.mean() == pytest.approx(rows.home_goals.mean(), abs=0.05)
        assert away.mean() == pytest.approx(rows.away_goals.mean(), abs=0.05)

    def test_a_stronger_home_club_scores_more_and_concedes_less(self, rows: Table, fitted: Fitted) -> None:
        raised = rows.matrix.copy()
        raised[:, RESULTS] += 0.3
        heads = without_trees(fitted).heads()
        home, away = (heads.goals(raised) - heads.goals(rows.matrix)).T
        assert (home > 0).all()
        assert (away < 0).all()

    def test_low_scores_depend_on_each_other(self, fitted: Fitted) -> None:
        assert -0.25 <= fitted.weights.rho <= 0.05
