from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.api.middleware import REQUEST_ID
from sabiscore.api.responses import FRESH, Reply
from sabiscore.cache.factory import open_cache
from sabiscore.clock import Clock
from sabiscore.server.front import Front
from sabiscore.server.replies import may_be_kept
from sabiscore.settings import Settings
from tests.api.asking import ORIGIN, Client
from tests.api.fronting import behind, fronted
from tests.server.test_front import Ahead, hits

FIXTURES = "/api/v1/fixtures"
READ = [FIXTURES, f"{FIXTURES}?league=premier-league&from=2025-08-01", "/api/v1/leagues", "/api/v1/model"]


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
def resources(load_service: LoadService) -> Resources:
    return Resources(Settings(frontend_origin=ORIGIN), load_service, open_cache)


@pytest.fixture
def front(resources: Resources, clock: Ahead) -> Front:
    return fronted(resources, entries=3, clock=Clock(clock))


@pytest.fixture
def asked(front: Front) -> Iterator[Client]:
    with TestClient(behind(front, front.app)) as client:
        yield client


def head(headers: Any) -> dict[str, str]:  # noqa: ANN401
    return {name: value for name, value in headers.items() if name != REQUEST_ID}


class TestWhatWasRead:
    @pytest.mark.parametrize("headers", [{}, {"origin": ORIGIN}, {"origin": "https://else.example"}])
    @pytest.mark.parametrize("path", READ)
    def test_is_sent_again_with_the_same_bytes_and_headers(
        self, asked: Client, path: str, headers: dict[str, str]
    ) -> None:
        first, second = (asked.get(path, headers=headers) for _ in range(2))
        assert hits(asked) == 1
        assert (second.status_code, second.content) == (first.status_code, first.content)
        assert head(second.headers) == head(first.headers)
        assert first.headers[REQUEST_ID] != second.headers[REQUEST_ID]

    def test_is_told_to_each_origin_as_that_may_read_it(self, asked: Client) -> None:
        asked.get(FIXTURES, headers={"origin": ORIGIN})
        other = asked.get(FIXTURES, headers={"origin": "https://else.example"})
        assert "access-control-allow-origin" not in other.headers
        allowed = asked.get(FIXTURES, headers={"origin": ORIGIN})
        assert allowed.headers["access-control-allow-origin"] == ORIGIN
        assert {each.headers["vary"] for each in (other, allowed)} == {"Origin"}
        assert hits(asked) == 2

    def test_is_not_sent_to_whoever_has_it_and_has_the_same_head_alone(self, asked: Client) -> None:
        first = asked.get(FIXTURES)
        known = asked.get(FIXTURES, headers={"if-none-match": first.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
        alone = asked.head(FIXTURES)
        assert (alone.status_code, alone.content) == (200, b"")
        assert head(alone.headers) == head(first.headers)
        assert hits(asked) == 2

    def test_is_asked_for_again_when_it_is_no_longer_fresh(self, asked: Client, clock: Ahead) -> None:
        asked.get(FIXTURES)
        clock.ahead = FRESH + 1.0
        asked.get(FIXTURES)
        assert hits(asked) == 0
        asked.get(FIXTURES)
        assert hits(asked) == 1

    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            (FIXTURES, {"cookie": "a=b"}),
            (FIXTURES, {"authorization": "Bearer x"}),
            (f"{FIXTURES}?league=%22&", {}),
            (f"{FIXTURES}?team={'a' * 300}", {}),
            (f"{FIXTURES}/nothing", {}),
            ("/health", {}),
            ("/metrics", {}),
        ],
    )
    def test_is_kept_only_if_it_is_what_others_may_well_ask_for(
        self, asked: Client, path: str, headers: dict[str, str]
    ) -> None:
        for _ in range(3):
            asked.get(path, headers=headers)
        assert hits(asked) == 0

    def test_is_forgotten_when_another_bundle_answers(self, asked: Client, resources: Resources) -> None:
        asked.get(FIXTURES)
        for told in resources.on_replaced:
            told()
        asked.get(FIXTURES)
        assert hits(asked) == 0

    def test_is_counted_by_its_route(self, asked: Client) -> None:
        for _ in range(3):
            asked.get(f"{FIXTURES}/premier-league-2025-26-arsenal-chelsea")
        text = asked.get("/metrics").text
        [line] = [
            line
            for line in text.splitlines()
            if "seconds_count" in line and "/api/v1/fixtures/{fixture_id}" in line
        ]
        assert line.endswith(" 3.0")


@pytest.mark.parametrize(
    ("status", "headers", "kept"),
    [
        (200, [("cache-control", "public, max-age=15")], True),
        (200, [("cache-control", "public, max-age=15"), ("vary", "Origin")], True),
        (200, [("cache-control", "public, max-age=15"), ("vary", "Origin, Accept")], False),
        (200, [("cache-control", "public, max-age=15"), ("set-cookie", "a=b")], False),
        (200, [("cache-control", "private")], False),
        (200, [], False),
        (404, [("cache-control", "public, max-age=15")], False),
    ],
)
def test_a_reply_is_kept_only_if_any_cache_may(
    status: int, headers: list[tuple[str, str]], *, kept: bool
) -> None:
    assert may_be_kept(Reply(status, headers, b"")) == kept
