import asyncio
from datetime import UTC, datetime
from itertools import cycle, islice, pairwise, permutations

import msgspec
import polars as pl
import pytest
from msgspec.structs import replace

from sabiscore.domain import Fixture, Odds, Prediction
from sabiscore.features import build_history
from sabiscore.forecaster import Forecaster
from sabiscore.models.bundles import SHIPPED, read
from sabiscore.service import PredictionService
from tests.advice.agreement import assert_all_agrees
from tests.conftest import ON_TODAY

from .asking import DETAILS, KICKOFF, ODDS, Memory, decoded, fixture, noon


def book(*prices: float | None) -> Odds | None:
    """Odds, where there are any that have a margin."""
    given = [price for price in prices if price is not None]
    return Odds(*given) if len(given) == len(prices) and sum(1 / price for price in given) > 1 else None


def knowing(matches: pl.DataFrame) -> Forecaster:
    """The shipped bundle if these were all matches it knew."""
    shipped = Forecaster.load()
    return Forecaster(read(SHIPPED), build_history(matches, shipped.rows.parameters), shipped.head)


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


class TestAnswer:
    async def test_is_a_whole_prediction(self, service: PredictionService) -> None:
        found = decoded(await service.answer(fixture(service)))
        assert found.fixture.home_team == "Arsenal"
        assert found.fixture.kickoff_time == KICKOFF
        assert found.model.version == service.version
        assert found.model.data_through == service.data_through
        assert (found.value, found.score_grid, found.bets) == (None, None, None)

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
                "bets",
            ]

    async def test_decodes_back_to_the_same_bytes(self, service: PredictionService) -> None:
        for detail in DETAILS:
            body = (await service.answer(fixture(service, odds=ODDS), detail)).body
            assert msgspec.json.encode(msgspec.json.decode(body, type=Prediction, strict=True)) == body

    async def test_in_full_is_the_summary_with_grid_and_bets(self, service: PredictionService) -> None:
        summary, full = [
            decoded(await service.answer(fixture(service, odds=ODDS), detail)) for detail in DETAILS
        ]
        assert summary.score_grid is None
        assert full.score_grid is not None
        assert full.bets is not None
        assert replace(full, score_grid=None, bets=None) == summary

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
        known = service.data_through
        days = (KICKOFF.date() - known).days
        note = f"The last match known is of {known.day} {known:%B %Y}, {days} days before kick-off."
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
            clock=ON_TODAY,
        )
        today = every_match.filter(pl.col("date") == day).select("home", "away", "league", "date").rows()
        asked = [fixture(service, *names, kickoff=noon(date)) for *names, date in today]
        assert len(asked) >= 20
        now_known, then_known = [await one.answer_many(asked, "full") for one in (service, then)]
        assert [one.body for one in now_known] == [one.body for one in then_known]


class TestCard:
    def test_names_the_version_that_answers(self, service: PredictionService) -> None:
        assert service.card["version"] == service.version


class TestTwoThreadsAtOnce:
    async def test_answer_as_one_does(self, service: PredictionService) -> None:
        clubs = [club.name for club in service.catalogue.clubs(service.league("E0"))]
        fixtures = [fixture(service, *pair) for pair in islice(permutations(clubs, 2), 192)]
        parts = [fixtures[at : at + 24] for at in range(0, len(fixtures), 24)]
        together = await asyncio.gather(*(asyncio.to_thread(service.made, part) for part in parts))
        assert together == [service.made(part) for part in parts]
