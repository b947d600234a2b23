import gzip
import logging
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from sabiscore.api import problems
from sabiscore.api.loaded import Loaded
from sabiscore.api.problems import Kind
from sabiscore.api.schemas import Problem
from sabiscore.cache.protocol import Cache
from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import Detail, Fixture, InPlay, Language
from sabiscore.forecaster import Forecaster
from sabiscore.making import ModelHook
from sabiscore.service import Answer, PredictionService
from sabiscore.settings import Settings
from tests.api.asking import BATCH, BODY, FIXTURE, JSON, PREDICT, Client, refused
from tests.api.conftest import built

DEEP = 20_000


def body(**changed: object) -> bytes:
    return msgspec.json.encode(FIXTURE | changed)


def without(name: str) -> bytes:
    return msgspec.json.encode({key: value for key, value in FIXTURE.items() if key != name})


class TestBodiesThatAreNotJSON:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            BODY[:-1],
            BODY + b"x",
            b"home_team=Arsenal",
            b"\xef\xbb\xbf" + BODY,
            BODY.decode().encode("utf-16"),
            BODY.replace(b"Arsenal", b"Ars\xffnal"),
            BODY.replace(b"Arsenal", b"\\ud800"),
            BODY.replace(b"Arsenal", b"Ars\nenal"),
            BODY[:-1] + b',"odds":{"home":NaN,"draw":3.4,"away":3.6}}',
            BODY[:-1] + b',"odds":{"home":Infinity,"draw":3.4,"away":3.6}}',
        ],
    )
    def test_are_malformed(self, client: Client, content: bytes) -> None:
        refused(client.post(PREDICT, content=content, headers=JSON), problems.MALFORMED_BODY)

    @pytest.mark.parametrize(
        "content", [b"", b"{", b'{"fixtures":[' + BODY + b"}", b'{"fixtures":[1,]}', b'{"fixtures":[1]}x']
    )
    def test_are_malformed_in_a_batch_too(self, client: Client, content: bytes) -> None:
        refused(client.post(BATCH, content=content, headers=JSON), problems.MALFORMED_BODY)

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "The body is empty."),
            (gzip.compress(BODY), "The body is compressed: send it as it is."),
            (b"\xef\xbb\xbf" + BODY, "The body begins with a byte order mark: send UTF-8 without one."),
            (BODY.decode().encode("utf-16"), "The body is UTF-16: send UTF-8."),
            (BODY[:-1], "Input data was truncated."),
        ],
    )
    def test_are_told_what_they_are(self, client: Client, content: bytes, says: str) -> None:
        assert client.post(PREDICT, content=content, headers=JSON).json()["detail"] == says

    def test_are_told_where_they_break(self, client: Client) -> None:
        problem = refused(client.post(PREDICT, content=BODY + b"x", headers=JSON), problems.MALFORMED_BODY)
        assert "trailing characters" in problem.detail

    def test_are_not_followed_into_the_deep(self, client: Client) -> None:
        content = b'{"fixtures":[' + b"[" * DEEP + b"]" * DEEP + b"]}"
        problem = refused(client.post(BATCH, content=content, headers=JSON), problems.MALFORMED_BODY)
        assert "nested too deep" in problem.detail


class TestBodiesThatDoNotFit:
    @pytest.mark.parametrize(
        ("content", "path"),
        [
            (b"null", "$"),
            (b"[" + BODY + b"]", "$"),
            (b"[" * DEEP + b"]" * DEEP, "$"),
            (without("league"), "$.league"),
            (body(home_team=5), "$.home_team"),
            (body(home_team=None), "$.home_team"),
            (body(home_team=""), "$.home_team"),
            (body(home_team="A" * 101), "$.home_team"),
            (body(referee="Webb"), "$.referee"),
            (body()[:-1] + b',"referee":' + b"[" * DEEP + b"]" * DEEP + b"}", "$.referee"),
            (body(kickoff_time="2025-08-30T16:30:00"), "$.kickoff_time"),
            (body(kickoff_time="2025-08-30"), "$.kickoff_time"),
            (body(kickoff_time="2025-02-30T16:30:00Z"), "$.kickoff_time"),
            (body(kickoff_time=1756571400), "$.kickoff_time"),
            (body(odds=[2.0, 3.0, 4.0]), "$.odds"),
            (body(odds={"home": 2.1, "draw": 3.4}), "$.odds.away"),
            (body(odds={"home": "2.1", "draw": 3.4, "away": 3.6}), "$.odds.home"),
            (body(odds={"home": 2.1, "draw": 3.4, "away": 3.6, "book": "B365"}), "$.odds.book"),
            (BODY[:-1] + b',"odds":{"home":1e999,"draw":3.4,"away":3.6}}', "$.odds.home"),
        ],
    )
    def test_are_told_which_field_is_wrong(self, client: Client, content: bytes, path: str) -> None:
        problem = refused(client.post(PREDICT, content=content, headers=JSON), problems.INVALID_REQUEST)
        assert [wrong.path for wrong in problem.errors] == [path]
        assert problem.detail == f"{path}: {problem.errors[0].message}"

    @pytest.mark.parametrize(
        ("content", "path"),
        [
            (b"{}", "$.fixtures"),
            (b"[]", "$"),
            (b'{"fixtures":{}}', "$.fixtures"),
            (b'{"fixtures":[]}', "$.fixtures"),
            (b'{"fixtures":[' + b",".join([BODY] * 257) + b"]}", "$.fixtures"),
            (b'{"fixtures":[' + BODY + b'],"more":1}', "$.more"),
        ],
    )
    def test_are_told_in_a_batch_too(self, client: Client, content: bytes, path: str) -> None:
        problem = refused(client.post(BATCH, content=content, headers=JSON), problems.INVALID_REQUEST)
        assert [wrong.path for wrong in problem.errors] == [path]

    def test_are_not_quoted_at_length(self, client: Client) -> None:
        response = client.post(PREDICT, content=body(**{"x" * 10_000: 1}), headers=JSON)
        refused(response, problems.INVALID_REQUEST)
        assert len(response.content) < 2_000


class TestBodiesOfTheWrongSizeOrKind:
    @pytest.mark.parametrize(("path", "limit"), [(PREDICT, 65_536), (BATCH, 262_144)])
    def test_are_too_large_one_byte_above_the_limit(self, client: Client, path: str, limit: int) -> None:
        refused(client.post(path, content=b" " * limit, headers=JSON), problems.MALFORMED_BODY)
        problem = refused(
            client.post(path, content=b" " * (limit + 1), headers=JSON), problems.BODY_TOO_LARGE
        )
        assert str(limit) in problem.detail

    def test_are_too_large_without_saying_so_before(self, client: Client) -> None:
        def chunks() -> Iterator[bytes]:
            yield from [b" " * 1024] * 65

        response = client.post(PREDICT, content=chunks(), headers=JSON)
        assert "content-length" not in response.request.headers
        refused(response, problems.BODY_TOO_LARGE)

    @pytest.mark.parametrize("path", [PREDICT, BATCH])
    @pytest.mark.parametrize(
        "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
    )
    def test_are_no_json_by_their_own_account(self, client: Client, path: str, content_type: str) -> None:
        response = client.post(path, content=BODY, headers={"content-type": content_type})
        refused(response, problems.UNSUPPORTED_MEDIA_TYPE)

    @pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
    def test_may_write_their_kind_in_any_way(self, client: Client, content_type: str) -> None:
        assert client.post(PREDICT, content=BODY, headers={"content-type": content_type}).status_code == 200

    def test_have_a_length_that_is_a_number(self, client: Client) -> None:
        response = client.post(PREDICT, content=BODY, headers=JSON | {"content-length": "many"})
        refused(response, problems.BAD_REQUEST)


class TestFixturesThatCannotBePredicted:
    @pytest.mark.parametrize(
        ("changed", "kind"),
        [
            ({"league": "Premier Legue"}, problems.UNKNOWN_LEAGUE),
            ({"home_team": "Arsenol"}, problems.UNKNOWN_CLUB),
            ({"away_team": "Barcelona"}, problems.UNKNOWN_CLUB),
            ({"away_team": "The Gunners"}, problems.SAME_CLUB),
            ({"kickoff_time": "1990-08-30T16:30:00Z"}, problems.KICKOFF_OUT_OF_RANGE),
            ({"kickoff_time": "2031-08-30T16:30:00Z"}, problems.KICKOFF_OUT_OF_RANGE),
            ({"kickoff_time": "0001-01-01T00:00:00+14:00"}, problems.KICKOFF_OUT_OF_RANGE),
            ({"kickoff_time": "9999-12-31T23:59:59-14:00"}, problems.KICKOFF_OUT_OF_RANGE),
            ({"odds": {"home": 1.0, "draw": 3.4, "away": 3.6}}, problems.INVALID_ODDS),
            ({"odds": {"home": -2.0, "draw": 3.4, "away": 3.6}}, problems.INVALID_ODDS),
            ({"odds": {"home": 2.0, "draw": 4.0, "away": 4.0}}, problems.INVALID_ODDS),
            ({"odds": {"home": 3.0, "draw": 3.9, "away": 4.0}}, problems.INVALID_ODDS),
            ({"odds": {"home": 1.5, "draw": 2.0, "away": 3.0}}, problems.INVALID_ODDS),
            ({"odds": {"home": 1.5, "draw": 1e300, "away": 3.0}}, problems.INVALID_ODDS),
        ],
    )
    def test_are_refused_for_what_they_are(self, client: Client, changed: dict[str, Any], kind: Kind) -> None:
        refused(client.post(PREDICT, json=FIXTURE | changed), kind)

    def test_come_back_with_the_closest_known_names(self, client: Client) -> None:
        response = client.post(PREDICT, json=FIXTURE | {"home_team": "Arsenol"})
        assert refused(response, problems.UNKNOWN_CLUB).closest[0] == "Arsenal"
        response = client.post(PREDICT, json=FIXTURE | {"league": "Premier Legue"})
        assert refused(response, problems.UNKNOWN_LEAGUE).closest[0] == "Premier League"


class TestQueries:
    @pytest.mark.parametrize(
        "query",
        [
            "detail=",
            "detail",
            "detail=all",
            "detail=FULL",
            "detail=full&detail=full",
            "detail=full&x=1",
            "details=full",
            "x=",
            "%ff",
        ],
    )
    @pytest.mark.parametrize("path", [PREDICT, BATCH])
    def test_that_are_not_known_are_refused(self, client: Client, path: str, query: str) -> None:
        problem = refused(client.post(f"{path}?{query}", content=BODY, headers=JSON), problems.BAD_REQUEST)
        assert problem.detail == (
            "The query can be detail=summary or detail=full, and lang=en, de, es, it, fr, each once, and nothing else."
        )


class TestRoutes:
    @pytest.mark.parametrize(
        "path", ["/api", "/nope", "/api/v2/predict", "/api/v1/predict/batch/1", "/schema/nope", "/a%0Ab%20ü"]
    )
    def test_that_are_not_there_are_not_found(self, client: Client, path: str) -> None:
        response = client.get(path)
        problem = msgspec.json.decode(response.content, type=Problem)
        assert (response.status_code, problem.type) == (404, problems.NOT_FOUND.type)
        assert problem.instance == response.request.url.raw_path.decode()

    def test_refuse_another_method_and_tell_theirs(self, client: Client) -> None:
        response = client.put(PREDICT, json=FIXTURE)
        refused(response, problems.METHOD_NOT_ALLOWED)
        assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}
        response = client.delete("/api/v1/leagues")
        refused(response, problems.METHOD_NOT_ALLOWED)
        assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}

    def test_refuse_a_host_that_is_none(self, client: Client) -> None:
        refused(client.get("/health", headers={"host": "a b"}), problems.BAD_REQUEST)


class Broken(PredictionService):
    """Its model fails with a secret on its lips."""

    async def answer(
        self,
        fixture: Fixture,
        detail: Detail = "summary",  # noqa: ARG002
        in_play: InPlay | None = None,  # noqa: ARG002
        language: Language = "en",  # noqa: ARG002
    ) -> Answer:
        raise RuntimeError(f"secret of {fixture.home.name}")


class TestWhatNobodyForesaw:
    @pytest.fixture(params=["asgi", "front"])
    def broken(
        self, request: pytest.FixtureRequest, catalogue: Catalogue, forecaster: Forecaster
    ) -> Iterator[Client]:
        def load(_: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:
            return Loaded(Broken(forecaster, catalogue=catalogue, cache=cache, hook=hook))

        with TestClient(built(load, front=request.param == "front")) as client:
            yield client

    def test_is_answered_without_a_traceback(self, broken: Client) -> None:
        response = broken.post(PREDICT, json=FIXTURE)
        refused(response, problems.INTERNAL_ERROR)
        assert "secret" not in response.text
        assert "Traceback" not in response.text

    def test_is_logged_with_one_under_the_id_of_the_request(
        self, broken: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR):
            broken.post(PREDICT, json=FIXTURE, headers={"x-request-id": "match-of-the-day"})
        [record] = [each for each in caplog.records if each.name.startswith("sabiscore")]
        assert "request_id=match-of-the-day" in record.getMessage()
        assert "secret of Arsenal" in caplog.text
        assert "Traceback" in caplog.text

    def test_leaves_the_next_request_alone(self, broken: Client) -> None:
        broken.post(PREDICT, json=FIXTURE)
        assert broken.get("/health/ready").status_code == 200

    def test_is_not_what_a_refusal_is(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        client.post(PREDICT, json=FIXTURE | {"home_team": "Arsenol"})
        client.get("/nope")
        assert not [each for each in caplog.records if each.name.startswith("sabiscore")]
