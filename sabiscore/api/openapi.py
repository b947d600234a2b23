"""The OpenAPI document: Litestar describes routes, msgspec its Structs, and each answer has an example.

Requests are described by hand, because the routes read query and body themselves, which Litestar cannot see.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from importlib.metadata import version
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, Router
from litestar.enums import MediaType
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Example,
    License,
    OpenAPI,
    OpenAPIMediaType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Server,
)
from litestar.types import Method

from sabiscore.api import listing, problems, schemas
from sabiscore.api.middleware import PREDICT
from sabiscore.domain import InPlayPrediction, Prediction
from sabiscore.season import schemas as season

COMPONENTS = "#/components/schemas/{name}"
STRUCTS = (
    Prediction,
    InPlayPrediction,
    schemas.Problem,
    listing.FixtureDetail,
    listing.FixturesPage,
    schemas.BatchAnswer,
    schemas.BatchRequest,
    schemas.Health,
    schemas.InPlayRequest,
    schemas.Leagues,
    schemas.PredictRequest,
    schemas.RecordAnswer,
    schemas.Teams,
    season.HeadToHead,
    season.LeagueRatings,
    season.LeagueTable,
    season.TeamPage,
)

EXTENSIONS: dict[problems.Kind, dict[str, Any]] = {
    problems.INVALID_REQUEST: {"errors": [schemas.FieldError("$.league", "Expected `str`, got `int`")]},
    problems.UNKNOWN_LEAGUE: {"closest": ["Premier League"]},
    problems.UNKNOWN_CLUB: {"closest": ["Arsenal"]},
}

FIXTURE = {
    "home_team": "Arsenal",
    "away_team": "Chelsea",
    "league": "Premier League",
    "kickoff_time": "2025-08-30T16:30:00Z",
}
FIXTURE_WITH_ODDS = FIXTURE | {"odds": {"home": 1.8, "draw": 3.7, "away": 4.6}}
FIXTURE_IN_PLAY = FIXTURE | {
    "minute": 45,
    "score": {"home": 0, "away": 1},
    "red_cards": {"home": 0, "away": 0},
}

_HERE = Path(__file__)
DOCUMENT = _HERE.with_name("openapi.json")
"""The document as it was last written into the repository."""

PREDICTION = msgspec.json.decode(_HERE.with_name("prediction.json").read_bytes(), type=Prediction)
"""What `FIXTURE_WITH_ODDS` was answered, written by the service itself."""
IN_PLAY_PREDICTION = msgspec.json.decode(_HERE.with_name("in_play.json").read_bytes(), type=InPlayPrediction)
"""What `FIXTURE_IN_PLAY` was."""


def answers(
    model: Any,  # noqa: ANN401
    *kinds: problems.Kind,
    example: Any,  # noqa: ANN401
    media_type: str = MediaType.JSON,
    cacheable: bool = False,
) -> dict[int, ResponseSpec]:
    """The answers of a route: what it answers with 200, and the kinds of problems it knows.

    ``cacheable`` tells that it may answer with 304, too.
    """
    good = ResponseSpec(
        model,
        description="Success",
        media_type=media_type,
        generate_examples=False,
        examples=[Example(value=written(example))],
    )
    found = {200: good} | {status: _refusals(alike) for status, alike in _by_status(kinds)}
    return found | {304: ResponseSpec(None, description="Not modified")} if cacheable else found


def written(example: Any) -> msgspec.Raw:  # noqa: ANN401
    """An example as JSON: of anything else Litestar leaves out what is null."""
    return msgspec.Raw(msgspec.json.encode(example))


def asks(
    *parameters: Parameter,
    model: type[msgspec.Struct] | None = None,
    example: Any = None,  # noqa: ANN401
) -> type[Operation]:
    """The operation of a route that reads its query, and its body if that has a ``model``, itself."""

    @dataclass
    class Asking(Operation):
        def __post_init__(self) -> None:
            in_path = [each for each in self.parameters or [] if getattr(each, "param_in", "") == "path"]
            self.parameters = [*in_path, *parameters]
            self.request_body = _body(model, example) if model else None

    return Asking


def _body(model: type[msgspec.Struct], example: Any) -> RequestBody:  # noqa: ANN401
    schema = Reference(COMPONENTS.format(name=model.__name__))
    content = OpenAPIMediaType(schema=schema, examples={"example": Example(value=example)})
    return RequestBody(content={"application/json": content}, required=True)


def problem_example(kind: problems.Kind) -> schemas.Problem:
    """A problem as it is answered."""
    return schemas.Problem(
        type=kind.type,
        title=kind.title,
        status=kind.status,
        detail=kind.detail,
        instance=PREDICT,
        request_id="4f1c2a9e0b7d4c63a1f5e8d27b90c3aa",
        **EXTENSIONS.get(kind, {}),
    )


def config(below: str = "") -> OpenAPIConfig:
    """The document at /schema/openapi.json, of an application that is mounted ``below`` a path."""
    return _Config(
        title="SabiScore",
        version=version("sabiscore"),
        summary="Honest football probabilities",
        license=License(name="MIT", identifier="MIT"),
        servers=[Server(url=below or "/")],
        security=[{}, {"key": []}],
        render_plugins=[_Written()],
        operation_id_creator=operation_id,
        openapi_router=Router(
            "/schema", route_handlers=[], include_in_schema=False, after_request=_no_page_of_its_own
        ),
    )


KEY = {
    "type": "apiKey",
    "in": "header",
    "name": "X-API-Key",
    "description": "Only where the operator asks for keys; `Authorization: Bearer` will do, too.",
}

OPERATIONS = {
    "predict_by_query": "predictByQuery",
    "predict_batch": "predictBatch",
    "predict_in_play": "predictInPlay",
    "fixtures": "listFixtures",
    "fixture": "getFixture",
    "leagues": "listLeagues",
    "teams": "listTeams",
    "table": "getTable",
    "ratings": "getRatings",
    "team": "getTeam",
    "head_to_head": "getHeadToHead",
    "record": "getRecord",
    "card": "getModel",
    "health": "getHealth",
    "live": "getLiveness",
    "ready": "getReadiness",
    "metrics": "getMetrics",
}
"""What generated clients call the operations, by the name of their handler, where that is not it."""


def operation_id(handler: HTTPRouteHandler, method: Method, _: Any) -> str:  # noqa: ANN401
    """What generated clients call an operation; those of HEAD are not in the document."""
    name = OPERATIONS.get(handler.handler_name, handler.handler_name)
    return f"{name}Head" if method == "HEAD" else name


class _Document(OpenAPI):
    """Litestar's document with the schemas of msgspec, which know every constraint."""

    def to_schema(self) -> dict[str, Any]:
        """The whole document, wherever it is written: by a service, by ``litestar schema openapi``."""
        found = super().to_schema()
        _, components = msgspec.json.schema_components(STRUCTS, ref_template=COMPONENTS)
        return found | {
            "paths": {path: _described(item) for path, item in found["paths"].items()},
            "components": {"schemas": components, "securitySchemes": {"key": KEY}},
        }


class _Config(OpenAPIConfig):
    """Makes a `_Document`."""

    def to_openapi_schema(self) -> OpenAPI:
        """One that has no routes yet."""
        made = super().to_openapi_schema()
        return _Document(**{field.name: getattr(made, field.name) for field in fields(made)})


class _Written(JsonRenderPlugin):
    """Writes the document once: it never changes, and each writing of it would cost memory."""

    def __init__(self) -> None:
        super().__init__()
        self._written = b""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        self._written = self._written or super().render(request, openapi_schema)
        return self._written


def _described(item: dict[str, Any]) -> dict[str, Any]:
    """The operations of a path but HEAD, which every GET has; examples without the id that OpenAPI does not know."""
    operations = {method: operation for method, operation in item.items() if method != "head"}
    for operation in operations.values():
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                for example in content.get("examples", {}).values():
                    example.pop("id", None)
    return operations


async def _no_page_of_its_own(response: Response[Any]) -> Response[Any]:
    """Litestar answers an unknown path below /schema with HTML; here every error is a problem."""
    if response.status_code == NotFoundException.status_code:
        raise NotFoundException
    return response


def _by_status(kinds: Iterable[problems.Kind]) -> Iterator[tuple[int, Iterable[problems.Kind]]]:
    return groupby(sorted(kinds, key=attrgetter("status")), key=attrgetter("status"))


def _refusals(kinds: Iterable[problems.Kind]) -> ResponseSpec:
    kinds = tuple(kinds)
    return ResponseSpec(
        schemas.Problem,
        description="; ".join(kind.title for kind in kinds),
        media_type=problems.MEDIA_TYPE,
        generate_examples=False,
        examples=[
            Example(id=kind.name, summary=kind.title, value=msgspec.to_builtins(problem_example(kind)))
            for kind in kinds
        ],
    )
