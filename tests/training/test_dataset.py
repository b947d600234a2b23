from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from sabiscore.features import Parameters, RowMaker, build_history
from sabiscore.features.matches import with_league_facts
from sabiscore.implied import shin
from sabiscore.models.calibration import complete
from sabiscore.models.heads import probabilities
from sabiscore.scoring.outcomes import odds
from sabiscore.training.dataset import FIRST_SEASON, Table, older_table, table
from tests.features.frames import frame

PARAMETERS = Parameters()


@pytest.fixture(scope="module")
def premier_league(matches: pl.DataFrame) -> pl.DataFrame:
    return matches.filter((pl.col("league") == "E0") & (pl.col("season") >= 2017))


@pytest.fixture(scope="module")
def rows(premier_league: pl.DataFrame) -> Table:
    return table(premier_league, PARAMETERS)


@pytest.fixture(scope="module")
def older(premier_league: pl.DataFrame) -> Table:
    return older_table(premier_league, PARAMETERS, build_history(premier_league, PARAMETERS), [2024])


class TestTable:
    def test_is_as_long_everywhere_as_there_are_matches(
        self, rows: Table, premier_league: pl.DataFrame
    ) -> None:
        assert {len(getattr(rows, name)) for name in Table.__struct_fields__} == {len(premier_league)}

    def test_has_the_rows_that_serving_would_make(self, rows: Table, premier_league: pl.DataFrame) -> None:
        maker = RowMaker(build_history(premier_league, PARAMETERS), PARAMETERS)
        assert rows.matrix.tobytes() == maker.matches(premier_league).matrix.tobytes()

    def test_keeps_what_happened_beside_its_row(self, rows: Table) -> None:
        assert np.array_equal(rows.outcomes, 1 - np.sign(rows.home_goals - rows.away_goals))

    def test_knows_the_market_where_there_was_one(self, rows: Table) -> None:
        for prices in (rows.market, rows.closing):
            known = complete(prices)
            assert known[rows.seasons > 2019].mean() > 0.99
            assert prices[known].sum(axis=1) == pytest.approx(1.0)

    def test_takes_the_margin_off_as_shin_does(self, rows: Table, premier_league: pl.DataFrame) -> None:
        known = complete(rows.closing)
        assert np.array_equal(
            rows.closing[known], shin(odds(with_league_facts(premier_league), "price"))[known]
        )

    def test_has_the_log_odds_of_the_closing_line_as_targets(self, rows: Table) -> None:
        known = complete(rows.targets)
        assert known.sum() == (complete(rows.closing) & ~np.isnan(rows.closing_over)).sum()
        assert np.allclose(probabilities(rows.targets[known]), rows.closing[known])
        home, _, over = rows.targets[known].T
        assert np.corrcoef(over, rows.closing_over[known])[0, 1] > 0.99
        assert np.corrcoef(home, rows.closing[known, 0])[0, 1] > 0.9

    def test_has_odds_before_the_match_as_no_target(self, premier_league: pl.DataFrame) -> None:
        early = premier_league.filter(pl.col("season") >= 2020)
        early = early.with_columns(price_is_closing=pl.lit(value=False))
        found = table(early, PARAMETERS)
        assert complete(found.market).mean() > 0.99
        assert not complete(found.targets).any()

    def test_leaves_seasons_before_closing_odds_to_the_ratings(self, matches: pl.DataFrame) -> None:
        old = matches.filter((pl.col("league") == "E0") & pl.col("season").is_between(2010, 2012))
        assert set(table(old, PARAMETERS).seasons.tolist()) == {FIRST_SEASON}

    def test_may_be_empty(self) -> None:
        early = frame(("1999-08-10", "A", "B", 1, 0)).with_columns(season=pl.lit(1999, dtype=pl.Int16))
        unknown = pl.lit(None, pl.Float64)
        prices = [
            unknown.alias(f"{book}_{outcome}")
            for book in ("average", "closing")
            for outcome in ("home", "draw", "away")
        ]
        assert table(early.with_columns(prices), PARAMETERS).matrix.shape[0] == 0


class TestOlderTable:
    def test_begins_with_the_rows_as_of_their_own_day(self, older: Table, rows: Table) -> None:
        assert older.matrix[:380].tobytes() == rows.matrix[rows.seasons == 2024].tobytes()

    def test_has_every_match_once_for_each_age(self, older: Table, premier_league: pl.DataFrame) -> None:
        season = premier_league.filter(pl.col("season") == 2024)
        match = {tuple(row) for row in zip(older.age.tolist(), older.home_goals.tolist(), strict=True)}
        assert set(older.seasons.tolist()) == {2024}
        assert older.age.min() >= 1
        assert older.age.max() > 700
        assert len(season) * 10 < len(older.age) < len(season) * 25
        assert len(match) > 100

    def test_has_the_rows_that_data_which_ended_then_would_make(self, premier_league: pl.DataFrame) -> None:
        match = premier_league.filter(pl.col("season") == 2024).tail(1)
        cut = pl.lit(match["date"].item() - timedelta(days=90))
        known = premier_league.filter(pl.col("date") < cut)
        then = RowMaker(build_history(known, PARAMETERS), PARAMETERS).matches(match)
        now = RowMaker(build_history(premier_league, PARAMETERS), PARAMETERS).matches(match, 90)
        assert now.matrix.tobytes() == then.matrix.tobytes()
        assert now.values.tobytes() == then.values.tobytes()
        assert now.standing.recent.tolist() == [[0], [0]]


class TestOf:
    def test_keeps_the_chosen_rows_of_everything(self, rows: Table) -> None:
        part = rows.of(rows.seasons == 2020)
        assert len(part.outcomes) == len(part.matrix) == len(part.leagues) == 380
        assert set(part.seasons.tolist()) == {2020}
