import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import Fixture, Odds, Prediction
from sabiscore.errors import (
    InvalidOddsError,
    KickoffOutOfRangeError,
    SameClubError,
    UnknownClubError,
    UnknownLeagueError,
)
from sabiscore.forecaster import Forecaster
from sabiscore.service import Answer, PredictionService
from tests.conftest import TODAY

KICKOFF = datetime(2025, 8, 30, 16, 30, tzinfo=UTC)


class Memory:
    """A cache that never forgets."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        return [self.held.get(key) for key in keys]

    async def put(self, items: Mapping[str, bytes]) -> None:
        self.held.update(items)

    async def close(self) -> None:
        self.held.clear()


class Calls:
    """Counts the calls of the model and the fixtures in them."""

    def __init__(self) -> None:
        self.rows: list[int] = []

    def model_called(self, *, rows: int, seconds: float) -> None:
        assert seconds > 0
        self.rows.append(rows)


def fixture(
    service: PredictionService,
    home: str = "Arsenal",
    away: str = "Chelsea",
    league: str = "E0",
    *,
    kickoff: datetime = KICKOFF,
    odds: Odds | None = None,
) -> Fixture:
    return service.resolve(home_team=home, away_team=away, league=league, kickoff_time=kickoff, odds=odds)


def decoded(answer: Answer) -> Prediction:
    return msgspec.json.decode(answer.body, type=Prediction)


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def cached(catalogue: Catalogue, forecaster: Forecaster, calls: Calls) -> PredictionService:
    return PredictionService(
        catalogue=catalogue, forecaster=forecaster, cache=Memory(), hook=calls, clock=lambda: TODAY
    )


class TestResolve:
    def test_all_spellings_mean_one_fixture(self, service: PredictionService) -> None:
        spellings = [("Man Utd", "Spurs", "EPL"), ("manchester united", "TOTTENHAM", "Premier League")]
        assert len({fixture(service, *names) for names in spellings}) == 1

    def test_a_kickoff_with_another_offset_is_the_same_instant(self, service: PredictionService) -> None:
        there = KICKOFF.astimezone(timezone(timedelta(hours=9)))
        assert fixture(service, kickoff=there) == fixture(service)
        assert fixture(service, kickoff=there).kickoff.utcoffset() == timedelta(0)

    def test_refuses_unknown_names_with_the_closest(self, service: PredictionService) -> None:
        with pytest.raises(UnknownClubError) as club:
            fixture(service, home="Arsnal")
        assert "Arsenal" in club.value.closest
        with pytest.raises(UnknownLeagueError):
            fixture(service, league="Premier Leage")

    def test_refuses_a_club_against_itself_in_any_spelling(self, service: PredictionService) -> None:
        with pytest.raises(SameClubError, match="Manchester United"):
            fixture(service, "Man Utd", "Manchester United")

    @pytest.mark.parametrize(
        "when", [datetime(1990, 1, 1, tzinfo=UTC), datetime(1993, 8, 14, 15, tzinfo=UTC)]
    )
    def test_refuses_a_kickoff_before_the_data(self, service: PredictionService, when: datetime) -> None:
        with pytest.raises(KickoffOutOfRangeError, match="1993-08-14"):
            fixture(service, kickoff=when)

    def test_refuses_a_kickoff_more_than_a_year_ahead(self, service: PredictionService) -> None:
        fixture(service, kickoff=TODAY + timedelta(days=365))
        with pytest.raises(KickoffOutOfRangeError, match="more than a year"):
            fixture(service, kickoff=TODAY + timedelta(days=365, seconds=1))

    @pytest.mark.parametrize(
        "when",
        [
            datetime.min.replace(tzinfo=timezone(timedelta(hours=5))),
            datetime.max.replace(tzinfo=timezone(-timedelta(hours=5))),
        ],
    )
    def test_refuses_an_instant_that_utc_cannot_hold(
        self, service: PredictionService, when: datetime
    ) -> None:
        with pytest.raises(KickoffOutOfRangeError):
            fixture(service, kickoff=when)

    def test_refuses_odds_of_no_bookmaker(self, service: PredictionService) -> None:
        with pytest.raises(InvalidOddsError):
            fixture(service, odds=Odds(1.0, 3.0, 3.0))

    def test_a_bundle_without_the_league_says_which_it_has(
        self, catalogue: Catalogue, forecaster: Forecaster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service = PredictionService(catalogue=catalogue, forecaster=forecaster, cache=Memory())
        monkeypatch.setattr(forecaster.rows, "has_league", lambda code: code == "E0")
        with pytest.raises(UnknownLeagueError, match="in this bundle") as refused:
            fixture(service, "Milan", "Inter", "Serie A")
        assert refused.value.closest == ("Premier League",)


class TestAnswer:
    async def test_is_a_whole_prediction(self, service: PredictionService) -> None:
        found = decoded(await service.answer(fixture(service)))
        figures = [Decimal(str(p)) for p in (found.home_win_prob, found.draw_prob, found.away_win_prob)]
        assert sum(figures) == 1
        assert found.fixture.home_team == "Arsenal"
        assert found.fixture.kickoff_time == KICKOFF
        assert found.model.version == service.version
        assert found.model.data_through == service.data_through
        assert 3 <= len(found.reasoning) <= 5

    async def test_the_first_six_fields_are_the_frontends_contract(self, service: PredictionService) -> None:
        body = (await service.answer(fixture(service))).body
        assert list(msgspec.json.decode(body))[:6] == [
            "home_win_prob",
            "draw_prob",
            "away_win_prob",
            "recommended_bet",
            "confidence",
            "reasoning",
        ]

    async def test_a_stronger_opponent_lowers_the_win_probability(self, service: PredictionService) -> None:
        weak, strong = [
            decoded(await service.answer(fixture(service, away=away))) for away in ("Wolves", "Liverpool")
        ]
        assert weak.home_win_prob > strong.home_win_prob

    async def test_a_club_never_seen_is_predicted_with_low_confidence(
        self, service: PredictionService
    ) -> None:
        found = decoded(await service.answer(fixture(service, "Paris FC", "Monaco", "Ligue 1")))
        assert found.confidence == "low"
        assert any("Paris FC have no Ligue 1 match on record" in reason for reason in found.reasoning)

    async def test_a_past_fixture_is_answered_from_what_was_known_then(
        self, service: PredictionService
    ) -> None:
        before = decoded(await service.answer(fixture(service, kickoff=datetime(2024, 3, 31, tzinfo=UTC))))
        assert not any("last match known is of 25 May 2025" in reason for reason in before.reasoning)


class TestCaching:
    async def test_the_second_answer_is_the_same_and_calls_no_model(
        self, cached: PredictionService, calls: Calls
    ) -> None:
        first = await cached.answer(fixture(cached))
        second = await cached.answer(fixture(cached, "arsenal fc", "CHELSEA", "EPL"))
        assert (first.cached, second.cached) == (False, True)
        assert first.body == second.body
        assert calls.rows == [1]

    async def test_odds_make_another_answer(self, cached: PredictionService, calls: Calls) -> None:
        await cached.answer(fixture(cached))
        await cached.answer(fixture(cached, odds=Odds(2.1, 3.4, 3.6)))
        assert calls.rows == [1, 1]

    async def test_a_batch_calls_the_model_once_for_what_is_missing(
        self, cached: PredictionService, calls: Calls
    ) -> None:
        clubs = ["Chelsea", "Everton", "Fulham", "Liverpool", "Chelsea"]
        await cached.answer(fixture(cached, away="Everton"))
        answers = await cached.answer_many([fixture(cached, away=away) for away in clubs])
        assert calls.rows == [1, 3]
        assert [decoded(answer).fixture.away_team for answer in answers] == clubs
        assert [answer.cached for answer in answers] == [False, True, False, False, False]

    async def test_an_empty_batch_calls_nothing(self, cached: PredictionService, calls: Calls) -> None:
        assert await cached.answer_many([]) == []
        assert calls.rows == []

    @settings(max_examples=30, deadline=None)
    @given(st.data())
    def test_cache_on_is_cache_off(self, service: PredictionService, data: st.DataObject) -> None:
        league = data.draw(st.sampled_from(service.catalogue.leagues))
        clubs = service.catalogue.clubs(league)
        home, away = data.draw(st.lists(st.sampled_from(clubs), min_size=2, max_size=2, unique=True))
        when = data.draw(st.datetimes(datetime(1994, 1, 1), datetime(2026, 7, 1), timezones=st.just(UTC)))  # noqa: DTZ001
        asked = fixture(service, home.name, away.name, league.code, kickoff=when)
        with_cache = PredictionService(
            catalogue=service.catalogue, forecaster=Forecaster.load(), cache=Memory(), clock=lambda: TODAY
        )

        async def answers() -> set[bytes]:
            return {(await s.answer(asked)).body for s in (service, with_cache, with_cache)}

        assert len(asyncio.run(answers())) == 1


class TestCard:
    def test_names_the_version_that_answers(self, service: PredictionService) -> None:
        assert service.card["version"] == service.version
