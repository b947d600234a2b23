from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from litestar import Litestar
from litestar.testing import RequestFactory
from schemathesis import APIOperation, BaseSchema, GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from sabiscore.api import openapi, problems
from sabiscore.api.lifespan import LoadService
from sabiscore.api.listing import FixtureDetail, FixturesPage
from sabiscore.api.problems import MEDIA_TYPE
from sabiscore.api.schemas import BatchAnswer, Health, Leagues, Problem, RecordAnswer, Teams
from sabiscore.domain import InPlayPrediction, Prediction
from sabiscore.errors import InvalidFixtureError
from sabiscore.season.schemas import HeadToHead, LeagueRatings, LeagueTable, TeamPage
from tests.api.asking import AT_HALF_TIME, BATCH, FIXTURE, IN_PLAY, PREDICT, Client
from tests.api.conftest import built

Document = dict[str, Any]

FIXTURES, A_FIXTURE = "/api/v1/fixtures", "/api/v1/fixtures/{fixture_id}"
TABLE, RATINGS = "/api/v1/leagues/{league}/table", "/api/v1/leagues/{league}/ratings"
TEAM, MEETINGS, RECORD = "/api/v1/teams/{team}", "/api/v1/head-to-head", "/api/v1/record"
TEAMS = "/api/v1/leagues/{league}/teams"
POSTED = {PREDICT: Prediction, BATCH: BatchAnswer, IN_PLAY: InPlayPrediction}
READ = {
    "/api/v1/leagues": Leagues,
    TEAMS: Teams,
    "/api/v1/model": dict[str, Any],
    FIXTURES: FixturesPage,
    A_FIXTURE: FixtureDetail,
    RECORD: RecordAnswer,
    TABLE: LeagueTable,
    RATINGS: LeagueRatings,
    TEAM: TeamPage,
    MEETINGS: HeadToHead,
    "/health": Health,
    "/health/live": Health,
    "/health/ready": Health,
    "/metrics": str,
}
OPERATIONS = [
    *((path, "post") for path in POSTED),
    *((path, "get") for path in (PREDICT, *READ)),
]

MORE_THAN_A_SCHEMA_KNOWS = [positive_data_acceptance]
"""A name of the right shape may be nobody's: 422 or 404."""

EACH_ITEM_ON_ITS_OWN = [*MORE_THAN_A_SCHEMA_KNOWS, negative_data_rejection]
"""A batch with an invalid item is answered with 200, and that item with its problem."""


@pytest.fixture(scope="session")
def document(client: Client) -> Document:
    response = client.get("/schema/openapi.json")
    assert response.status_code == 200
    found: Document = response.json()
    return found


def raised(error: type[Exception]) -> Iterator[type[Exception]]:
    """The errors below ``error`` that have none below them."""
    for each in error.__subclasses__():
        yield from raised(each) if each.__subclasses__() else [each]


def responses(document: Document) -> Iterator[tuple[str, str, int, dict[str, Any]]]:
    """Path, method, status and content of every answer in the document; a 304 has none."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for status, response in operation["responses"].items():
                if status != "304":
                    yield path, method, int(status), response["content"]


class TestTheDocument:
    def test_is_written_once_however_often_it_is_read(self) -> None:
        [document] = openapi.config().render_plugins
        request = RequestFactory(Litestar(logging_config=None)).get()
        read = [document.render(request, {"openapi": "3.1.0", "paths": {}}) for _ in range(2)]
        assert read[0] is read[1]

    def test_has_every_route(self, document: Document) -> None:
        documented = {(path, method) for path, item in document["paths"].items() for method in item}
        assert documented == set(OPERATIONS)

    def test_names_every_operation_as_code_would(self, document: Document) -> None:
        names = [
            operation["operationId"] for item in document["paths"].values() for operation in item.values()
        ]
        assert len(set(names)) == len(names)
        assert all(name.isidentifier() and name[0].islower() for name in names)
        assert {"predict", "predictByQuery", "predictBatch", "listFixtures", "getFixture"} <= set(names)

    def test_is_the_one_in_the_repository(self, document: Document) -> None:
        assert document == msgspec.json.decode(openapi.DOCUMENT.read_bytes())

    def test_has_an_example_of_every_answer(self, document: Document) -> None:
        for path, _, status, content in responses(document):
            [(media_type, described)] = content.items()
            examples = [example["value"] for example in described["examples"].values()]
            assert examples
            if status == 200:
                assert all(msgspec.convert(example, (POSTED | READ)[path]) for example in examples)
            else:
                assert media_type == MEDIA_TYPE
                assert all(msgspec.convert(example, Problem).status == status for example in examples)

    def test_has_every_kind_of_problem_that_a_route_knows(self, document: Document) -> None:
        shown = {
            example["value"]["type"]
            for _, _, status, content in responses(document)
            for example in next(iter(content.values()))["examples"].values()
            if status >= 400
        }
        of_no_route = {kind.type for kind in problems.OF_NO_ROUTE}
        assert shown == {kind.type for kind in problems.KINDS} - of_no_route

    @pytest.mark.parametrize("path", [PREDICT, IN_PLAY])
    def test_of_a_single_prediction_has_every_problem_of_a_fixture(
        self, document: Document, path: str
    ) -> None:
        described = document["paths"][path]["post"]["responses"]["422"]["content"][MEDIA_TYPE]
        shown = {example["value"]["type"] for example in described["examples"].values()}
        assert shown == {kind.type for kind in problems.OF_ERROR.values()}
        assert problems.OF_ERROR.keys() == {InvalidFixtureError, *raised(InvalidFixtureError)}

    @pytest.mark.parametrize("path", POSTED)
    def test_has_an_example_of_every_question_that_is_answered(
        self, document: Document, client: Client, path: str
    ) -> None:
        asked = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        for example in asked["examples"].values():
            assert client.post(path, json=example["value"]).status_code == 200

    def test_has_examples_that_are_a_query_that_is_answered(self, document: Document, client: Client) -> None:
        described = document["paths"][PREDICT]["get"]["parameters"]
        given = {
            each["name"]: example["value"]
            for each in described
            for example in each.get("examples", {}).values()
        }
        assert client.get(PREDICT, params=given).status_code == 200
        assert {each["name"] for each in described if each["required"]} == given.keys()
        assert {each["name"]: each["schema"] for each in described}["home_team"]["maxLength"] == 100

    @pytest.mark.parametrize("path", POSTED)
    def test_knows_how_much_can_be_asked_for(self, document: Document, path: str) -> None:
        [detail, lang] = document["paths"][path]["post"]["parameters"]
        assert (detail["name"], detail["in"], detail["required"]) == ("detail", "query", False)
        assert lang["name"] == "lang"
        assert detail["schema"] == {"type": "string", "enum": ["summary", "full"], "default": "summary"}

    @pytest.mark.parametrize("odds", [{}, {"odds": {"home": 1.8, "draw": 3.7, "away": 4.6}}])
    def test_describes_a_whole_answer(self, document: Document, client: Client, odds: dict[str, Any]) -> None:
        answer = client.post(f"{PREDICT}?detail=full", json=FIXTURE | odds).json()
        described = document["components"]["schemas"]["Prediction"]
        assert set(described["required"]) <= set(answer) <= set(described["properties"])

    def test_describes_a_whole_answer_in_play(self, document: Document, client: Client) -> None:
        answer = client.post(f"{IN_PLAY}?detail=full", json=AT_HALF_TIME).json()
        described = document["components"]["schemas"]["InPlayPrediction"]
        assert set(described["required"]) <= set(answer) <= set(described["properties"])

    def test_knows_the_bounds_of_names(self, document: Document) -> None:
        fixture = document["components"]["schemas"]["PredictRequest"]
        assert fixture["properties"]["home_team"] == {"type": "string", "minLength": 1, "maxLength": 100}
        assert fixture["additionalProperties"] is False

    def test_names_no_schema_that_it_lacks(self, document: Document) -> None:
        text = msgspec.json.encode(document).decode()
        named = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
        assert named <= set(document["components"]["schemas"])


@pytest.fixture(scope="module")
def applications(load_service: LoadService) -> dict[str, BaseSchema]:
    """Two that all examples ask: behind the front, and not."""
    return {
        way: schemathesis.openapi.from_asgi("/schema/openapi.json", built(load_service, front=way == "front"))
        for way in ("front", "asgi")
    }


@pytest.fixture
def described(request: pytest.FixtureRequest, applications: dict[str, BaseSchema]) -> BaseSchema:
    """One of them."""
    return applications[request.param]


def ways(operations: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Each operation behind the front; also without it what the front does not hand on, one prediction."""
    return [
        (way, *each)
        for each in operations
        for way in ("front", "asgi")
        if way == "front" or each[0] == PREDICT
    ]


class TestWhatIsAnswered:
    @pytest.mark.parametrize(("described", "path", "method"), ways(OPERATIONS), indirect=["described"])
    def test_is_what_the_document_says(self, described: BaseSchema, path: str, method: str) -> None:
        self._probe(described[path][method.upper()], GenerationMode.POSITIVE, MORE_THAN_A_SCHEMA_KNOWS)

    @pytest.mark.parametrize(
        ("described", "path", "method", "excluded"),
        ways(
            [
                (PREDICT, "POST", MORE_THAN_A_SCHEMA_KNOWS),
                (PREDICT, "GET", MORE_THAN_A_SCHEMA_KNOWS),
                (IN_PLAY, "POST", MORE_THAN_A_SCHEMA_KNOWS),
                (FIXTURES, "GET", MORE_THAN_A_SCHEMA_KNOWS),
                (A_FIXTURE, "GET", MORE_THAN_A_SCHEMA_KNOWS),
                (TABLE, "GET", MORE_THAN_A_SCHEMA_KNOWS),
                (TEAM, "GET", MORE_THAN_A_SCHEMA_KNOWS),
                (MEETINGS, "GET", MORE_THAN_A_SCHEMA_KNOWS),
                (RECORD, "GET", MORE_THAN_A_SCHEMA_KNOWS),
                (BATCH, "POST", EACH_ITEM_ON_ITS_OWN),
            ]
        ),
        indirect=["described"],
    )
    def test_is_a_refusal_where_the_document_forbids(
        self, described: BaseSchema, path: str, method: str, excluded: list[Any]
    ) -> None:
        self._probe(described[path][method], GenerationMode.NEGATIVE, excluded)

    def _probe(
        self, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, excluded: list[Any]
    ) -> None:
        @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def probe(case: schemathesis.Case[Any]) -> None:
            response = case.call()
            if response.status_code != problems.URI_TOO_LONG.status:
                case.validate_response(response, excluded_checks=excluded)

        probe()
