"""The query of a request for a prediction: how much is wanted, and in a GET the fixture, too."""

import re
from collections.abc import Mapping
from typing import TypeVar, cast, get_args
from urllib.parse import parse_qsl

import msgspec
from litestar.openapi.spec import Example, Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.types import Scope
from msgspec import Struct

from sabiscore.api.problems import BAD_REQUEST, ProblemError, invalid, unfit
from sabiscore.api.schemas import AdjustGoals, DecimalOdds, PredictQuery, PredictRequest
from sabiscore.domain import Detail, Language

DETAIL = Parameter(
    name="detail",
    param_in="query",
    description="`full` adds the probability of every score, and every bet with the odds that it is worth.",
    schema=Schema(type=OpenAPIType.STRING, enum=["summary", "full"], default="summary"),
)

LANG = Parameter(
    name="lang",
    param_in="query",
    description="The language of `reasoning`, in play of `statement`; clubs and leagues keep their names.",
    schema=Schema(type=OpenAPIType.STRING, enum=[*get_args(Language)], default="en"),
)

USUAL_QUERIES: Mapping[str, Detail] = {"": "summary", "detail=summary": "summary", "detail=full": "full"}
"""Those that people write beside a body. There is no end of others that mean the same."""

ODDS = ("odds_home", "odds_draw", "odds_away")
_KINDS: Mapping[str, type[float | bool]] = {
    **dict.fromkeys((*ODDS, "adjust_home", "adjust_away"), float),
    "neutral": bool,
}
_NONE: Mapping[str, type[float | bool]] = {}
_T = TypeVar("_T")
Q = TypeVar("Q", bound=Struct)

PLUS_LOST = re.compile(r".+:.+ \d\d:?\d\d")
"""A time whose offset was written with a plus, which is a space in a query."""


def query_of(scope: Scope) -> str:
    """The query as the front is shown it."""
    return scope["query_string"].decode("utf-8", "replace")


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """How much of a prediction is wanted, and in which language."""

    detail: Detail = "summary"
    lang: Language = "en"


_USUAL_FORMS = {query: Form(detail) for query, detail in USUAL_QUERIES.items()}


def read_form(query: str) -> Form:
    """What is wanted of predictions, by the query beside a body.

    Raises:
        ProblemError: the query says something else, or nothing that is known.
    """
    if usual := _USUAL_FORMS.get(query):
        return usual
    try:
        return read_as(query, Form)
    except ProblemError:
        raise ProblemError(
            BAD_REQUEST,
            f"The query can be detail=summary or detail=full, and lang={', '.join(get_args(Language))}, each once, "
            "and nothing else.",
        ) from None


def read_query(query: str) -> tuple[PredictRequest, Form]:
    """The fixture that a query asks for, by the rules of a body, and what is wanted of its prediction.

    Raises:
        ProblemError: it has something unknown, twice or not as it should be, or lacks something.
    """
    given = _given(query, _KINDS)
    try:
        asked = msgspec.convert(given, PredictQuery)
    except msgspec.ValidationError as error:
        if PLUS_LOST.fullmatch(str(given.get("kickoff_time"))):
            raise invalid(
                "$.kickoff_time", "In a query a + is a space: write %2B, or the time in UTC with a Z"
            ) from None
        raise unfit(error, PredictQuery) from None
    return _request(asked), Form(asked.detail, asked.lang)


def read_as(query: str, model: type[Q]) -> Q:
    """What a query asks for.

    Raises:
        ProblemError: it has something unknown, twice or not as it should be, or lacks something.
    """
    try:
        return msgspec.convert(_given(query), model, strict=False)
    except msgspec.ValidationError as error:
        raise unfit(error, model) from None


def parameters(model: type[Struct], **examples: object) -> list[Parameter]:
    """The parameters of a query for the OpenAPI document."""
    described = msgspec.json.schema(model)["$defs"][model.__name__]
    return [
        Parameter(
            name=name,
            param_in="query",
            description=schema.pop("description", None),
            required=name in described.get("required", ()),
            schema=cast("Schema", schema),
            examples={"example": Example(value=examples[name])} if name in examples else None,
        )
        for name, schema in described["properties"].items()
    ]


def _given(query: str, kinds: Mapping[str, type[float | bool]] = _NONE) -> dict[str, str | float]:
    """What stands in a query, each once; values of ``kinds`` as they are in JSON."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise ProblemError(BAD_REQUEST, "The query is not valid UTF-8.") from None
    given: dict[str, str | float] = {}
    for name, value in pairs:
        if name in given:
            raise ProblemError(BAD_REQUEST, f"The query has {name[:100]} more than once.")
        given[name] = _read(value, kind) if (kind := kinds.get(name)) else value
    return given


def _read(text: str, kind: type[_T]) -> str | _T:
    """What a text is in JSON, or itself."""
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeError):
        return text


def _request(asked: PredictQuery) -> PredictRequest:
    odds = [each for each in (asked.odds_home, asked.odds_draw, asked.odds_away) if each is not msgspec.UNSET]
    if odds and len(odds) < len(ODDS):
        missing = next(name for name in ODDS if getattr(asked, name) is msgspec.UNSET)
        raise invalid(f"$.{missing}", f"{', '.join(ODDS)} are given together or not at all")
    return PredictRequest(
        asked.home_team,
        asked.away_team,
        asked.league,
        asked.kickoff_time,
        DecimalOdds(*odds) if odds else None,
        asked.neutral,
        AdjustGoals(asked.adjust_home, asked.adjust_away) if asked.adjust_home or asked.adjust_away else None,
    )
