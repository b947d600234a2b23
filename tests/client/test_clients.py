import inspect
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import httpx
import msgspec
import pytest

from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.api.problems import OVERLOADED, UNAUTHORIZED, UNKNOWN_CLUB
from sabiscore.api.schemas import DecimalOdds, Problem
from sabiscore.cache.factory import open_cache
from sabiscore.client import (
    AsyncClient,
    Client,
    GoalAdjustment,
    Odds,
    PredictRequest,
    ProblemAnswerError,
    SideCounts,
    UnreachableError,
    calls,
)
from sabiscore.domain import Prediction
from sabiscore.settings import Settings
from tests.api.asking import FIXTURE, PREDICT
from tests.api.fronting import served
from tests.api.serving import on_a_port

KICKOFF = datetime(2025, 8, 30, 16, 30, tzinfo=UTC)
ARSENAL = "premier-league-2025-26-arsenal-chelsea"
OPERATIONS = sorted(
    name
    for name, found in inspect.getmembers(calls, inspect.isfunction)
    if found.__module__ == calls.__name__ and not name.startswith("_")
)


@pytest.fixture
async def asking(address: str) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(address) as client:
        yield client


class TestAClient:
    @pytest.mark.parametrize("kind", [Client, AsyncClient])
    def test_has_a_documented_method_for_all_that_can_be_asked(self, kind: type) -> None:
        for name in OPERATIONS:
            method, described = getattr(kind, name), getattr(calls, name)
            assert method.__doc__ == described.__doc__
            assert method.__name__ == name

    def test_has_the_answer_that_anybody_gets(self, client: Client, address: str) -> None:
        posted = httpx.post(address + PREDICT, json=FIXTURE).content
        assert client.predict("Arsenal", "Chelsea", "EPL", KICKOFF) == msgspec.json.decode(
            posted, type=Prediction
        )

    def test_asks_all_that_can_be_asked_of_a_fixture(self, client: Client) -> None:
        odds, adjust = Odds(1.8, 3.7, 4.6), GoalAdjustment(home=-0.2)
        elsewhere = KICKOFF.astimezone(timezone(timedelta(hours=2)))
        found = client.predict(
            "Arsenal",
            "Chelsea",
            "EPL",
            elsewhere,
            odds=odds,
            adjust=adjust,
            neutral=True,
            detail="full",
        )
        assert found.fixture.kickoff_time == KICKOFF
        assert found.value
        assert found.score_grid
        assert found.neutral
        assert found.adjust == adjust

    def test_asks_many_fixtures_at_once(self, client: Client) -> None:
        good = PredictRequest("Arsenal", "Chelsea", "EPL", KICKOFF, DecimalOdds(1.8, 3.7, 4.6))
        bad = PredictRequest("Arsenal", "Chels", "EPL", KICKOFF)
        first, second = client.predict_batch([good, bad], detail="full").predictions
        assert first.prediction
        assert first.prediction.bets
        assert second.problem
        assert second.problem.type == UNKNOWN_CLUB.type

    def test_asks_for_reasons_in_another_language(self, client: Client) -> None:
        spoken = client.predict("Arsenal", "Chelsea", "EPL", KICKOFF, lang="de").reasoning
        asked = [PredictRequest("Arsenal", "Chelsea", "EPL", KICKOFF)]
        (one,) = client.predict_batch(asked, lang="de").predictions
        listed = client.fixture(ARSENAL, lang="de").prediction
        assert one.prediction
        assert listed
        assert "Sieg" in spoken[0]
        assert one.prediction.reasoning[0] == spoken[0]
        assert "Sieg" in listed.reasoning[0]

    def test_asks_of_a_match_that_is_being_played(self, client: Client) -> None:
        found = client.predict_in_play(
            "Arsenal", "Chelsea", "EPL", KICKOFF, minute=45, score=SideCounts(1, 0), odds=Odds(1.8, 3.7, 4.6)
        )
        assert found.measured
        assert found.in_play.score == SideCounts(1, 0)

    @pytest.mark.parametrize("limit", [1, 3, 200])
    def test_lists_fixtures_from_page_to_page(self, client: Client, limit: int) -> None:
        every = [one.id for one in client.fixtures(until=date(2025, 8, 30), limit=limit)]
        assert len(every) == 10
        assert every[0] == ARSENAL

    def test_lists_only_what_is_wanted(self, client: Client) -> None:
        wanted = client.fixtures(league="E0", team="Man Utd", since=date(2025, 8, 1), status="all")
        assert [one.away.name for one in wanted] == ["Manchester City"]

    def test_reads_whatever_else_there_is(self, client: Client) -> None:
        day = date(2024, 12, 1)
        assert client.fixture(ARSENAL, detail="full").prediction
        assert {each.code for each in client.leagues().leagues} >= {"E0", "SP1"}
        assert "Arsenal" in {each.name for each in client.teams("Premier League").teams}
        assert client.table("premier-league", on=day).on == day
        assert client.ratings("Premier League").teams[0].rank == 1
        assert client.team("brighton-and-hove-albion", on=day).team.name.startswith("Brighton")
        assert client.head_to_head("Arsenal", "Chelsea", league="E0").overall.played > 30
        assert client.record(league="E0", season="2024-25").settled == 0
        assert client.model()["version"] == client.predict("Arsenal", "Chelsea", "EPL", KICKOFF).model.version


class TestAnAsyncClient:
    async def test_has_the_same_answers(self, asking: AsyncClient, client: Client) -> None:
        asked = ("Arsenal", "Chelsea", "EPL", KICKOFF)
        assert await asking.predict(*asked) == client.predict(*asked)
        assert await asking.table("E0") == client.table("E0")
        listed = [one async for one in asking.fixtures(until=date(2025, 8, 30), limit=3)]
        assert listed == list(client.fixtures(until=date(2025, 8, 30)))

    async def test_raises_the_same_errors(self, asking: AsyncClient) -> None:
        with pytest.raises(ProblemAnswerError, match="Unknown club 'Arsenol'"):
            await asking.predict("Arsenol", "Chelsea", "EPL", KICKOFF)


class TestARefusal:
    def test_has_its_problem(self, client: Client) -> None:
        with pytest.raises(ProblemAnswerError, match="Unknown club 'Arsenol'") as raised:
            client.predict("Arsenol", "Chelsea", "EPL", KICKOFF)
        problem = raised.value.problem
        assert (problem.type, problem.status) == (UNKNOWN_CLUB.type, UNKNOWN_CLUB.status)
        assert "Arsenal" in problem.closest
        assert problem.request_id

    def test_of_what_says_no_more_than_a_status_is_a_problem_too(self) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(502, text="<h1>Bad gateway</h1>"))
        with Client(transport=transport, retries=0) as client, pytest.raises(ProblemAnswerError) as raised:
            client.leagues()
        assert raised.value.problem == Problem(
            type="about:blank",
            title="Bad Gateway",
            status=502,
            detail="http://127.0.0.1:8000/api/v1/leagues answered with 502, and no more that is understood.",
            instance="/api/v1/leagues",
            request_id="",
        )

    def test_for_the_moment_is_asked_again_when_the_service_says(
        self, address: str, resources: Resources
    ) -> None:
        waited = list[float]()
        room = resources.work.one

        def wait(seconds: float) -> None:
            waited.append(seconds)
            room.give_back(1_000)

        room.take(1_000)
        with Client(address, sleep=wait) as client:
            assert client.predict("Leeds", "Chelsea", "EPL", KICKOFF)
        assert len(waited) == 1
        assert waited[0] >= 1
        assert waited[0] == int(waited[0])

    async def test_for_the_moment_is_asked_again_by_an_async_client(
        self, address: str, resources: Resources
    ) -> None:
        room = resources.work.one

        async def wait(_: float) -> None:
            room.give_back(1_000)

        room.take(1_000)
        async with AsyncClient(address, sleep=wait) as client:
            assert await client.predict("Everton", "Chelsea", "EPL", KICKOFF)

    def test_that_lasts_is_raised_in_the_end(self, address: str, resources: Resources) -> None:
        waited = list[float]()
        resources.work.one.take(1_000)
        with Client(address, retries=2, sleep=waited.append) as client:
            with pytest.raises(ProblemAnswerError) as raised:
                client.predict("Fulham", "Chelsea", "EPL", KICKOFF)
            resources.work.one.give_back(1_000)
        assert raised.value.problem.type == OVERLOADED.type
        assert len(waited) == 2


class TestAKey:
    def test_is_sent(self, load_service: LoadService, tmp_path: Path) -> None:
        (tmp_path / "keys").write_text(sha256(b"sesame").hexdigest())
        resources = Resources(Settings(api_keys=str(tmp_path / "keys")), load_service, open_cache)
        with on_a_port(served(resources, front=True)) as address:
            with Client(address, key="sesame") as client:
                assert client.leagues().leagues
            with Client(address) as client, pytest.raises(ProblemAnswerError) as raised:
                client.leagues()
        assert raised.value.problem.type == UNAUTHORIZED.type


class TestAServiceThatIsNotThere:
    def test_is_asked_again_and_then_given_up(self) -> None:
        waited = list[float]()
        with (
            Client("http://127.0.0.1:9", sleep=waited.append) as client,
            pytest.raises(UnreachableError, match="No answer"),
        ):
            client.leagues()
        assert len(waited) == 3
        assert waited == sorted(waited)
