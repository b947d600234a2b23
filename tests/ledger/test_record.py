from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import ByOutcome, Odds
from sabiscore.evaluation.evaluate import evaluate, walk
from sabiscore.features import build_history
from sabiscore.forecaster import Forecaster
from sabiscore.ledger.ledger import Ledger
from sabiscore.ledger.predictions import predictions
from sabiscore.ledger.record import NOTHING, record
from sabiscore.ledger.results import results
from sabiscore.ledger.schemas import Compared, Forecast, Record
from sabiscore.models.bundles import Bundle
from sabiscore.scoring.scores import Scores

from .conftest import SINCE
from .entries import KICKOFF, sealed, settled
from .weekends import listed, morning

SAME: dict[Forecast, str] = {
    "ours": "model",
    "market": "market",
    "closing": "market_closing",
    "base_rates": "base_rates",
}
"""What the record and `evaluate` call the same forecast."""


@pytest.fixture(scope="module")
def of_spring(forecaster: Forecaster, spring: pl.DataFrame) -> Forecaster:
    """The shipped heads, with the history of these matches alone."""
    bundle = Bundle(forecaster.manifest, "d" * 64, {})
    return Forecaster(bundle, build_history(spring, forecaster.rows.parameters), forecaster.head)


@pytest.fixture(scope="module")
def lived(
    tmp_path_factory: pytest.TempPathFactory,
    of_spring: Forecaster,
    spring: pl.DataFrame,
    catalogue: Catalogue,
) -> Record:
    """The record of a spring: each match sealed as of its day, and settled."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger"))
    played = spring.filter(pl.col("date") >= SINCE)
    ledger.seal(predictions(of_spring, listed(played, catalogue), catalogue, morning(SINCE)))
    ledger.settle(results(spring, ledger.fixtures(), catalogue, datetime(2025, 5, 2, tzinfo=UTC)))
    return record(ledger.read())


@pytest.fixture(scope="module")
def judged(forecaster: Forecaster, spring: pl.DataFrame) -> dict[str, dict[str, Scores]]:
    """What `evaluate` says of the same matches, by league."""
    found = evaluate(forecaster, walk(forecaster, spring, SINCE))
    return {"": found.pooled.scores} | {code: each.scores for code, each in found.leagues.items()}


class TestTheRecordOfASpring:
    def test_equals_what_evaluate_says_to_the_last_digit(
        self, lived: Record, judged: dict[str, dict[str, Scores]]
    ) -> None:
        for league, scores in judged.items():
            part = lived.part(league or None)
            assert part is not None
            assert part.closed is not None
            assert part.matches.n == part.closed.n == scores["model"].n
            for ours, theirs in SAME.items():
                assert _scores(part.closed, ours) == pytest.approx(_expected(scores[theirs]), rel=1e-12)

    def test_is_that_of_the_season_its_leagues_and_its_months(self, lived: Record) -> None:
        assert list(lived.leagues) == list(lived.league_seasons) == ["E0", "SP1"]
        assert list(lived.months) == ["2025-03", "2025-04"]
        assert lived.part(season="2024/25") == lived.overall
        assert lived.part("E0", "2024/25") == lived.part("E0")
        assert lived.part("E0", "2023/24") is None
        assert lived.overall is not None
        for parts in (lived.leagues, lived.months):
            assert sum(part.matches.n for part in parts.values()) == lived.settled == lived.overall.matches.n

    def test_has_intervals_around_what_was_found(self, lived: Record) -> None:
        assert lived.overall is not None
        assert lived.overall.priced is not None
        behind = lived.overall.priced.behind["market"]
        said = lived.overall.priced.forecasts
        assert behind.value == pytest.approx(said["ours"].rps.value - said["market"].rps.value)
        assert behind.low is not None
        assert behind.high is not None
        assert behind.low < behind.value < behind.high

    def test_has_the_points_of_every_probability(self, lived: Record) -> None:
        assert lived.overall is not None
        for points in lived.overall.reliability.values():
            assert sum(point.n for point in points) == lived.settled

    def test_says_it_in_a_sentence(self, lived: Record) -> None:
        assert lived.statement.startswith(f"On {lived.settled} matches from 1 Mar 2025 to ")

    def test_says_of_which_ledger_it_is(self, lived: Record) -> None:
        assert lived.sealed == lived.settled
        assert lived.ledger.lines == lived.sealed + lived.settled


def _scores(compared: Compared, name: Forecast) -> list[float]:
    found = compared.forecasts[name]
    return [found.rps.value, found.log_loss.value, found.brier.value, found.accuracy.value, found.ece]


def _expected(scores: Scores) -> list[float]:
    return [scores.rps, scores.log_loss, scores.brier, scores.accuracy, scores.ece]


class TestARecord:
    def test_without_results_points_to_the_backtest(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path)
        ledger.seal([sealed()])
        found = record(ledger.read())
        assert (found.statement, found.sealed, found.settled, found.overall) == (NOTHING, 1, 0, None)
        assert "backtest" in found.statement

    def test_of_an_empty_ledger_is_one(self, tmp_path: Path) -> None:
        assert record(Ledger(tmp_path).read()).sealed == 0

    def test_counts_what_was_said_last_before_kick_off(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path)
        later = sealed(sealed_at=KICKOFF - timedelta(minutes=1), probabilities=ByOutcome(1.0, 0.0, 0.0))
        ledger.seal([sealed(), later])
        ledger.settle([settled()])
        part = record(ledger.read()).overall
        assert part is not None
        assert part.matches.forecasts["ours"].rps.value == 0.0

    def test_of_few_weeks_has_no_intervals(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path)
        ledger.seal([sealed(number) for number in range(50)])
        ledger.settle([settled(number) for number in range(50)])
        part = record(ledger.read()).overall
        assert part is not None
        assert part.matches.n == 50
        assert part.matches.forecasts["ours"].rps.low is None

    def test_of_matches_without_odds_has_no_market(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path)
        ledger.seal([sealed(odds=None, with_odds=None)])
        ledger.settle([settled()])
        part = record(ledger.read()).overall
        assert part is not None
        assert (part.priced, part.closed, part.bets) == (None, None, None)

    def test_has_what_bets_were_worth_at_kick_off_and_what_they_brought(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path)
        ledger.seal([sealed(0), sealed(1, recommended_bet="no_bet"), sealed(2)])
        ledger.settle([settled(0), settled(1), settled(2, result="away", closing_odds=None)])
        part = record(ledger.read()).overall
        assert part is not None
        assert part.bets is not None
        assert (part.bets.n, part.bets.closed) == (2, 1)
        inverse = 1.0 / np.array((1.8, 3.7, 4.5))
        assert part.bets.closing_line_value is not None
        assert part.bets.closing_line_value.value == pytest.approx(1.9 * inverse[0] / inverse.sum() - 1.0)
        assert part.bets.profit.value == pytest.approx((0.9 - 1.0) / 2)

    def test_does_not_count_a_bet_without_odds(self, tmp_path: Path) -> None:
        """It says who wins, not at what price."""
        ledger = Ledger(tmp_path)
        ledger.seal(
            [sealed(odds=None, with_odds=None, recommended_bet="home"), sealed(1, odds=Odds(2.0, 3.5, 4.0))]
        )
        ledger.settle([settled(), settled(1)])
        part = record(ledger.read()).overall
        assert part is not None
        assert part.bets is not None
        assert part.bets.n == 1
