import asyncio
import gc
import itertools
import weakref
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sabiscore.batching import MAX_BATCH_SIZE
from sabiscore.cache.entry import Lifetime
from sabiscore.clock import Clock
from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import Odds
from sabiscore.forecaster import Forecaster
from sabiscore.service import PredictionService
from tests.clocks import Hand
from tests.conftest import ON_TODAY, TODAY
from tests.waiting import eventually

from .asking import DETAILS, KICKOFF, Calls, Memory, decoded, fixture


class TestTheService:
    async def test_goes_when_it_is_let_go_of_without_the_collector(self) -> None:
        service = PredictionService.load()
        await service.answer(fixture(service))
        gone = weakref.ref(service)
        gc.disable()
        del service
        gc.enable()
        assert gone() is None


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

    async def test_more_detail_is_another_answer(self, cached: PredictionService, calls: Calls) -> None:
        for detail in (*DETAILS, *DETAILS):
            found = decoded(await cached.answer(fixture(cached), detail))
            assert (found.score_grid is not None) == (detail == "full")
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
    def test_cache_on_is_cache_off(
        self, service: PredictionService, forecaster: Forecaster, data: st.DataObject
    ) -> None:
        league = data.draw(st.sampled_from(service.leagues))
        clubs = service.catalogue.clubs(league)
        home, away = data.draw(st.lists(st.sampled_from(clubs), min_size=2, max_size=2, unique=True))
        when = data.draw(st.datetimes(datetime(2006, 7, 1), datetime(2026, 7, 1), timezones=st.just(UTC)))  # noqa: DTZ001
        asked = fixture(service, home.name, away.name, league.code, kickoff=when)
        with_cache = PredictionService(
            forecaster, catalogue=service.catalogue, cache=Memory(), clock=ON_TODAY
        )

        async def answers() -> set[bytes]:
            return {(await s.answer(asked)).body for s in (service, with_cache, with_cache)}

        assert len(asyncio.run(answers())) == 1


class TestManyWhoAskAtOnce:
    async def test_for_the_same_make_one_call_of_the_model(
        self, cached: PredictionService, calls: Calls
    ) -> None:
        answers = await asyncio.gather(*(cached.answer(fixture(cached)) for _ in range(500)))
        assert len({answer.body for answer in answers}) == 1
        assert calls.rows == [1]

    async def test_for_others_make_one_call_of_the_model(
        self, cached: PredictionService, calls: Calls
    ) -> None:
        clubs = ["Chelsea", "Everton", "Fulham", "Liverpool"]
        alone = [(await cached.answer(fixture(cached, away=away), "full")).body for away in clubs]
        calls.rows.clear()
        await asyncio.gather(*(cached.answer(fixture(cached, away=away)) for away in clubs))
        assert calls.rows == [4]
        again = await asyncio.gather(*(cached.answer(fixture(cached, away=away), "full") for away in clubs))
        assert [answer.body for answer in again] == alone

    async def test_in_different_detail_get_what_they_asked_for(self, cached: PredictionService) -> None:
        answers = await asyncio.gather(*(cached.answer(fixture(cached), detail) for detail in DETAILS))
        assert [decoded(answer).score_grid is not None for answer in answers] == [False, True]

    async def test_lose_nothing_when_one_of_them_leaves(self, cached: PredictionService) -> None:
        leaving, staying = (asyncio.create_task(cached.answer(fixture(cached))) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        assert decoded(await staying).fixture.home_team == "Arsenal"


class TestAnAnswerThatAges:
    @pytest.fixture
    def clock(self) -> Hand:
        return Hand()

    @pytest.fixture
    def aging(
        self, catalogue: Catalogue, forecaster: Forecaster, calls: Calls, clock: Hand
    ) -> PredictionService:
        return PredictionService(
            forecaster,
            catalogue=catalogue,
            cache=Memory(),
            lifetime=Lifetime(ttl=100.0, stale=1000.0),
            hook=calls,
            clock=Clock(clock, TODAY.timestamp),
        )

    async def test_is_used_while_it_is_fresh(
        self, aging: PredictionService, calls: Calls, clock: Hand
    ) -> None:
        await aging.answer(fixture(aging))
        clock.now += 89
        assert (await aging.answer(fixture(aging))).source == "fresh"
        assert calls.rows == [1]

    async def test_is_given_when_stale_and_made_anew_once_behind_it(
        self, aging: PredictionService, calls: Calls, clock: Hand
    ) -> None:
        first = await aging.answer(fixture(aging))
        clock.now += 111
        stale = await asyncio.gather(*(aging.answer(fixture(aging)) for _ in range(50)))
        assert {answer.source for answer in stale} == {"stale"}
        assert {answer.entry for answer in stale} == {first.entry}
        await asyncio.sleep(0.01)
        anew = await aging.answer(fixture(aging))
        assert (anew.source, anew.entry.made, anew.body) == ("fresh", clock.now, first.body)
        assert calls.rows == [1, 1]

    async def test_is_not_given_beyond_the_hard_limit(
        self, aging: PredictionService, calls: Calls, clock: Hand
    ) -> None:
        await aging.answer(fixture(aging))
        clock.now += 1111
        assert (await aging.answer(fixture(aging))).source == "made"
        assert calls.rows == [1, 1]

    async def test_stays_when_it_cannot_be_made_anew_and_the_log_says_so(
        self,
        aging: PredictionService,
        forecaster: Forecaster,
        clock: Hand,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        asked = fixture(aging)
        await aging.answer(asked)
        clock.now += 111
        with monkeypatch.context() as broken:
            broken.setattr(forecaster.rows, "_known", {})
            assert (await aging.answer(asked)).source == "stale"
            await asyncio.to_thread(eventually, lambda: "could not be made anew" in caplog.text)
        assert (await aging.answer(asked)).source == "stale"


class TestAnAbandonedRequest:
    async def test_costs_no_call_of_the_model(self, cached: PredictionService, calls: Calls) -> None:
        clubs = [club.name for club in cached.catalogue.clubs(cached.league("E0"))]
        pairs = list(itertools.islice(itertools.permutations(clubs, 2), 4 * MAX_BATCH_SIZE))
        asked = asyncio.create_task(cached.answer_many([fixture(cached, *pair) for pair in pairs]))
        while not calls.rows:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.wait([asked])
        await cached.answer(fixture(cached, "Arsenal", "Chelsea", kickoff=KICKOFF + timedelta(days=1)))
        assert sum(calls.rows) < len(pairs)

    async def test_ends_when_what_has_begun_is_made(self, cached: PredictionService, calls: Calls) -> None:
        asked = [fixture(cached, away=away) for away in ("Chelsea", "Everton")]
        leaving = asyncio.create_task(cached.answer_many(asked))
        while not calls.left:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert calls.rows == [2]
