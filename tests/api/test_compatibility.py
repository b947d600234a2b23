from collections.abc import Callable
from copy import deepcopy
from typing import Any

import msgspec
import pytest

from sabiscore.api import openapi
from tests.api.compatibility import PROMISED, breaks, promised

Document = dict[str, Any]
Change = Callable[[Document], object]

PREDICT = "/api/v1/predict"


@pytest.fixture(scope="module")
def document() -> Document:
    found: Document = msgspec.json.decode(openapi.DOCUMENT.read_bytes())
    return found


def schema(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


def operation(document: Document, path: str = PREDICT, method: str = "get") -> Document:
    found: Document = document["paths"][path][method]
    return found


def parameter(document: Document, name: str) -> Document:
    return next(each for each in operation(document)["parameters"] if each["name"] == name)


def without(key: str, found: Callable[[Document], Document]) -> Change:
    return lambda document: found(document).pop(key)


def having(found: Callable[[Document], Document], **values: Any) -> Change:  # noqa: ANN401
    return lambda document: found(document).update(values)


def prediction(document: Document) -> Document:
    return schema(document, "Prediction")


def fields_of(name: str) -> Callable[[Document], Document]:
    return lambda document: schema(document, name)["properties"]


def requiring(name: str, field: str) -> Change:
    return lambda document: schema(document, name).setdefault("required", []).append(field)


def not_requiring(name: str, field: str) -> Change:
    return lambda document: schema(document, name)["required"].remove(field)


BREAKING: dict[str, tuple[Change, str]] = {
    "a path is gone": (
        without("/api/v1/leagues", lambda document: document["paths"]),
        "GET /api/v1/leagues is gone",
    ),
    "an operation is gone": (
        without("post", lambda document: document["paths"][PREDICT]),
        "POST /api/v1/predict is gone",
    ),
    "an operation has another name": (
        having(operation, operationId="foretell"),
        "has another name: foretell",
    ),
    "a parameter is gone": (
        lambda document: operation(document)["parameters"].remove(parameter(document, "odds_home")),
        "has no parameter odds_home any more",
    ),
    "a parameter is needed": (
        having(lambda document: parameter(document, "neutral"), required=True),
        "needs the parameter neutral",
    ),
    "there is a new parameter that is needed": (
        lambda document: operation(document)["parameters"].append(
            {"name": "who", "in": "query", "required": True, "schema": {"type": "string"}}
        ),
        "needs the parameter who",
    ),
    "a parameter has fewer values": (
        lambda document: parameter(document, "detail")["schema"].update(enum=["summary"]),
        'has other values: "full"',
    ),
    "a parameter has narrower bounds": (
        lambda document: parameter(document, "home_team")["schema"].update(maxLength=50),
        "?home_team has another maxLength",
    ),
    "a body needs a field": (requiring("PredictRequest", "odds"), "body $.odds is needed now"),
    "a body loses a field": (without("neutral", fields_of("PredictRequest")), "body $.neutral is gone"),
    "a field of a body has another type": (
        having(lambda document: fields_of("PredictRequest")(document)["neutral"], type="string"),
        "$.neutral may not be boolean any more",
    ),
    "a field of a body may not be null": (
        having(fields_of("PredictRequest"), odds={"$ref": "#/components/schemas/DecimalOdds"}),
        "$.odds may not be null any more",
    ),
    "a field deep in a body has narrower bounds": (
        having(lambda document: fields_of("Goals")(document)["home"], maximum=5),
        "$.score.home has another maximum",
    ),
    "a body has a pattern": (
        having(lambda document: fields_of("PredictRequest")(document)["league"], pattern="^E"),
        "$.league has another pattern",
    ),
    "a body may be of another media type only": (
        lambda document: operation(document, method="post")["requestBody"].update(content={}),
        "body is not application/json any more",
    ),
    "an answer loses a field": (without("confidence", fields_of("Prediction")), "200 $.confidence is gone"),
    "an answer does not always have a field": (
        not_requiring("Prediction", "markets"),
        "200 $.markets is not always there any more",
    ),
    "a field of an answer has another type": (
        having(lambda document: fields_of("Prediction")(document)["home_win_prob"], type="string"),
        "$.home_win_prob may be string now",
    ),
    "a field of an answer may be null": (
        having(lambda document: fields_of("FixtureInfo")(document)["league"], type=["string", "null"]),
        "$.fixture.league may be null now",
    ),
    "a field of an answer has more values": (
        lambda document: fields_of("Prediction")(document)["confidence"]["enum"].append("certain"),
        'has other values: "certain"',
    ),
    "items of a list in an answer have another type": (
        having(lambda document: fields_of("Prediction")(document)["reasoning"], items={"type": "object"}),
        "$.reasoning[] may be object now",
    ),
    "an answer is gone": (
        without("200", lambda document: operation(document)["responses"]),
        "200 is not application/json any more",
    ),
    "a key is needed": (having(lambda document: document, security=[{"key": []}]), "a key is needed"),
}
HARMLESS: dict[str, Change] = {
    "a path is new": lambda document: document["paths"].update({"/new": document["paths"][PREDICT]}),
    "an operation is new": lambda document: document["paths"]["/health"].update(
        post=operation(document, "/health")
    ),
    "a parameter is new": lambda document: operation(document)["parameters"].append(
        {"name": "lang", "in": "query", "required": False, "schema": {"type": "string"}}
    ),
    "a parameter has more values": lambda document: parameter(document, "detail")["schema"]["enum"].append(
        "all"
    ),
    "a parameter has wider bounds": lambda document: parameter(document, "home_team")["schema"].update(
        maxLength=200
    ),
    "a field of a body is new": having(fields_of("PredictRequest"), venue={"type": "string"}),
    "a field of a body is needed no more": not_requiring("PredictRequest", "league"),
    "an answer has a new field": having(fields_of("Prediction"), venue={"type": "string"}),
    "an answer always has a field": requiring("Prediction", "value"),
    "a number is an integer": having(
        lambda document: fields_of("Prediction")(document)["home_win_prob"], type="integer"
    ),
    "a text is another one": having(prediction, description="Something else"),
    "a problem is gone": without("503", lambda document: operation(document)["responses"]),
}


class TestAChange:
    @pytest.mark.parametrize("name", BREAKING)
    def test_that_breaks_a_client_is_seen(self, document: Document, name: str) -> None:
        change, said = BREAKING[name]
        after = deepcopy(document)
        change(after)
        found = breaks(promised(document), promised(after))
        assert any(said in each for each in found), found

    @pytest.mark.parametrize("name", HARMLESS)
    def test_that_breaks_none_is_let_be(self, document: Document, name: str) -> None:
        after = deepcopy(document)
        HARMLESS[name](after)
        assert promised(after) != promised(document) or name == "a text is another one"
        assert breaks(promised(document), promised(after)) == []


class TestTheDocument:
    def test_breaks_no_client_of_the_last_release(self, document: Document) -> None:
        """At a release: ``python -m tests.api.promise``."""
        assert breaks(msgspec.json.decode(PROMISED.read_bytes()), promised(document)) == []
