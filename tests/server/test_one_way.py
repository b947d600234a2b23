"""Behind the front and without it, a request has the same answer and is counted alike."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.api.limits import BODY_SECONDS, LONGEST_URI, MANY_LIMIT, ONE_LIMIT
from sabiscore.api.middleware import REQUEST_ID
from sabiscore.api.readers import Readers
from sabiscore.cache.factory import open_cache
from sabiscore.clock import Clock
from sabiscore.settings import Settings
from tests.api.asking import BATCH, BODY, FIXTURE, IN_PLAY, JSON, ORIGIN, PREDICT, Client, scope_of_a_post
from tests.api.fronting import served
from tests.api.test_edge import crowded

OF_EACH = {REQUEST_ID, "age", "date"}
ID = {REQUEST_ID: "one-way"}
ODDS = {"odds": {"home": 1.8, "draw": 3.7, "away": 4.6}}
DEEP = 20_000

Headers = Mapping[str, str] | Sequence[tuple[str, str]]


class Ask(NamedTuple):
    """A request."""

    method: str = "POST"
    path: str = PREDICT
    content: bytes | None = None
    headers: Headers = JSON

    def of(self, client: Client) -> httpx.Response:
        return client.request(
            self.method, self.path, content=self.content, headers=[*_pairs(self.headers), *_pairs(ID)]
        )


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    return list(headers.items()) if isinstance(headers, Mapping) else list(headers)


def posted(**changed: object) -> Ask:
    return Ask(content=msgspec.json.encode(FIXTURE | changed))


def got(method: str = "GET", headers: Headers = (), **changed: object) -> Ask:
    return Ask(method, f"{PREDICT}?{urlencode(FIXTURE | changed)}", headers=headers)


BODIES = [
    posted(),
    posted(),
    posted(**ODDS),
    posted(home_team="the gunners", league="EPL", kickoff_time="2025-08-30T18:30:00+02:00"),
    posted(home_team="Arsenol"),
    posted(league="Premier Legue"),
    posted(away_team="The Gunners"),
    posted(kickoff_time="1990-08-30T16:30:00Z"),
    posted(kickoff_time="2031-08-30T16:30:00Z"),
    posted(kickoff_time="2025-08-30T16:30:00"),
    posted(kickoff_time=1756571400),
    posted(odds={"home": 0.9, "draw": 3.4, "away": 3.6}),
    posted(odds={"home": 2.0}),
    posted(referee="Webb"),
    posted(home_team=""),
    posted(home_team=None),
    *(
        Ask(content=content)
        for content in (
            b"",
            b"{",
            b"null",
            BODY + b"x",
            BODY[:-1],
            BODY.replace(b"Arsenal", b"Ars\xffnal"),
            BODY.decode().encode("utf-16"),
            b"[" * DEEP + b"]" * DEEP,
            BODY[:-1] + b',"referee":' + b"[" * DEEP + b"]" * DEEP + b"}",
            BODY + b" " * (ONE_LIMIT - len(BODY)),
            BODY + b" " * (ONE_LIMIT - len(BODY) + 1),
        )
    ),
]

QUERIES = [
    *(
        Ask(path=f"{PREDICT}?{query}", content=BODY)
        for query in (
            "detail=full",
            "detail=summary",
            "detail=%66ull",
            "detail=",
            "detail=full&x=1",
            "x",
            "%ff",
            "&&",
        )
    ),
    Ask(path=f"{PREDICT}/", content=BODY),
    Ask(path=f"{PREDICT}?{'x' * LONGEST_URI}", content=BODY),
]

HEADS = [
    Ask(content=BODY, headers=headers)
    for headers in (
        {},
        {"content-type": "text/plain"},
        {"content-type": "Application/JSON; charset=utf-8"},
        [("content-type", "application/json"), ("content-type", "text/plain")],
        [("content-type", "text/plain"), ("content-type", "application/json")],
        JSON | {"host": ""},
        JSON | {"host": "a b"},
        JSON | {"host": "a/b"},
        JSON | {"host": "test:8000"},
        JSON | {"cookie": "a=b; c"},
        JSON | {"if-none-match": "*"},
        JSON | {"content-length": "many"},
        JSON | {"content-length": "-1"},
        JSON | {"content-length": str(ONE_LIMIT + 1)},
        JSON | {"origin": ORIGIN},
        JSON | {"origin": "https://else.example"},
        JSON | {"origin": ""},
        JSON | {"origin": "null"},
    )
]

GETS = [
    got(),
    got(),
    got("HEAD"),
    got(detail="full"),
    got(odds_home="1.8", odds_draw="3.7", odds_away="4.6"),
    got(odds_home="1.8"),
    got(odds_home="nan", odds_draw="3.7", odds_away="4.6"),
    got(home_team="Arsenol"),
    got("HEAD", home_team="Arsenol"),
    got(kickoff_time="2025-08-30"),
    got(referee="Webb"),
    *(got(headers={"if-none-match": tags}) for tags in ("*", '"other"', "", "W/*")),
    got("HEAD", headers={"if-none-match": "*"}),
    *(got(headers={"origin": origin}) for origin in (ORIGIN, "https://else.example")),
    got(headers={"origin": ORIGIN, "if-none-match": "*"}),
    got(headers={"host": "a b"}),
    got(headers={"cookie": "a=b"}),
    *(
        Ask("GET", f"{PREDICT}?{query}", headers={})
        for query in ("", "detail=full", "home_team=%ff", "home_team=a&home_team=b", "x" * LONGEST_URI, "é=ü")
    ),
    Ask("GET", f"{PREDICT}/?{urlencode(FIXTURE)}", headers={}),
    Ask("GET", f"{PREDICT}?{urlencode(FIXTURE)}", content=b"a body", headers={}),
]

OTHERS = [
    *(Ask(method, PREDICT, content=BODY) for method in ("OPTIONS", "PUT", "DELETE", "PATCH")),
    Ask("OPTIONS", headers={"origin": ORIGIN, "access-control-request-method": "POST"}),
    Ask("OPTIONS", headers={"origin": "https://else.example", "access-control-request-method": "POST"}),
    Ask(path=BATCH, content=b'{"fixtures":[' + BODY + b"]}"),
    Ask(path=IN_PLAY, content=BODY),
    Ask("GET", "/health"),
    Ask("GET", "/nope"),
]


READ = (
    *("/", "/leagues/E0", "/teams/arsenal", "/about", "/nowhere", "/health/live", "/api/v1/leagues/E0/teams"),
    *(
        "/api/v1/leagues",
        "/api/v1/leagues/E0/table",
        "/api/v1/leagues/nope/table",
        "/api/v1/leagues/E0/ratings",
    ),
    *("/api/v1/teams/arsenal", "/api/v1/head-to-head", "/api/v1/fixtures", "/api/v1/record", "/api/v1/model"),
)
READ_WITH = ("", "on=2024-12-25", "home=arsenal&away=chelsea", "status=played&limit=2", "x", "on=%ff", "&&")
READ_BY: tuple[dict[str, str], ...] = (
    *({}, {"origin": ORIGIN}, {"origin": "https://else.example"}, {"cookie": "a=b"}, {"range": "bytes=0-5"}),
    *({"if-none-match": "*"}, {"accept-encoding": "gzip"}, {"accept": "text/html"}, {"host": "a b"}),
)

ASKED = {"bodies": BODIES, "queries": QUERIES, "heads": HEADS, "gets": GETS, "others": OTHERS}


def same(one: httpx.Response, other: httpx.Response) -> None:
    """Status, body and headers; those may come in any order, each as often."""
    assert (one.status_code, one.content) == (other.status_code, other.content)
    assert one.headers[REQUEST_ID] == other.headers[REQUEST_ID]
    assert _shown(one) == _shown(other)
    assert ("age" in one.headers) == ("age" in other.headers)


def _shown(response: httpx.Response) -> list[tuple[str, list[str]]]:
    """The headers but for what is each answer's own; answers that are made twice are fresh for other times."""
    return sorted(
        (name, sorted(re.sub(r"(ttl|max-age)=\d+", r"\1", value).split(", ")))
        for name, value in response.headers.multi_items()
        if name not in OF_EACH
    )


def counted(client: Client) -> list[str]:
    return re.findall(r"prediction_(?:requests_total|latency_seconds_count){.*", client.get("/metrics").text)


@pytest.fixture
def workers(load_service: LoadService) -> list[Resources]:
    """Those of an application without its front, and of one behind it."""
    return [Resources(Settings(frontend_origin=ORIGIN), load_service, open_cache) for _ in range(2)]


@pytest.fixture
def both(workers: list[Resources]) -> Iterator[list[Client]]:
    """A client of each."""
    with ExitStack() as stack:
        apps = [served(worker, front=front) for worker, front in zip(workers, (False, True), strict=True)]
        yield [stack.enter_context(TestClient(app)) for app in apps]


class TestARequest:
    @pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
    def test_is_answered_and_counted_alike(self, both: list[Client], asked: list[Ask]) -> None:
        for each in asked:
            same(*(each.of(client) for client in both))
        assert counted(both[0]) == counted(both[1])
        assert counted(both[0])

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["GET", "GET", "HEAD"]),
                st.sampled_from(READ),
                st.sampled_from(READ_WITH),
                st.sampled_from(READ_BY),
            ),
            min_size=1,
            max_size=4,
        )
    )
    def test_of_what_is_kept_is_answered_alike_whoever_asked_before(
        self, both: list[Client], asked: list[tuple[str, str, str, dict[str, str]]]
    ) -> None:
        for method, path, query, headers in (*asked, *asked):
            same(*(Ask(method, f"{path}?{query}", headers=headers).of(client) for client in both))

    def test_may_come_in_pieces(self, both: list[Client]) -> None:
        pieces = BODY[:9], BODY[9:]
        answers = [client.post(PREDICT, content=iter(pieces), headers=JSON | ID) for client in both]
        same(*answers)
        assert answers[0].status_code == 200

    @pytest.mark.parametrize("headers", [{}, {"origin": ORIGIN}])
    def test_is_refused_alike_where_there_is_too_much_to_do(
        self, both: list[Client], workers: list[Resources], headers: dict[str, str]
    ) -> None:
        with crowded(workers[0].work.one), crowded(workers[1].work.one):
            for asked in (Ask(content=BODY, headers=JSON | headers), got(headers=headers)):
                answers = [asked.of(client) for client in both]
                same(*answers)
                assert answers[0].status_code == 503
                assert answers[0].headers["retry-after"] == "1"
        assert counted(both[0]) == counted(both[1])

    @pytest.mark.parametrize("path", [PREDICT, IN_PLAY, BATCH])
    def test_that_is_wrong_is_told_so_alike_where_there_is_too_much_to_do(
        self, both: list[Client], workers: list[Resources], path: str
    ) -> None:
        wrong = {
            413: Ask(path=path, content=b" " * (MANY_LIMIT + 1)),
            414: Ask(path=f"{path}?{'x' * LONGEST_URI}", content=BODY),
            415: Ask(path=path, content=BODY, headers={"content-type": "text/plain"}),
            400: Ask(path=f"{path}?x=1", content=BODY),
        }
        with ExitStack() as stack:
            for worker in workers:
                stack.enter_context(crowded(worker.work.one))
                stack.enter_context(crowded(worker.work.many))
            for status, asked in wrong.items():
                answers = [asked.of(client) for client in both]
                same(*answers)
                assert answers[0].status_code == status
        assert counted(both[0]) == counted(both[1])

    @pytest.mark.parametrize("query", ["", "?detail=full", "?lang=de"])
    @pytest.mark.parametrize("headers", [{}, {"origin": ORIGIN}])
    def test_is_refused_alike_where_there_are_too_many_batches(
        self, both: list[Client], workers: list[Resources], headers: dict[str, str], query: str
    ) -> None:
        with crowded(workers[0].work.many), crowded(workers[1].work.many):
            for content in (b'{"fixtures":[]}', b"{", b"x" * MANY_LIMIT):
                answers = [
                    client.post(f"{BATCH}{query}", content=content, headers=JSON | ID | headers)
                    for client in both
                ]
                same(*answers)
                assert answers[0].status_code == 503
        assert counted(both[0]) == counted(both[1])

    def test_is_let_in_alike_where_there_is_room_for_one_of_its_size(
        self, both: list[Client], workers: list[Resources]
    ) -> None:
        few, many = (b'{"fixtures":[' + b",".join([BODY] * count) + b"]}" for count in (63, 64))
        with ExitStack() as stack:
            for worker in workers:
                worker.work.many.limit.value = 1.0
                stack.enter_context(worker.work.many.place(3 * 64))
            for content, status in ((few, 503), (many, 200)):
                answers = [client.post(BATCH, content=content, headers=JSON | ID) for client in both]
                same(*answers)
                assert answers[0].status_code == status
        assert counted(both[0]) == counted(both[1])

    def test_is_refused_alike_before_all_is_there(self, workers: list[Resources]) -> None:
        early = [
            TestClient(served(worker, front=front))
            for worker, front in zip(workers, (False, True), strict=True)
        ]
        for asked in (posted(), got(), got("HEAD")):
            answers = [asked.of(client) for client in early]
            same(*answers)
            assert answers[0].status_code == 503

    async def test_is_refused_alike_when_its_body_is_too_slow(self, workers: list[Resources]) -> None:
        answers = [
            await _slowly(worker, front=front) for worker, front in zip(workers, (False, True), strict=True)
        ]
        assert answers[0] == answers[1]
        assert answers[0][0]["status"] == 408


async def _slowly(worker: Resources, *, front: bool) -> list[Any]:
    """What is sent to a client whose body does not come."""
    now, sent = [0.0], []
    worker.work.readers = Readers(clock=Clock(lambda: now[0]))

    async def receive() -> Any:  # noqa: ANN401
        now[0] += BODY_SECONDS
        worker.work.readers.sweep()
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401
        sent.append(message | {"headers": sorted(message.get("headers", []))})

    await served(worker, front=front)(scope_of_a_post(ID), receive, send)
    return sent
