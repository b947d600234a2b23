"""What the tests of the API ask, and what every refusal looks like."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias, cast

import httpx
import msgspec
from litestar.testing import TestClient
from litestar.types import HTTPScope

from sabiscore.api.problems import MEDIA_TYPE, Kind
from sabiscore.api.schemas import Problem

Client: TypeAlias = TestClient[Any]

ORIGIN = "https://sabiscore.example"
PREDICT = "/api/v1/predict"
BATCH = "/api/v1/predict/batch"
IN_PLAY = "/api/v1/predict/in-play"
JSON = {"content-type": "application/json"}

FIXTURE: dict[str, Any] = {
    "home_team": "Arsenal",
    "away_team": "Chelsea",
    "league": "Premier League",
    "kickoff_time": "2025-08-30T16:30:00Z",
}
AT_HALF_TIME: dict[str, Any] = FIXTURE | {"minute": 45, "score": {"home": 1, "away": 0}}
BODY = msgspec.json.encode(FIXTURE)


def refused(response: httpx.Response, kind: Kind) -> Problem:
    """The problem that this answer is, in the one shape that all have."""
    assert response.headers["content-type"] == MEDIA_TYPE
    problem = msgspec.json.decode(response.content, type=Problem)
    assert (response.status_code, problem.type) == (kind.status, kind.type), problem
    assert (problem.status, problem.title) == (kind.status, kind.title)
    assert problem.detail
    assert problem.instance == response.url.path
    assert problem.request_id == response.headers["x-request-id"]
    return problem


def scope_of_a_post(headers: Mapping[str, str] = MappingProxyType({})) -> HTTPScope:
    """A request for a prediction as ASGI has it, with ``headers`` beside those that it needs."""
    told = {"host": "test", "content-length": "9"} | JSON | dict(headers)
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": PREDICT,
        "raw_path": PREDICT.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in told.items()],
        "client": None,
        "server": None,
        "state": {},
    }
    return cast("HTTPScope", scope)
