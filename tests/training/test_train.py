from datetime import date
from pathlib import Path

import msgspec
import polars as pl
import pytest

from sabiscore.domain import OUTCOMES
from sabiscore.errors import BundleError, DataError
from sabiscore.evaluation.evaluate import Evaluation, walk
from sabiscore.evaluation.evaluate import evaluate as score
from sabiscore.features import columns
from sabiscore.forecaster import Forecaster
from sabiscore.models.ensemble import EnsembleParameters
from sabiscore.scoring.reliability import RELIABILITY
from sabiscore.training.fit import FitParameters
from sabiscore.training.train import train
from sabiscore.training.walk_forward import Plan

QUICK = Plan(
    validation_seasons=3,
    measured_seasons=1,
    fit=FitParameters(trees=EnsembleParameters(members=2, iterations=10)),
)


def evaluate(
    forecaster: Forecaster, frame: pl.DataFrame, since: date | None = None, until: date | None = None
) -> Evaluation:
    return score(forecaster, walk(forecaster, frame, since, until))


def nothing() -> None:
    """No progress shown."""


@pytest.fixture(scope="module")
def two_leagues(matches: pl.DataFrame) -> pl.DataFrame:
    return matches.filter(pl.col("league").is_in(["E0", "D1"]) & (pl.col("season") >= 2015))


@pytest.fixture(scope="module")
def trained(two_leagues: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained") / "bundle"
    train(two_leagues.filter(pl.col("season") < 2024), out, QUICK, nothing)
    return out


class TestTrain:
    def test_the_same_data_and_seed_give_the_same_digest(
        self, two_leagues: pl.DataFrame, trained: Path, tmp_path: Path
    ) -> None:
        told: list[int] = []
        again = two_leagues.filter(pl.col("season") < 2024)
        digest = train(again, tmp_path / "again", QUICK, lambda: told.append(1))
        assert digest == Forecaster.load(trained).card["digest"]
        assert len(told) == QUICK.steps

    def test_another_seed_gives_another_digest(
        self, two_leagues: pl.DataFrame, trained: Path, tmp_path: Path
    ) -> None:
        other = msgspec.structs.replace(QUICK, seed=1)
        digest = train(two_leagues.filter(pl.col("season") < 2024), tmp_path / "other", other, nothing)
        assert not digest.startswith(Forecaster.load(trained).version)

    def test_the_manifest_says_what_it_was_trained_on(self, trained: Path) -> None:
        manifest = Forecaster.load(trained).manifest
        assert manifest.training["validation_seasons"] == [2021, 2022, 2023]
        assert manifest.training["measured_on"] == [2023]
        assert manifest.training["seed"] == QUICK.seed
        assert manifest.data_through == date(2024, 5, 19)
        assert set(manifest.scores) == {"2021", "2022", "2023", RELIABILITY}

    def test_the_manifest_says_what_the_predictions_were_worth(self, trained: Path) -> None:
        forecaster = Forecaster.load(trained)
        assert set(forecaster.calibration.licences) == {"D1", "E0"}
        assert sum(level.n for level in forecaster.calibration.confidence.values()) == 3 * (380 + 306)
        points = forecaster.manifest.scores.pop(RELIABILITY)
        assert [sum(each["n"] for each in points[outcome]) for outcome in OUTCOMES] == [3 * (380 + 306)] * 3
        for scores in forecaster.manifest.scores.values():
            assert scores["market"]["rps"] < scores["model"]["rps"] < 0.22
            assert scores["market_closing"]["n"] == scores["market"]["n"] == 380 + 306

    def test_the_golden_rows_are_spread_over_what_was_learnt(self, trained: Path) -> None:
        golden = Forecaster.load(trained).manifest.golden
        assert len(golden.rows) == len(golden.probabilities) == len(golden.goals) == QUICK.golden_rows
        assert {len(row) for row in golden.rows} == {len(columns.NAMES)}

    def test_the_golden_fixtures_are_of_every_league_with_odds_and_without(self, trained: Path) -> None:
        fixtures = Forecaster.load(trained).manifest.golden.fixtures
        plain, priced = (
            [one for one in fixtures if (one.odds is None) == without] for without in (True, False)
        )
        assert [one.league for one in plain] == ["D1"] * 4 + ["E0"] * 4
        assert 0 < len(priced) <= len(plain)
        assert all(sum(one.probabilities) == pytest.approx(1.0) for one in fixtures)

    def test_the_bundle_has_the_members_of_the_head(self, trained: Path) -> None:
        assert {path.name for path in trained.glob("*.cbm")} == {"trees-0.cbm", "trees-1.cbm"}

    def test_refuses_no_matches(self, two_leagues: pl.DataFrame, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="there are none"):
            train(two_leagues.clear(), tmp_path / "bundle", QUICK, nothing)

    def test_refuses_too_few_seasons(self, two_leagues: pl.DataFrame, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="training needs 4"):
            train(two_leagues.filter(pl.col("season") < 2018), tmp_path / "bundle", QUICK, nothing)

    def test_refuses_to_overwrite_what_is_no_bundle_before_any_work(
        self, two_leagues: pl.DataFrame, tmp_path: Path
    ) -> None:
        told: list[int] = []
        with pytest.raises(BundleError, match="not a bundle"):
            train(two_leagues, tmp_path, QUICK, lambda: told.append(1))
        assert told == []


class TestEvaluate:
    def test_scores_new_matches_beside_base_rates_and_market(
        self, two_leagues: pl.DataFrame, trained: Path
    ) -> None:
        found = evaluate(Forecaster.load(trained), two_leagues, since=date(2024, 7, 1))
        assert found.seen_in_training == 0
        assert found.pooled.model.n == 380 + 306
        assert found.pooled.market is not None
        assert found.pooled.market.rps < found.pooled.model.rps < found.pooled.base_rates.rps
        assert set(found.leagues) == {"D1", "E0"}

    def test_the_closing_line_is_closer_to_itself_than_market_and_model(
        self, two_leagues: pl.DataFrame, trained: Path
    ) -> None:
        close = evaluate(Forecaster.load(trained), two_leagues, since=date(2024, 7, 1)).pooled.closeness
        order = ("market_closing", "market", "model", "base_rates")
        assert sorted(close, key=lambda name: close[name].divergence) == list(order)
        assert sorted(close, key=lambda name: close[name].expected_gap) == list(order)
        assert close["market"].expected_gap == 0.0

    def test_later_matches_do_not_change_earlier_scores(
        self, two_leagues: pl.DataFrame, trained: Path
    ) -> None:
        forecaster = Forecaster.load(trained)
        since, until = date(2024, 7, 1), date(2024, 12, 1)
        cut = two_leagues.filter(pl.col("date") < until)
        assert evaluate(forecaster, two_leagues, since, until) == evaluate(forecaster, cut, since)

    def test_says_how_many_matches_the_bundle_had_seen(
        self, two_leagues: pl.DataFrame, trained: Path
    ) -> None:
        found = evaluate(Forecaster.load(trained), two_leagues, since=date(2023, 7, 1))
        assert found.seen_in_training == 380 + 306

    def test_the_market_is_none_before_there_were_odds(
        self, two_leagues: pl.DataFrame, trained: Path
    ) -> None:
        found = evaluate(Forecaster.load(trained), two_leagues, date(2017, 7, 1), date(2018, 7, 1))
        assert found.pooled.market is None
        assert found.pooled.market_closing is None
        assert found.pooled.closeness == {}

    def test_where_only_some_have_odds_the_model_is_scored_on_those_too(
        self, two_leagues: pl.DataFrame, trained: Path
    ) -> None:
        found = evaluate(Forecaster.load(trained), two_leagues, date(2018, 7, 1), date(2020, 7, 1)).pooled
        assert found.market is not None
        assert found.model_where_priced is not None
        assert found.model_where_priced.n == found.market.n < found.model.n

    def test_refuses_dates_without_a_match(self, two_leagues: pl.DataFrame, trained: Path) -> None:
        with pytest.raises(DataError, match="pull newer seasons"):
            evaluate(Forecaster.load(trained), two_leagues, since=date(2030, 1, 1))
