import functools
import gc
import json
import operator
import shutil
import weakref
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.abuse.crafting import shipped
from sabiscore.arrays import Matrix
from sabiscore.domain import Odds
from sabiscore.errors import BundleError
from sabiscore.features import build_history, columns
from sabiscore.features.columns import EXPLAINED_GROUPS
from sabiscore.forecaster import Forecast, Forecaster
from sabiscore.implied import shin
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED
from sabiscore.models.confidence import AGES, FRESH
from sabiscore.models.ensemble import EnsembleParameters, train_member
from sabiscore.models.explain import Explained
from sabiscore.models.grid import expected_goals, outcomes

NOISE = 0.002
"""What trees may lower a win probability by although the rating rose."""

ARSENAL_CHELSEA = ("E0", "Arsenal", "Chelsea", 20330)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped bundle, to be spoilt."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "bundle"))


@pytest.fixture(scope="module")
def sample(matches: pl.DataFrame) -> pl.DataFrame:
    """Every 41st match since odds are known."""
    return matches.filter(pl.col("season") >= 2005).gather_every(41)


@pytest.fixture(scope="module")
def forecast(forecaster: Forecaster, sample: pl.DataFrame) -> Forecast:
    """The sample, each match as of its own day."""
    return forecaster.forecast(sample.select("league", "home", "away", pl.col("date").cast(pl.Int32)).rows())


def republish(
    directory: Path, *, files: dict[str, bytes] | None = None, without: str = "", **changes: object
) -> None:
    """Write the bundle again with other files or manifest fields, and seals that fit them."""
    content = json.loads((directory / bundles.MANIFEST).read_bytes()) | changes
    content["files"].pop(without, None)
    for name, part in (files or {}).items():
        (directory / name).write_bytes(part)
        content["files"][name] = {"size": len(part), "sha256": bundles.seal(part).sha256}
    text = json.dumps(content).encode()
    (directory / bundles.MANIFEST).write_bytes(text)
    (directory / bundles.DIGEST).write_text(bundles.seal(text).sha256)


def trees(directory: Path) -> list[str]:
    """The files of a bundle's trees."""
    return sorted(path.name for path in directory.glob("*.cbm"))


def other_trees(columns: int) -> bytes:
    """Trees of so many columns that have learnt something else."""
    random = np.random.default_rng(1)
    rows = random.normal(size=(50, columns)).astype(np.float32)
    return train_member(rows, random.normal(size=(50, 3)), EnsembleParameters(iterations=2), seed=1)


class TestTheShippedBundle:
    def test_is_at_most_six_megabytes(self) -> None:
        assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 6_000_000

    def test_knows_the_season_2024_25_to_its_end(self, forecaster: Forecaster) -> None:
        assert str(forecaster.manifest.data_through) >= "2025-05-25"

    def test_holds_no_pickle(self) -> None:
        assert {path.suffix for path in SHIPPED.iterdir()} == {".json", ".sha256", ".npz", ".cbm"}

    def test_records_what_each_confidence_was_worth(self, forecaster: Forecaster) -> None:
        levels = forecaster.calibration.confidence
        assert set(levels) == {"high", "medium", "low"}
        assert levels["high"].hit_rate > levels["medium"].hit_rate > levels["low"].hit_rate
        assert levels["high"].hit_rate >= 0.75
        assert levels["high"].share >= 0.1

    def test_gives_a_level_at_an_age_only_where_it_is_worth_what_it_states(
        self, forecaster: Forecaster
    ) -> None:
        stated = forecaster.calibration.confidence
        for aged in forecaster.calibration.confidence_by_age:
            for name in {"high", "medium"} & {*aged.confidence}:
                assert aged.confidence[name].hit_rate >= stated[name].hit_rate

    def test_asks_more_of_a_high_confidence_the_older_the_data_are(self, forecaster: Forecaster) -> None:
        """Where a level is no longer reached, nothing is too little for it."""
        assert [age for age, _ in forecaster.bounds] == [FRESH, *AGES]
        for name in ("high", "medium"):
            least = [levels.get(name, 1.0) for _, levels in forecaster.bounds]
            assert least == sorted(least)
        assert all("medium" in levels for _, levels in forecaster.bounds)

    def test_knows_how_the_last_season_ended(self, forecaster: Forecaster) -> None:
        last = forecaster.manifest.last_season
        assert set(last) >= {"E0", "SP1", "I1", "D1", "F1"}
        assert last["E0"].relegated == {"Leicester": 18, "Ipswich": 19, "Southampton": 20}

    def test_records_what_intervals_sets_and_odds_were_worth_in_each_league(
        self, forecaster: Forecaster
    ) -> None:
        known = forecaster.calibration
        leagues = set(known.licences)
        assert leagues >= {"E0", "SP1", "I1", "D1", "F1"}
        assert all(map(forecaster.rows.has_league, leagues))
        assert set(known.interval.coverage) == set(known.outcome_sets.coverage) == leagues | {"all"}
        assert known.interval.coverage["all"] == pytest.approx(0.8, abs=0.03)
        assert known.interval_with_odds.coverage["all"] == pytest.approx(0.8, abs=0.03)
        assert known.outcome_sets.coverage["all"] == pytest.approx(0.9, abs=0.02)
        assert known.market_weight == 1.0
        assert not any(licence.granted for licence in known.licences.values())


class TestAForecaster:
    def test_goes_when_it_is_let_go_of_without_the_collector(self) -> None:
        forecaster = Forecaster.load()
        gone = weakref.ref(forecaster)
        gc.disable()
        del forecaster
        gc.enable()
        assert gone() is None


class TestForecast:
    def test_many_fixtures_are_forecast_as_each_alone(self, forecaster: Forecaster) -> None:
        fixtures = [ARSENAL_CHELSEA, ("I1", "Milan", "Inter", 20340)]
        together = forecaster.forecast(fixtures)
        alone = [forecaster.forecast([fixture]) for fixture in fixtures]
        for name in ("probabilities", "rates", "grids"):
            parts = [getattr(one, name) for one in alone]
            assert np.concatenate(parts).tobytes() == getattr(together, name).tobytes()

    def test_explained_probabilities_are_the_predictors(
        self, forecaster: Forecaster, forecast: Forecast
    ) -> None:
        predicted = forecaster.head.predict(forecast.rows.matrix)
        assert np.abs(forecast.explained.probabilities - predicted).max() < 1e-12
        assert forecast.probabilities.tobytes() == forecast.explained.probabilities.tobytes()

    def test_rates_are_the_heads_and_its_grids_have_them(
        self, forecaster: Forecaster, forecast: Forecast
    ) -> None:
        rates = forecaster.head.rates(forecaster.head.log_odds(forecast.rows.matrix))
        assert np.abs(forecast.rates - rates).max() < 1e-12
        assert np.allclose(forecast.grids.sum(axis=(1, 2)), 1.0)
        assert np.abs(expected_goals(forecast.grids) - rates).max() < 0.02

    def test_probabilities_go_with_the_grids(self, forecast: Forecast) -> None:
        """Both are of the same log-odds: only how many draws there are is told twice."""
        home, _, away = outcomes(forecast.grids).T
        ours = forecast.probabilities
        assert np.abs(np.log(home / away) - np.log(ours[:, 0] / ours[:, 2])).max() < 0.01
        assert np.abs(outcomes(forecast.grids) - ours).max() < 0.06


class TestOdds:
    def test_are_pooled_only_where_given(self, forecaster: Forecaster) -> None:
        fixtures = [ARSENAL_CHELSEA, ("E0", "Chelsea", "Arsenal", 20330)]
        plain = forecaster.forecast(fixtures)
        priced = forecaster.forecast(fixtures, [None, Odds(1.5, 4.2, 7.0)])
        assert priced.probabilities[0].tobytes() == plain.probabilities[0].tobytes()
        assert priced.probabilities[1, 0] > plain.probabilities[1, 0]
        assert priced.explained.probabilities.tobytes() == plain.explained.probabilities.tobytes()

    def test_bring_a_forecast_nearer_to_the_market(
        self, forecaster: Forecaster, forecast: Forecast, sample: pl.DataFrame
    ) -> None:
        prices = sample.select("average_home", "average_draw", "average_away").to_numpy()
        known = np.isfinite(prices).all(axis=1)
        fixtures = sample.select("league", "home", "away", pl.col("date").cast(pl.Int32)).rows()
        odds = [Odds(*row) if there else None for row, there in zip(prices.tolist(), known, strict=True)]
        pooled = forecaster.forecast(fixtures, odds).probabilities[known]
        market, ours = shin(prices[known]), forecast.probabilities[known]
        far, near = (np.abs(one - market).max(axis=1) for one in (ours, pooled))
        assert known.sum() > 200
        assert (near <= far + 1e-9).all()
        assert near.mean() < 0.25 * far.mean()


class TestAsOf:
    def test_a_past_fixture_is_forecast_from_what_was_known_then(self, forecaster: Forecaster) -> None:
        leicester = [("E0", "Leicester", "Everton", day) for day in (16650, 16927)]
        autumn_2015, spring_2016 = forecaster.forecast(leicester).explained.probabilities[:, 0]
        assert spring_2016 > autumn_2015

    @pytest.mark.all_matches
    @pytest.mark.parametrize("day", ["1999-04-10", "2001-08-18"])
    def test_no_row_knows_of_its_own_day_or_later(
        self, forecaster: Forecaster, every_match: pl.DataFrame, day: str
    ) -> None:
        """The bundle, which knows every match, makes the rows that it made when it knew only those before."""
        then = pl.lit(day).str.to_date()
        before = build_history(every_match.filter(pl.col("date") < then), forecaster.rows.parameters)
        today = every_match.filter(pl.col("date") == then)
        assert len(today) >= 10
        rows = type(forecaster.rows)(before, forecaster.rows.parameters).matches(today)
        assert forecaster.rows.matches(today).matrix.tobytes() == rows.matrix.tobytes()


class TestExplanations:
    """A group's points are what it does: change it and see."""

    @pytest.mark.parametrize("group", EXPLAINED_GROUPS)
    def test_a_group_made_average_gives_up_its_points(
        self, forecaster: Forecaster, forecast: Forecast, group: str
    ) -> None:
        named = forecast.explained.contributions[:, EXPLAINED_GROUPS.index(group)]
        averaged = without(forecast.rows.matrix, group)
        again = explained(forecaster, averaged)
        assert not again.contributions[:, EXPLAINED_GROUPS.index(group)].any()
        effect = forecast.explained.probabilities - again.probabilities
        assert np.abs(effect - named).max() < 0.05
        assert np.abs(effect - named).mean() < 0.2 * np.abs(effect).mean() + 0.001
        clear = np.abs(named) > 0.03
        assert (np.sign(effect) == np.sign(named))[clear].all()

    def test_only_the_changed_groups_points_move_much(
        self, forecaster: Forecaster, forecast: Forecast
    ) -> None:
        raised = forecast.rows.matrix.copy()
        raised[:, columns.NAMES.index("results")] += 0.5
        moved = explained(forecaster, raised).contributions - forecast.explained.contributions
        by_group = np.abs(moved).mean(axis=(0, 2))
        assert EXPLAINED_GROUPS[int(by_group.argmax())] == "results"
        assert by_group.max() > 5 * np.sort(by_group)[-2]

    def test_the_base_is_two_average_clubs_of_the_league_that_year(
        self, forecaster: Forecaster, forecast: Forecast
    ) -> None:
        average = forecast.rows.matrix
        for group in EXPLAINED_GROUPS:
            average = without(average, group)
        assert np.abs(forecast.explained.base - forecaster.head.predict(average)).max() < 1e-12
        assert forecast.explained.base[:, 0].std() > 0.0


def explained(forecaster: Forecaster, matrix: Matrix) -> Explained:
    """What the model says of rows, explained."""
    return forecaster.explainer.explain(forecaster.head.predict(forecaster.explainer.rows(matrix)))


def without(matrix: Matrix, group: str) -> Matrix:
    """The rows with the columns of a group as two average clubs have them."""
    averaged = matrix.copy()
    for place in columns.of_group(group):
        averaged[:, place] = columns.NEUTRAL[place]
    return averaged


class TestAStrongerRating:
    @pytest.mark.parametrize("column", ["results", "prices"])
    def test_never_lowers_the_win_probability_by_more_than_noise(
        self, forecaster: Forecaster, forecast: Forecast, column: str
    ) -> None:
        raised = forecast.rows.matrix.copy()
        best = forecaster.head.predict(raised)
        for _ in range(30):
            raised[:, columns.NAMES.index(column)] += 0.05
            now = forecaster.head.predict(raised)
            assert (best[:, 0] - now[:, 0]).max() < NOISE
            best[:, 0] = np.maximum(best[:, 0], now[:, 0])
        assert (now[:, 2] < forecast.probabilities[:, 2]).all()


class TestLoad:
    def test_refuses_a_model_file_cut_short_though_its_seal_fits(self, copy: Path) -> None:
        republish(copy, files={"trees-0.cbm": (copy / "trees-0.cbm").read_bytes()[:5000]})
        with pytest.raises(BundleError, match="cannot be read"):
            Forecaster.load(copy)

    @pytest.mark.parametrize("content", [b"", b"PK not a zip", b"\x80\x04pickle"])
    def test_refuses_a_history_that_is_none(self, copy: Path, content: bytes) -> None:
        republish(copy, files={"history.npz": content})
        with pytest.raises(BundleError, match="cannot be read"):
            Forecaster.load(copy)

    def test_refuses_features_of_another_version(self, copy: Path) -> None:
        republish(copy, features_fingerprint="other", sabiscore="9.9")
        with pytest.raises(BundleError, match=r"sabiscore 9\.9 .*train it again"):
            Forecaster.load(copy)

    def test_refuses_trees_of_another_head(self, copy: Path) -> None:
        republish(copy, files=dict.fromkeys(trees(copy), other_trees(3)))
        with pytest.raises(BundleError, match="the trees have 3 scores of 3 columns"):
            Forecaster.load(copy)

    def test_refuses_a_model_that_does_not_reproduce_its_golden_rows(
        self, copy: Path, forecaster: Forecaster
    ) -> None:
        head = forecaster.head.weights
        seen = len(head.linear.terms) + len(head.context)
        republish(copy, files={trees(copy)[0]: other_trees(seen)})
        with pytest.raises(BundleError, match="golden"):
            Forecaster.load(copy)

    def test_refuses_a_model_without_some_of_its_trees(self, copy: Path) -> None:
        republish(copy, without=trees(copy)[-1])
        with pytest.raises(BundleError, match="golden"):
            Forecaster.load(copy)

    def test_refuses_a_calibration_of_another_shape(self, copy: Path) -> None:
        republish(copy, calibration={"trust": "much"})
        with pytest.raises(BundleError, match="cannot be read"):
            Forecaster.load(copy)

    def test_refuses_levels_that_there_are_not(self, copy: Path) -> None:
        calibration = json.loads((copy / bundles.MANIFEST).read_bytes())["calibration"]
        calibration["confidence"]["certain"] = calibration["confidence"]["high"]
        republish(copy, calibration=calibration)
        with pytest.raises(BundleError, match="certain"):
            Forecaster.load(copy)

    def test_refuses_a_manifest_without_a_history(self, copy: Path) -> None:
        republish(copy, files={"other.npz": (copy / "history.npz").read_bytes()}, without="history.npz")
        with pytest.raises(BundleError, match=r"history\.npz"):
            Forecaster.load(copy)

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            ("head.linear.scale.0", 0.0),
            ("head.linear.scale.1", -1.0),
            ("head.linear.mean.0", 1e300),
            ("head.linear.mean", [0.0]),
            ("head.linear.weights.1", [0.5]),
            ("head.linear.weights", []),
            ("head.linear.weights", [[0.0, 0.0]] * 11),
            ("head.linear.terms.0.factors", []),
            ("head.linear.terms.0.factors.0", []),
            ("head.linear.terms.0.factors.0.0", -1),
            ("head.linear.terms.0.factors.0.0", len(columns.NAMES)),
            ("head.linear.terms.2.factors.1.0", 2**40),
            ("head.linear.terms.2.factors", [[0]] * 9),
            ("head.context", [5, 6]),
            ("head.context.0", 2**40),
            ("head.rho", 5.0),
            ("head.rho", 0.5),
            ("head.surprise", 1.0),
            ("calibration.trust", -0.5),
            ("calibration.confidence", {}),
            ("calibration.confidence.high.at_least", 1.5),
            ("calibration.interval.widths.all.0", -1.0),
            ("calibration.interval.widths", {}),
            ("calibration.outcome_sets.threshold", 2.0),
            ("parameters.difference.promoted", 1e300),
            ("parameters.difference.drift", -1.0),
            ("parameters.sum.summer_kept", 1.01),
            ("data_from", "1893-07-23"),
            ("data_through", "9999-12-31"),
            ("golden.rows", []),
            ("golden.rows.0", [0.0]),
            ("golden.probabilities", [[0.4, 0.3, 0.3]]),
            ("golden.fixtures.0.league", "E9"),
            ("golden.fixtures.0.day", "0001-01-01"),
            ("golden.fixtures.3.odds.home", 0.0),
        ],
    )
    def test_refuses_a_manifest_that_cannot_be_right(self, copy: Path, place: str, value: object) -> None:
        crafted = shipped()
        *path, last = (int(name) if name.isdigit() else name for name in place.split("."))
        functools.reduce(operator.getitem, path, crafted.manifest)[last] = value  # type: ignore[arg-type, index]
        crafted.write(copy)
        with pytest.raises(BundleError, match=r"cannot be read|golden|its matches are of"):
            Forecaster.load(copy)

    def test_takes_a_bundle_that_was_read_elsewhere(self) -> None:
        bundle = bundles.read(SHIPPED)
        assert Forecaster.from_bundle(bundle).version == bundle.version
