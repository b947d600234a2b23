from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from msgspec import structs

from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import OUTCOMES
from sabiscore.forecaster import Forecaster
from sabiscore.ledger.ledger import Ledger
from sabiscore.ledger.predictions import predictions
from sabiscore.ledger.results import results
from sabiscore.scoring.outcomes import base_rates, outcomes

from .conftest import SINCE
from .entries import sealed
from .weekends import listed, morning

LATER = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path, forecaster: Forecaster, spring: pl.DataFrame, catalogue: Catalogue) -> Ledger:
    """What was said on the first of March of all matches that came."""
    ledger = Ledger(tmp_path)
    coming = listed(spring.filter(pl.col("date") >= SINCE), catalogue)
    ledger.seal(predictions(forecaster, coming, catalogue, morning(SINCE)))
    return ledger


class TestResults:
    def test_are_those_of_the_match_files(
        self, ledger: Ledger, spring: pl.DataFrame, catalogue: Catalogue
    ) -> None:
        found = results(spring, ledger.fixtures(), catalogue, LATER)
        chosen = (spring["date"] >= SINCE).to_numpy()
        played = spring.filter(chosen)
        assert [one.date for one in found] == played["date"].to_list()
        assert [one.home_goals for one in found] == played["home_goals"].to_list()
        assert [OUTCOMES.index(one.result) for one in found] == outcomes(played).tolist()
        rates = [list(structs.astuple(one.base_rates)) for one in found]
        assert rates == base_rates(spring)[chosen].tolist()
        closing = [one.closing_odds.draw if one.closing_odds else None for one in found]
        assert closing == played["closing_draw"].to_list()

    def test_settle_every_fixture_once(
        self, ledger: Ledger, spring: pl.DataFrame, catalogue: Catalogue
    ) -> None:
        n = len(spring.filter(pl.col("date") >= SINCE))
        assert ledger.settle(results(spring, ledger.fixtures(), catalogue, LATER)) == n
        assert ledger.settle(results(spring, ledger.fixtures(), catalogue, LATER)) == 0
        ledger.verify()

    def test_are_of_what_was_played_so_far(
        self, ledger: Ledger, spring: pl.DataFrame, catalogue: Catalogue
    ) -> None:
        assert results(spring.filter(pl.col("date") < SINCE), ledger.fixtures(), catalogue, LATER) == []

    def test_of_a_corrected_file_correct_the_ledger(
        self, ledger: Ledger, spring: pl.DataFrame, catalogue: Catalogue
    ) -> None:
        ledger.settle(results(spring, ledger.fixtures(), catalogue, LATER))
        last = pl.int_range(pl.len()) == pl.len() - 1
        goals = pl.when(last).then(9).otherwise("home_goals").cast(pl.Int16).alias("home_goals")
        right = spring.with_columns(goals)
        assert ledger.settle(results(right, ledger.fixtures(), catalogue, LATER)) == 1
        corrected = [kept.results[-1] for kept in ledger.fixtures().values() if len(kept.results) > 1]
        assert [one.home_goals for one in corrected] == [9]

    def test_of_clubs_that_meet_again_are_told_apart(
        self, tmp_path: Path, spring: pl.DataFrame, catalogue: Catalogue
    ) -> None:
        match = spring.filter(pl.col("date") == SINCE).head(1)
        again = pl.concat([match, match.with_columns(date=pl.col("date") + pl.duration(days=60))])
        (one,) = listed(match, catalogue)
        ledger = Ledger(tmp_path)
        seal = sealed(league=one.league, season=one.season, home=one.home, away=one.away)
        ledger.seal([structs.replace(seal, id=f"{one.id}-2")])
        (found,) = results(again, ledger.fixtures(), catalogue, LATER)
        assert (found.id, found.date) == (f"{one.id}-2", again["date"][1])

    def test_of_an_empty_ledger_are_none(
        self, tmp_path: Path, spring: pl.DataFrame, catalogue: Catalogue
    ) -> None:
        assert results(spring, Ledger(tmp_path).fixtures(), catalogue, LATER) == []
