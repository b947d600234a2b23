import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Any, cast

import httpx
import pytest
from granian.rsgi import Scope
from litestar import Litestar
from litestar.testing import TestClient
from litestar.types import HTTPScope

from sabiscore.api import problems
from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.api.middleware import REQUEST_ID
from sabiscore.cache.entry import Entry
from sabiscore.cache.factory import open_cache
from sabiscore.cache.protocol import NoCache
from sabiscore.clock import Clock
from sabiscore.server.front import Front
from sabiscore.server.rsgi import Leaving
from sabiscore.settings import Settings
from tests.api.asking import BODY, FIXTURE, JSON, ORIGIN, PREDICT, Client, refused
from tests.api.fronting import Played, behind, fronted, rsgi_scope
from tests.waiting import LONG

OF_EACH = {REQUEST_ID, "age", "cache-status"}


class Ahead:
    """Seconds that can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
def front(load_service: LoadService, clock: Ahead) -> Front:
    resources = Resources(Settings(frontend_origin=ORIGIN), load_service, open_cache)
    return fronted(resources, entries=3, clock=Clock(clock))


@pytest.fixture
def asked(front: Front) -> Iterator[Client]:
    with TestClient(behind(front, front.app)) as client:
        yield client


def hits(client: Client) -> float:
    """How many requests the front has answered."""
    for line in client.get("/metrics").text.splitlines():
        if line.startswith("cache_lookups_total{") and 'layer="body"' in line and 'result="hit"' in line:
            return float(line.split()[-1])
    raise AssertionError("no such metric")


def remembered(client: Client) -> httpx.Response:
    """The first of two answers, after which the front knows the next."""
    first, _ = (client.post(PREDICT, content=BODY, headers=JSON) for _ in range(2))
    return first


def head(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name not in OF_EACH}


class TestARequestSeenBefore:
    @pytest.mark.parametrize("headers", [{}, {"origin": ORIGIN}, {"origin": "https://else.example"}])
    @pytest.mark.parametrize("query", ["", "?detail=full"])
    def test_is_answered_with_the_same_bytes_and_headers(
        self, asked: Client, query: str, headers: dict[str, str]
    ) -> None:
        first, second, third = (
            asked.post(PREDICT + query, content=BODY, headers=JSON | headers) for _ in range(3)
        )
        assert hits(asked) == 1
        for again in (second, third):
            assert (again.status_code, again.content) == (first.status_code, first.content)
            assert head(again) == head(first)

    def test_may_come_from_any_origin(self, asked: Client) -> None:
        remembered(asked)
        origins: list[dict[str, str]] = [
            {},
            {"origin": "https://else.example"},
            {"origin": "null"},
            {"origin": ORIGIN},
        ]
        one, *others, allowed = (asked.post(PREDICT, content=BODY, headers=JSON | each) for each in origins)
        assert hits(asked) == 4
        assert all(head(other) == head(one) for other in others)
        assert allowed.headers["access-control-allow-origin"] == ORIGIN
        assert head(allowed).items() > head(one).items()

    def test_has_an_id_of_its_own(self, asked: Client) -> None:
        ids = [asked.post(PREDICT, content=BODY, headers=JSON).headers[REQUEST_ID] for _ in range(3)]
        assert len(set(ids)) == 3
        for given, sane in (("mine", True), ("not sane", False)):
            response = asked.post(PREDICT, content=BODY, headers=JSON | {REQUEST_ID: given})
            assert (response.headers[REQUEST_ID] == given) == sane

    def test_tells_its_age_and_what_is_left(self, asked: Client, clock: Ahead) -> None:
        first = remembered(asked)
        assert first.headers["cache-status"] == "SabiScore; fwd=miss; stored"
        assert "age" not in first.headers
        clock.ahead = 100.0
        second = asked.post(PREDICT, content=BODY, headers=JSON)
        assert 100 <= int(second.headers["age"]) <= 102
        name, hit, ttl = second.headers["cache-status"].split("; ")
        assert (name, hit) == ("SabiScore", "hit")
        assert 3000 < int(ttl.removeprefix("ttl=")) < 3900

    def test_is_counted_and_timed(self, asked: Client) -> None:
        for _ in range(5):
            asked.post(PREDICT, content=BODY, headers=JSON)
        text = asked.get("/metrics").text
        labels = '{result="ok",route="predict",worker="0"}'
        assert f"prediction_requests_total{labels} 5.0" in text
        assert f"prediction_latency_seconds_count{labels} 5.0" in text


class TestARequestNotSeenBefore:
    @pytest.mark.parametrize(
        "another",
        [
            {"content": BODY + b" "},
            {"content": BODY, "params": {"detail": "full"}},
            {"content": BODY, "headers": JSON | {"cookie": "a=b"}},
            {"content": iter([BODY]), "headers": JSON},
        ],
        ids=[
            "another body",
            "another query",
            "a cookie",
            "a body of unknown length",
        ],
    )
    def test_is_the_applications(self, asked: Client, another: dict[str, Any]) -> None:
        remembered(asked)
        response = asked.post(PREDICT, **({"headers": JSON} | another))
        assert response.status_code == 200
        assert hits(asked) == 0

    def test_is_one_with_an_unusual_query(self, asked: Client) -> None:
        for _ in range(3):
            assert asked.post(f"{PREDICT}?&&detail=full", content=BODY, headers=JSON).status_code == 200
        assert hits(asked) == 0

    def test_is_one_that_is_no_longer_fresh(self, asked: Client, clock: Ahead) -> None:
        remembered(asked)
        clock.ahead = 4000.0
        asked.post(PREDICT, content=BODY, headers=JSON)
        assert hits(asked) == 0

    def test_is_one_that_was_asked_for_once(self, asked: Client) -> None:
        remembered(asked)
        assert hits(asked) == 0

    def test_is_one_that_made_room_for_others(self, asked: Client) -> None:
        bodies = [BODY + b" " * spaces for spaces in range(4)]
        for body in [BODY, *bodies, bodies[0]]:
            asked.post(PREDICT, content=body, headers=JSON)
        assert hits(asked) == 0
        asked.post(PREDICT, content=bodies[3], headers=JSON)
        assert hits(asked) == 1


def a_post(body: bytes) -> Scope:
    """A request as Granian shows it."""
    headers = {"host": "here", "content-type": "application/json", "content-length": str(len(body))}
    asked = {"http_version": "1.1", "method": "POST", "path": PREDICT, "query_string": b"", "scheme": "http"}
    return rsgi_scope(
        cast("HTTPScope", asked | {"headers": [(k.encode(), v.encode()) for k, v in headers.items()]})
    )


class Waits(NoCache):
    """A cache that takes its time."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def get(self, keys: Sequence[str]) -> list[Entry | None]:
        self.asked.set()
        await asyncio.sleep(LONG)
        return [None] * len(keys)


class Leaves(Played):
    """The protocol of a client that leaves when it is told to."""

    def __init__(self, left: asyncio.Future[None]) -> None:
        super().__init__(asyncio.Event().wait)  # type: ignore[arg-type]
        self._left_at_last = left

    async def __call__(self) -> bytes:
        return BODY

    def client_disconnect(self) -> Leaving:
        return self._left_at_last


class TestAClientThatLeaves:
    async def test_is_not_waited_for_and_costs_no_call_of_the_model(self, load_service: LoadService) -> None:
        cache = Waits()
        resources = Resources(Settings(), load_service, lambda *_, **__: cache)
        front = fronted(resources, entries=3)
        async with resources.lifespan(cast("Litestar", front.app)):
            client = Leaves(asyncio.get_running_loop().create_future())
            answering = asyncio.create_task(front.__rsgi__(a_post(BODY), client))
            await cache.asked.wait()
            assert (resources.instruments.active, resources.work.one.taken) == (1, 1)
            assert 'admission_taken{room="one",worker="0"} 1.0' in resources.telemetry.scrape().decode()
            client.client_disconnect().set_result(None)  # type: ignore[attr-defined]
            await answering
            text = resources.telemetry.scrape().decode()
        assert (resources.instruments.active, resources.work.one.taken) == (0, 0)
        assert client.sent[0]["status"] == 400  # type: ignore[typeddict-item]
        assert 'model_rows_total{worker="0"} 0.0' in text


class TestARefusal:
    def test_is_never_stored(self, asked: Client) -> None:
        for _ in range(2):
            response = asked.post(PREDICT, json=FIXTURE | {"away_team": "Chels"})
            refused(response, problems.UNKNOWN_CLUB)
        assert hits(asked) == 0

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ([("content-type", "application/json"), ("host", "a b")], 400),
            ([("content-type", "application/json"), ("content-type", "text/plain")], 415),
        ],
    )
    def test_is_the_applications_whatever_is_stored(
        self, asked: Client, headers: list[tuple[str, str]], status: int
    ) -> None:
        remembered(asked)
        assert asked.post(PREDICT, content=BODY, headers=headers).status_code == status

    def test_holds_for_a_body_that_was_answered(self, asked: Client) -> None:
        for _ in range(2):
            assert asked.post(PREDICT, content=BODY, headers=JSON).status_code == 200
            refused(
                asked.post(PREDICT, content=BODY, headers={"content-type": "text/plain"}),
                problems.UNSUPPORTED_MEDIA_TYPE,
            )
            refused(asked.post(PREDICT + "?x=1", content=BODY, headers=JSON), problems.BAD_REQUEST)
            refused(asked.put(PREDICT, content=BODY, headers=JSON), problems.METHOD_NOT_ALLOWED)
