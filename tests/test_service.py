import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import cycle, pairwise

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sabiscore.cache.entry import Entry, Lifetime
from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import Detail, Fixture, Odds, Prediction
from sabiscore.errors import (
    InvalidOddsError,
    KickoffOutOfRangeError,
    SameClubError,
    UnknownClubError,
    UnknownLeagueError,
)
from sabiscore.features import build_history
from sabiscore.forecaster import Forecaster
from sabiscore.models.bundle import SHIPPED, read
from sabiscore.service import Answer, PredictionService
from tests.advice.agreement import assert_all_agrees, probabilities
from tests.conftest import TODAY

KICKOFF = datetime(2025, 8, 30, 16, 30, tzinfo=UTC)
ODDS = Odds(1.8, 3.7, 4.6)
DETAILS: tuple[Detail, Detail] = ("summary", "full")


class Memory:
    """A cache that never forgets."""

    def __init__(self) -> None:
        self.held: dict[str, Entry] = {}

    async def get(self, keys: Sequence[str]) -> list[Entry | None]:
        return [self.held.get(key) for key in keys]

    async def put(self, items: Mapping[str, Entry]) -> None:
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


def noon(day: date) -> datetime:
    """A kick-off on that day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def book(*prices: float | None) -> Odds | None:
    """Odds, where there are any that have a margin."""
    given = [price for price in prices if price is not None]
    return Odds(*given) if len(given) == len(prices) and sum(1 / price for price in given) > 1 else None


def licensed_for(league: str, *, granted: bool) -> Forecaster:
    """The shipped bundle with another licence."""
    bundle = read(SHIPPED)
    licence = {"granted": granted, "loss": 0.0, "at_most": 0.0, "n": 100}
    calibration = bundle.manifest.calibration | {"licences": {league: licence}}
    shipped = Forecaster.load()
    manifest = replace(bundle.manifest, calibration=calibration)
    return Forecaster(replace(bundle, manifest=manifest), shipped.rows.history, shipped.heads)


def knowing(matches: pl.DataFrame) -> Forecaster:
    """The shipped bundle if these were all matches it knew."""
    shipped = Forecaster.load()
    return Forecaster(read(SHIPPED), build_history(matches, shipped.rows.parameters), shipped.heads)


def decoded(answer: Answer) -> Prediction:
    return msgspec.json.decode(answer.body, type=Prediction)


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def cached(catalogue: Catalogue, forecaster: Forecaster, calls: Calls) -> PredictionService:
    return PredictionService(forecaster, catalogue=catalogue, cache=Memory(), hook=calls, now=lambda: TODAY)


@pytest.fixture(scope="module")
def asked(service: PredictionService, matches: pl.DataFrame) -> list[Fixture]:
    """Matches of all leagues and years, with their odds, and some to come."""
    played = matches.filter(pl.col("season") >= 1994).gather_every(121)
    odds = played.select("average_home", "average_draw", "average_away").rows()
    names = played.select("home", "away", "league", "date").rows()
    past = [
        fixture(service, home, away, league, kickoff=noon(day), odds=book(*prices))
        for (home, away, league, day), prices in zip(names, odds, strict=True)
    ]
    clubs = [club.name for club in service.catalogue.clubs(service.catalogue.league("Serie A"))]
    to_come = [fixture(service, *pair, "Serie A") for pair in pairwise(clubs[::3])]
    return past + to_come


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
        service = PredictionService(forecaster, catalogue=catalogue, cache=Memory())
        monkeypatch.setattr(forecaster.rows, "has_league", lambda code: code == "E0")
        with pytest.raises(UnknownLeagueError, match="in this bundle") as refused:
            fixture(service, "Milan", "Inter", "Serie A")
        assert refused.value.closest == ("Premier League",)


class TestAnswer:
    async def test_is_a_whole_prediction(self, service: PredictionService) -> None:
        found = decoded(await service.answer(fixture(service)))
        assert found.fixture.home_team == "Arsenal"
        assert found.fixture.kickoff_time == KICKOFF
        assert found.model.version == service.version
        assert found.model.data_through == service.data_through
        assert (found.value, found.score_grid) == (None, None)

    async def test_the_first_six_fields_are_the_frontends_contract(self, service: PredictionService) -> None:
        for odds in (None, ODDS):
            body = (await service.answer(fixture(service, odds=odds), "full")).body
            assert list(msgspec.json.decode(body)) == [
                "home_win_prob",
                "draw_prob",
                "away_win_prob",
                "recommended_bet",
                "confidence",
                "reasoning",
                "fixture",
                "model",
                "expected_goals",
                "markets",
                "scorelines",
                "uncertainty",
                "explanation",
                *(["value"] if odds else []),
                "score_grid",
            ]

    async def test_decodes_back_to_the_same_bytes(self, service: PredictionService) -> None:
        for detail in DETAILS:
            body = (await service.answer(fixture(service, odds=ODDS), detail)).body
            assert msgspec.json.encode(msgspec.json.decode(body, type=Prediction, strict=True)) == body

    async def test_in_full_is_the_summary_and_the_grid(self, service: PredictionService) -> None:
        summary, full = [
            decoded(await service.answer(fixture(service, odds=ODDS), detail)) for detail in DETAILS
        ]
        assert summary.score_grid is None
        assert full.score_grid is not None
        assert replace(full, score_grid=None) == summary

    async def test_a_stronger_opponent_lowers_the_win_probability(self, service: PredictionService) -> None:
        weak, strong = [
            decoded(await service.answer(fixture(service, away=away))) for away in ("Wolves", "Liverpool")
        ]
        assert weak.home_win_prob > strong.home_win_prob

    async def test_says_when_the_data_are_old(self, service: PredictionService) -> None:
        stale, fresh = [
            decoded(await service.answer(fixture(service, kickoff=when)))
            for when in (KICKOFF, datetime(2025, 6, 20, tzinfo=UTC))
        ]
        note = "The last match known is of 25 May 2025, 97 days before kick-off."
        assert note in stale.reasoning
        assert not any("The last match known" in reason for reason in fresh.reasoning)


class TestRealAnswers:
    """The figures of one answer agree."""

    async def test_agree_with_themselves(self, service: PredictionService, asked: list[Fixture]) -> None:
        answers = await service.answer_many(asked, "full")
        for one, found in zip(asked, answers, strict=True):
            assert_all_agrees(decoded(found), one.odds)
        assert sum(one.odds is not None for one in asked) > 20
        assert len(asked) > 120

    async def test_agree_with_themselves_whatever_the_odds(
        self, service: PredictionService, asked: list[Fixture]
    ) -> None:
        books = [
            Odds(1.01, 19.0, 200.0),
            Odds(1000.0, 1000.0, 1.001),
            Odds(2.9, 2.9, 2.9),
            Odds(9.0, 1.2, 12.0),
        ]
        priced = [replace(one, odds=odds) for one, odds in zip(asked, cycle(books), strict=False)]
        for one, found in zip(priced, await service.answer_many(priced, "full"), strict=True):
            assert_all_agrees(decoded(found), one.odds)

    async def test_speak_of_each_level_and_of_no_bet(
        self, service: PredictionService, asked: list[Fixture]
    ) -> None:
        found = [decoded(answer) for answer in await service.answer_many(asked)]
        assert {one.confidence for one in found} == {"low", "medium", "high"}
        assert {"home", "away", "no_bet"} <= {one.recommended_bet for one in found}

    async def test_are_the_same_bytes_when_asked_again_alone(
        self, service: PredictionService, asked: list[Fixture]
    ) -> None:
        again = [(await service.answer(one)).body for one in asked[::8]]
        assert [answer.body for answer in await service.answer_many(asked[::8])] == again


class TestOdds:
    async def test_of_equal_value_swapped_change_nothing(self, service: PredictionService) -> None:
        swapped = [Odds(2.7, 3.3, 2.7), Odds(*reversed((2.7, 3.3, 2.7)))]
        written = [Odds(3, 3.0, 3), Odds(3.0, 3, 3.00)]
        for one, other in (swapped, [replace(odds, home=2.5) for odds in written]):
            answers = [(await service.answer(fixture(service, odds=odds))).body for odds in (one, other)]
            assert answers[0] == answers[1]

    async def test_make_the_answer_lean_to_the_market(self, service: PredictionService) -> None:
        alone = decoded(await service.answer(fixture(service)))
        for odds in (Odds(1.3, 5.5, 10.0), Odds(4.0, 3.6, 1.95), Odds(2.6, 3.3, 2.8)):
            heard = decoded(await service.answer(fixture(service, odds=odds)))
            assert heard.value is not None
            for one, ours, before in zip(
                heard.value.outcomes, probabilities(heard), probabilities(alone), strict=True
            ):
                assert abs(ours - one.market_prob) <= abs(before - one.market_prob) + 0.001
            market = [one.market_prob for one in heard.value.outcomes]
            assert np.abs(np.subtract(probabilities(heard), market)).max() < 0.03

    async def test_are_a_group_of_the_explanation_and_the_others_stay(
        self, service: PredictionService
    ) -> None:
        alone, heard = [
            decoded(await service.answer(fixture(service, odds=odds))).explanation for odds in (None, ODDS)
        ]
        assert (alone.base, alone.contributions) == (heard.base, heard.contributions[:-1])
        assert heard.contributions[-1].group == "odds"

    async def test_leave_goals_given_the_outcome_as_they_are(self, service: PredictionService) -> None:
        alone, heard = [
            decoded(await service.answer(fixture(service, odds=odds), "full")) for odds in (None, ODDS)
        ]
        one, other = (np.tril(np.array(found.score_grid), -1) for found in (alone, heard))
        assert np.abs(one / one.sum() - other / other.sum()).max() < 1e-4


class TestTheLicence:
    @pytest.mark.parametrize("granted", [True, False])
    async def test_is_the_bundles_for_this_league(self, catalogue: Catalogue, *, granted: bool) -> None:
        service = PredictionService(
            licensed_for("E0", granted=granted),
            catalogue=catalogue,
            cache=Memory(),
            now=lambda: TODAY,
        )
        found = decoded(await service.answer(fixture(service, odds=ODDS)))
        assert found.value is not None
        assert found.value.licensed == granted
        assert found.reasoning[-1].startswith("No bet:") != granted
        assert_all_agrees(found, ODDS)

    async def test_of_another_league_is_of_no_use(self, catalogue: Catalogue) -> None:
        service = PredictionService(
            licensed_for("E0", granted=True),
            catalogue=catalogue,
            cache=Memory(),
            now=lambda: TODAY,
        )
        milan = fixture(service, "Milan", "Inter", "Serie A", odds=ODDS)
        found = decoded(await service.answer(milan))
        assert found.value is not None
        assert (found.value.licensed, found.recommended_bet) == (False, "no_bet")


class TestNewClubs:
    @pytest.mark.parametrize(
        ("names", "says"),
        [
            (("Paris FC", "Monaco", "Ligue 1"), "Paris FC have no Ligue 1 match on record"),
            (("Liverpool", "Leeds", "E0"), "Leeds United have come up"),
            (("Sunderland", "Leeds", "E0"), "Sunderland and Leeds United both have come up"),
        ],
    )
    @pytest.mark.parametrize("odds", [None, Odds(1.2, 7.0, 15.0)])
    async def test_mean_low_confidence_and_a_sentence(
        self, service: PredictionService, names: tuple[str, str, str], says: str, odds: Odds | None
    ) -> None:
        found = decoded(await service.answer(fixture(service, *names, odds=odds)))
        assert (found.confidence, found.recommended_bet) == ("low", "no_bet")
        assert any(says in reason for reason in found.reasoning)
        assert_all_agrees(found, odds)


class TestRelegatedClubs:
    @pytest.mark.parametrize(
        ("names", "says"),
        [
            (
                ("Leicester", "Arsenal", "E0"),
                "Leicester City finished 18th of 20 in 2024/25, in a relegation place",
            ),
            (
                ("Bayern Munich", "Heidenheim", "D1"),
                "16th of 18 in 2024/25, in the relegation play-off place",
            ),
            (
                ("Leicester", "Southampton", "E0"),
                "finished 18th and 20th of 20 in 2024/25, in relegation places",
            ),
            (
                ("Southampton", "Leeds", "E0"),
                "whether they play Premier League football in 2025/26 is not in the",
            ),
        ],
    )
    @pytest.mark.parametrize("odds", [None, Odds(1.2, 7.0, 15.0)])
    @pytest.mark.parametrize("days", [83, 190, 360])
    async def test_mean_low_confidence_and_a_sentence(
        self, service: PredictionService, names: tuple[str, str, str], says: str, odds: Odds | None, days: int
    ) -> None:
        kickoff = noon(service.data_through + timedelta(days=days))
        found = decoded(await service.answer(fixture(service, *names, kickoff=kickoff, odds=odds)))
        assert (found.confidence, found.recommended_bet) == ("low", "no_bet")
        assert any(says in reason for reason in found.reasoning)
        assert_all_agrees(found, odds)

    async def test_are_as_sure_as_others_while_they_were_there(self, service: PredictionService) -> None:
        then = datetime(2025, 4, 20, 12, tzinfo=UTC)
        found = decoded(await service.answer(fixture(service, "Southampton", "Liverpool", kickoff=then)))
        assert found.confidence == "high"
        assert not any("relegation" in reason for reason in found.reasoning)


class TestOldData:
    async def test_never_raise_confidence(self, service: PredictionService) -> None:
        """The same fixture later: the model itself is less sure, and the bounds are higher."""
        order = ("low", "medium", "high")
        days = (1, 30, 60, 61, 120, 121, 240, 300, 366)
        kickoffs = [noon(service.data_through + timedelta(days=age)) for age in days]
        asked = [fixture(service, "Bayern Munich", "Mainz", "D1", kickoff=kickoff) for kickoff in kickoffs]
        found = [decoded(answer).confidence for answer in await service.answer_many(asked)]
        assert sorted(found, key=order.index, reverse=True) == found
        assert (found[0], found[-1]) == ("high", "medium")

    async def test_are_named_as_the_reason(self, service: PredictionService) -> None:
        asked = fixture(service, "Bayern Munich", "Mainz", "D1", kickoff=noon(date(2025, 12, 1)))
        found = decoded(await service.answer(asked))
        assert found.confidence == "medium"
        assert found.reasoning[-1] == (
            "The last match known is of 25 May 2025, 190 days before kick-off: forecasts that old are right less "
            "often, so confidence is medium and not high."
        )


class TestThePast:
    async def test_is_answered_from_what_was_known_then(self, service: PredictionService) -> None:
        before = decoded(await service.answer(fixture(service, kickoff=datetime(2024, 3, 31, tzinfo=UTC))))
        assert not any("The last match known" in reason for reason in before.reasoning)

    @pytest.mark.all_matches
    async def test_is_answered_as_by_a_service_that_never_saw_what_came_after(
        self, service: PredictionService, every_match: pl.DataFrame
    ) -> None:
        day = pl.date(2000, 9, 23)
        then = PredictionService(
            knowing(every_match.filter(pl.col("date") < day)),
            catalogue=service.catalogue,
            cache=Memory(),
            now=lambda: TODAY,
        )
        today = every_match.filter(pl.col("date") == day).select("home", "away", "league", "date").rows()
        asked = [fixture(service, *names, kickoff=noon(date)) for *names, date in today]
        assert len(asked) >= 20
        now_known, then_known = [await one.answer_many(asked, "full") for one in (service, then)]
        assert [one.body for one in now_known] == [one.body for one in then_known]


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
        when = data.draw(st.datetimes(datetime(1994, 1, 1), datetime(2026, 7, 1), timezones=st.just(UTC)))  # noqa: DTZ001
        asked = fixture(service, home.name, away.name, league.code, kickoff=when)
        with_cache = PredictionService(
            forecaster, catalogue=service.catalogue, cache=Memory(), now=lambda: TODAY
        )

        async def answers() -> set[bytes]:
            return {(await s.answer(asked)).body for s in (service, with_cache, with_cache)}

        assert len(asyncio.run(answers())) == 1


class Clock:
    """Unix time that stands still."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


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
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def aging(
        self, catalogue: Catalogue, forecaster: Forecaster, calls: Calls, clock: Clock
    ) -> PredictionService:
        return PredictionService(
            forecaster,
            catalogue=catalogue,
            cache=Memory(),
            lifetime=Lifetime(ttl=100.0, stale=1000.0),
            hook=calls,
            now=lambda: TODAY,
            clock=clock,
        )

    async def test_is_used_while_it_is_fresh(
        self, aging: PredictionService, calls: Calls, clock: Clock
    ) -> None:
        await aging.answer(fixture(aging))
        clock.now += 89
        assert (await aging.answer(fixture(aging))).source == "fresh"
        assert calls.rows == [1]

    async def test_is_given_when_stale_and_made_anew_once_behind_it(
        self, aging: PredictionService, calls: Calls, clock: Clock
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
        self, aging: PredictionService, calls: Calls, clock: Clock
    ) -> None:
        await aging.answer(fixture(aging))
        clock.now += 1111
        assert (await aging.answer(fixture(aging))).source == "made"
        assert calls.rows == [1, 1]

    async def test_stays_when_it_cannot_be_made_anew_and_the_log_says_so(
        self,
        aging: PredictionService,
        forecaster: Forecaster,
        clock: Clock,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        asked = fixture(aging)
        await aging.answer(asked)
        clock.now += 111
        with monkeypatch.context() as broken:
            broken.setattr(forecaster.rows, "_leagues", {})
            assert (await aging.answer(asked)).source == "stale"
            await asyncio.sleep(0.01)
        assert (await aging.answer(asked)).source == "stale"
        assert "could not be made anew" in caplog.text


class TestCard:
    def test_names_the_version_that_answers(self, service: PredictionService) -> None:
        assert service.card["version"] == service.version
