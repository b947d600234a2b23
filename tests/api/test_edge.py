from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from litestar.testing import TestClient

from sabiscore.api import problems
from sabiscore.api.admission import FREE, LookUps
from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.api.limits import LONGEST_URI
from sabiscore.api.work import Room
from sabiscore.cache.factory import open_cache
from sabiscore.clock import Clock
from sabiscore.settings import Settings
from tests.api.asking import (
    AT_HALF_TIME,
    BATCH,
    BODY,
    FIXTURE,
    IN_PLAY,
    JSON,
    ORIGIN,
    PREDICT,
    Client,
    refused,
)
from tests.api.fronting import served
from tests.clocks import Hand


class TestAUriThatIsTooLong:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("uri", ["/" + "a" * LONGEST_URI, "/health?" + "a" * LONGEST_URI])
    def test_is_refused(self, client: Client, method: str, uri: str) -> None:
        refused(client.request(method, uri), problems.URI_TOO_LONG)

    def test_is_none_of_just_that_length(self, client: Client) -> None:
        refused(client.get("/" + "a" * (LONGEST_URI - 1)), problems.NOT_FOUND)

    def test_gets_a_head_where_that_was_asked_for(self, client: Client) -> None:
        response = client.head("/" + "a" * LONGEST_URI)
        assert (response.status_code, response.content) == (414, b"")


class TestAWorkerWithTooMuchToDo:
    @pytest.fixture
    def hand(self) -> Hand:
        return Hand()

    @pytest.fixture
    def resources(self, load_service: LoadService, hand: Hand) -> Resources:
        resources = Resources(Settings(frontend_origin=ORIGIN), load_service, open_cache)
        resources.work.look_ups = LookUps(Clock(hand))
        return resources

    @pytest.fixture(params=[True, False], ids=["front", "no front"])
    def asked(self, resources: Resources, request: pytest.FixtureRequest) -> Iterator[Client]:
        with TestClient(served(resources, front=request.param)) as client:
            yield client

    def test_tells_when_to_ask_again(self, asked: Client, resources: Resources) -> None:
        with crowded(resources.work.one):
            response = asked.post(PREDICT, json=FIXTURE, headers={"origin": ORIGIN})
        refused(response, problems.OVERLOADED)
        assert response.headers["retry-after"] == "1"
        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert asked.post(PREDICT, json=FIXTURE).status_code == 200

    def test_has_room_for_a_match_being_played_with_other_single_ones(
        self, asked: Client, resources: Resources
    ) -> None:
        with crowded(resources.work.one):
            refused(asked.post(IN_PLAY, json=AT_HALF_TIME), problems.OVERLOADED)
        assert 'result="error",route="in_play",worker="0"} 1.0' in asked.get("/metrics").text
        with crowded(resources.work.many):
            assert asked.post(IN_PLAY, json=AT_HALF_TIME).status_code == 200

    def test_counts_what_it_refuses(self, asked: Client, resources: Resources) -> None:
        with crowded(resources.work.many):
            refused(asked.post(BATCH, json={"fixtures": [FIXTURE]}), problems.OVERLOADED)
        assert 'result="error",route="batch",worker="0"} 1.0' in asked.get("/metrics").text

    def test_answers_what_is_stored_health_and_metrics(self, asked: Client, resources: Resources) -> None:
        asked.post(PREDICT, content=BODY, headers=JSON)
        asked.post(IN_PLAY, json=AT_HALF_TIME)
        with crowded(resources.work.one), crowded(resources.work.many):
            for _ in range(3):
                assert asked.post(PREDICT, content=BODY, headers=JSON).status_code == 200
                assert asked.get(PREDICT, params=FIXTURE).status_code == 200
                assert asked.post(IN_PLAY, json=AT_HALF_TIME).status_code == 200
            assert [asked.get(path).status_code for path in ("/health/ready", "/metrics")] == [200, 200]

    def test_looks_for_what_is_stored_as_long_as_that_finds_something(
        self, asked: Client, resources: Resources, hand: Hand
    ) -> None:
        asked.post(PREDICT, content=BODY, headers=JSON)
        with crowded(resources.work.one):
            while resources.work.look_ups.allowed():
                pass
            refused(asked.post(PREDICT, content=BODY, headers=JSON), problems.OVERLOADED)
            assert asked.get(PREDICT, params=FIXTURE).status_code == 200
            hand.now += 1.0
            for _ in range(2 * int(FREE)):
                assert asked.post(PREDICT, content=BODY, headers=JSON).status_code == 200

    def test_has_one_room_for_batches_and_another_one(self, asked: Client, resources: Resources) -> None:
        with crowded(resources.work.many):
            assert asked.post(PREDICT, json=FIXTURE).status_code == 200

    def test_predicts_beside_those_who_read(self, asked: Client, resources: Resources) -> None:
        with crowded(resources.work.reads):
            assert asked.get("/api/v1/leagues/E0/table").json()["type"] == "/problems/overloaded"
            assert asked.post(PREDICT, json=FIXTURE).status_code == 200


def crowded(room: Room) -> ExitStack:
    """All places of a room taken."""
    stack = ExitStack()
    while not room.full:
        stack.enter_context(room.place())
    return stack
