from typing import Any

import msgspec
import pytest
from jsonschema_rs import is_valid

from sabiscore.api.agents.answers import NO_STAKE, worth
from sabiscore.api.agents.tools import TOOLS, Asking, Tool
from sabiscore.api.lifespan import LoadService
from sabiscore.cache.protocol import NoCache
from sabiscore.domain import OutcomeValue, Value
from sabiscore.settings import Settings
from sabiscore.telemetry.provider import Telemetry
from tests.api.asking import FIXTURE

ADDRESS = "https://sabiscore.example"
ODDS = {"odds": {"home": 2.5, "draw": 3.5, "away": 2.8}}
ASKED: dict[str, dict[str, Any]] = {
    "predict": FIXTURE | ODDS,
    "fixtures": {"league": "EPL"},
    "table": {"league": "premier-league"},
    "team": {"team": "Arsenal"},
    "record": {},
}
BY_NAME = {tool.name: tool for tool in TOOLS}
SMALL = 6_000
"""Bytes of an answer."""


@pytest.fixture(scope="module")
def asking(load_service: LoadService) -> Asking:
    loaded = load_service(Settings(), cache=NoCache(), hook=Telemetry().instruments)
    return Asking(loaded, ADDRESS)


async def called(asking: Asking, name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    found: dict[str, Any] = msgspec.json.decode(await BY_NAME[name].call(asking, ASKED[name] | more))
    return found


class TestEveryTool:
    @pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
    async def test_answers_little_and_says_where_it_is_from(self, asking: Asking, tool: Tool) -> None:
        body = await tool.call(asking, ASKED[tool.name])
        assert len(body) < SMALL
        source = msgspec.json.decode(body)["source"]
        service = asking.loaded.service
        assert source["bundle"] == service.version
        assert source["data_through"] == str(service.data_through)
        assert source["page"].startswith(f"{ADDRESS}/")

    @pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
    def test_has_a_schema_that_its_arguments_fit(self, tool: Tool) -> None:
        assert tool.schema["type"] == "object"
        assert is_valid(tool.schema, ASKED[tool.name])


class TestPredict:
    async def test_leads_to_the_fixture_where_it_is_listed(self, asking: Asking) -> None:
        told = await called(asking, "predict", kickoff_time="2025-08-01T19:00:00Z")
        assert told["source"]["page"] == f"{ADDRESS}/fixtures/premier-league-2025-26-arsenal-chelsea"

    async def test_else_leads_to_the_page_for_any_two_clubs(self, asking: Asking) -> None:
        told = await called(asking, "predict", away_team="Liverpool")
        assert told["source"]["page"].startswith(f"{ADDRESS}/predict?league=premier-league&home_team=Arsenal")

    async def test_names_no_stake_without_the_licence(self, asking: Asking) -> None:
        told = await called(asking, "predict")
        assert [each["outcome"] for each in told["worth"]] == ["home", "draw", "away"]
        assert not any("stake" in each for each in told["worth"])
        assert told["note"] == NO_STAKE
        assert told["recommended_bet"] == "no_bet"

    @pytest.mark.parametrize(("licensed", "stake"), [(True, 0.01), (False, None)])
    def test_names_the_services_stake_with_it(self, *, licensed: bool, stake: float | None) -> None:
        outcome = OutcomeValue("home", 0.4, 2.4, 2.5, 0.02, 0.05, 0.01, 2.6)
        [told] = worth(Value(margin=0.05, outcomes=[outcome], licensed=licensed))
        assert told.stake == stake


class TestFixtures:
    async def test_are_those_of_the_next_seven_days(self, asking: Asking) -> None:
        told = await called(asking, "fixtures")
        assert told["fixtures"][0]["home"] == "Arsenal"
        assert told["fixtures"][0]["page"] == f"{ADDRESS}/fixtures/premier-league-2025-26-arsenal-chelsea"

    async def test_of_a_club_are_all_that_are_known(self, asking: Asking) -> None:
        told = await called(asking, "fixtures", league="Bundesliga", team="Stuttgart")
        assert [each["away"] for each in told["fixtures"]] == ["VfB Stuttgart"]


class TestSeasons:
    async def test_a_table_has_its_rows(self, asking: Asking) -> None:
        told = await called(asking, "table")
        assert [row["position"] for row in told["rows"]] == list(range(1, 21))

    async def test_a_club_has_its_last_matches(self, asking: Asking) -> None:
        told = await called(asking, "team")
        assert (told["team"], len(told["last"])) == ("Arsenal", 5)

    async def test_a_record_of_nothing_says_so(self, asking: Asking) -> None:
        told = await called(asking, "record", season="2025-26")
        assert told["statement"]
        assert told["settled"] == 0
