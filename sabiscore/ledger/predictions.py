"""What a bundle says of coming fixtures, to be sealed."""

from collections.abc import Sequence
from datetime import datetime

from sabiscore.advice.answer import worth
from sabiscore.advice.facts import CaseBuilder
from sabiscore.advice.rules import confidence, recommendation
from sabiscore.arrays import Floats
from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import ByOutcome, Fixture, ListedFixture
from sabiscore.features.calendar import day_number
from sabiscore.forecaster import Forecaster
from sabiscore.ledger.schemas import Sealed


def predictions(
    forecaster: Forecaster, coming: Sequence[ListedFixture], catalogue: Catalogue, now: datetime
) -> list[Sealed]:
    """What is said ``now`` of the fixtures that have not begun, of leagues that the bundle knows."""
    known = [one for one in coming if one.kickoff > now and forecaster.rows.has_league(one.league)]
    if not known:
        return []
    days = [day_number(one.kickoff.date()) for one in known]
    keys = [(one.league, one.home, one.away, day) for one, day in zip(known, days, strict=True)]
    forecast = forecaster.forecast(keys, [one.odds for one in known])
    manifest = forecaster.manifest
    builder = CaseBuilder(forecaster.calibration, manifest.data_through, manifest.last_season)
    cases = builder.build([_fixture(one, catalogue) for one in known], days, forecast)
    ours, with_odds = _each(forecast.explained.probabilities), _each(forecast.probabilities)
    return [
        Sealed(
            id=one.id,
            league=one.league,
            season=one.season,
            home=one.home,
            away=one.away,
            kickoff_time=one.kickoff,
            sealed_at=now,
            bundle=forecaster.card["digest"],
            probabilities=ours[k],
            with_odds=with_odds[k] if one.odds else None,
            odds=one.odds,
            recommended_bet=recommendation(case, confidence(case, forecaster.bounds), worth(case)),
        )
        for k, (one, case) in enumerate(zip(known, cases, strict=True))
    ]


def _fixture(one: ListedFixture, catalogue: Catalogue) -> Fixture:
    league = catalogue.league(one.league)
    home, away = catalogue.club(one.home, league), catalogue.club(one.away, league)
    return Fixture(league, home, away, one.kickoff, one.odds)


def _each(probabilities: Floats) -> list[ByOutcome]:
    return [ByOutcome(*triple) for triple in probabilities.tolist()]
