import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from msgspec import structs

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.coming import to_come
from sabiscore.data.fixture_list import parse_fixtures
from sabiscore.domain import ListedFixture
from sabiscore.forecaster import Forecaster
from sabiscore.ledger.ledger import Ledger
from sabiscore.ledger.predictions import predictions
from sabiscore.service import PredictionService

from .conftest import SINCE
from .weekends import listed, morning


@pytest.fixture(scope="module")
def coming(spring: pl.DataFrame, catalogue: Catalogue) -> list[ListedFixture]:
    return listed(spring.filter(pl.col("date") == SINCE), catalogue)


class TestWhatIsSaid:
    def test_is_what_the_service_answers(
        self,
        forecaster: Forecaster,
        service: PredictionService,
        catalogue: Catalogue,
        coming: list[ListedFixture],
    ) -> None:
        """Rounded, it is: with odds, and the bet; and without."""
        said = predictions(forecaster, coming, catalogue, morning(SINCE))
        assert [one.id for one in said] == [one.id for one in coming]
        for one, fixture in zip(said, coming, strict=True):
            for odds, probabilities in ((fixture.odds, one.with_odds), (None, one.probabilities)):
                answer = json.loads(_answer(service, structs.replace(fixture, odds=odds)))
                given = [answer[f"{name}_prob"] for name in ("home_win", "draw", "away_win")]
                assert probabilities is not None
                assert structs.astuple(probabilities) == pytest.approx(given, abs=0.001)
                if odds:
                    assert one.recommended_bet == answer["recommended_bet"]

    def test_of_a_fixture_without_odds_is_ours_and_its_bet(
        self,
        forecaster: Forecaster,
        service: PredictionService,
        catalogue: Catalogue,
        coming: list[ListedFixture],
    ) -> None:
        bare = [structs.replace(one, odds=None) for one in coming]
        for one, fixture in zip(predictions(forecaster, bare, catalogue, morning(SINCE)), bare, strict=True):
            assert (one.with_odds, one.odds) == (None, None)
            assert one.recommended_bet == json.loads(_answer(service, fixture))["recommended_bet"]

    def test_is_of_fixtures_that_have_not_begun(
        self, forecaster: Forecaster, catalogue: Catalogue, coming: list[ListedFixture]
    ) -> None:
        assert predictions(forecaster, coming, catalogue, coming[0].kickoff) == []

    def test_is_of_leagues_that_the_bundle_knows(
        self, forecaster: Forecaster, catalogue: Catalogue, coming: list[ListedFixture]
    ) -> None:
        elsewhere = structs.replace(coming[0], league="XX")
        assert len(predictions(forecaster, [elsewhere, coming[1]], catalogue, morning(SINCE))) == 1


def _answer(service: PredictionService, one: ListedFixture) -> bytes:
    fixture = service.resolve(
        home_team=one.home, away_team=one.away, league=one.league, kickoff_time=one.kickoff, odds=one.odds
    )
    return asyncio.run(service.answer(fixture)).body


@pytest.mark.all_matches
def test_the_list_as_it_was_published_is_sealed(
    forecaster: Forecaster,
    catalogue: Catalogue,
    divisions: pl.DataFrame,
    published_files: Path,
    tmp_path: Path,
) -> None:
    now = datetime(2026, 5, 28, tzinfo=UTC)
    path = published_files / "fixtures.csv"
    coming = to_come(parse_fixtures(path.read_bytes(), path, catalogue).fixtures, divisions, catalogue)
    said = predictions(forecaster, coming, catalogue, now)
    assert {one.id for one in said} == {one.id for one in coming if one.kickoff > now} != set()
    for one in said:
        assert np.sum(structs.astuple(one.probabilities)) == pytest.approx(1.0)
    ledger = Ledger(tmp_path)
    assert ledger.seal(said) == len(said)
    assert ledger.seal(predictions(forecaster, coming, catalogue, now + timedelta(hours=1))) == 0
