"""What a real service says at /metrics, whatever happens to its workers and whoever asks what."""

import itertools
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import msgspec
import pytest

from benchmarks.serving import Service, started
from tests.api.asking import FIXTURE, PREDICT
from tests.telemetry.scrapes import Samples, families
from tests.waiting import eventually

from .wire import connect, exchange, head

BREATH = 0.01
"""Seconds between two requests of a client: without them it has the processor that it waits for."""

COUNTED = ("http_server_request_duration_seconds_count", "prediction_requests_total")


@pytest.fixture(scope="module")
def server() -> Iterator[Service]:
    """One that goes through it all: its workers end last."""
    with started(workers=2, settings={"worker_timeout": "3"}) as server:
        server.wait_until_ready(workers=2)
        yield server


class Asking:
    """One client that asks on and on, and one that scrapes beside it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ended = threading.Event()
        self.tried = self.answered = 0
        self.scrapes: list[tuple[int, Samples, int]] = []

    @contextmanager
    def asking(self) -> Iterator[None]:
        threads = [threading.Thread(target=each) for each in (self._ask, self._scrape)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()

    def _ask(self) -> None:
        for turn in itertools.count():
            if self._ended.wait(BREATH):
                return
            self.tried += 1
            body = msgspec.json.encode(FIXTURE | {"kickoff_time": f"2025-09-{turn % 28 + 1:02}T16:30:00Z"})
            asked = head(PREDICT, "content-type: application/json", f"content-length: {len(body)}") + body
            self.answered += self._answer(asked) is not None

    def _scrape(self) -> None:
        while not self._ended.wait(BREATH):
            answered = self.answered
            if text := self._answer(head("/metrics", method="GET")):
                self.scrapes.append((answered, counts(text), self.tried))

    def _answer(self, asked: bytes) -> bytes | None:
        """The body of a 200; on a connection of its own, or one worker would be asked for ever."""
        try:
            with connect(self._port) as connection:
                connection.settimeout(60)
                answer = exchange(connection, asked)
        except (OSError, AssertionError):
            return None
        return answer.body if answer.status == 200 else None


def counts(text: bytes) -> Samples:
    """What only grows."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families(text).values()
        for sample in family.samples
        if family.type in {"counter", "histogram"}
    }


def predictions(samples: Samples, name: str) -> float:
    wanted = {("http_route", PREDICT), ("http_response_status_code", "200")}
    if name == "prediction_requests_total":
        wanted = {("route", "predict"), ("result", "ok")}
    return sum(n for (found, labels), n in samples.items() if found == name and wanted <= labels)


class TestPrivacy:
    def test_is_that_of_this_user_alone(self, server: Service) -> None:
        (run_directory,) = server.directory.glob("sabiscore-*")
        assert run_directory.stat().st_mode & 0o777 == 0o700
        (socket,) = run_directory.glob("*.sock")
        assert socket.stat().st_mode & 0o777 == 0o600


class TestSeries:
    def test_are_no_more_whatever_is_asked(self, server: Service) -> None:
        chance = random.Random(13)  # noqa: S311 - not for secrets
        numbers = []
        for _ in range(2):
            for _ in range(50):  # connections, each of one worker
                ask(server, [request(kind, chance) for kind in range(len(KINDS)) for _ in range(7)])
                metrics = server.http.get("/metrics").content
            numbers.append(len(counts(metrics)))
        assert len(KINDS) * 7 * 100 >= 10_000
        assert numbers[1] == numbers[0]


KINDS: list[Callable[[str], tuple[str, str]]] = [
    lambda word: ("GET", f"/{word}"),
    lambda word: ("GET", f"/api/v1/{word}/{word}"),
    lambda word: ("GET", f"/api/v1/leagues/{word}/teams"),
    lambda word: ("GET", f"{PREDICT}?home_team={word}&away_team={word}&league=EPL&kickoff_time={word}"),
    lambda word: (
        "GET",
        f"{PREDICT}?home_team={word}&away_team=Chelsea&league=EPL&kickoff_time=2025-08-30T16:30:00Z",
    ),
    lambda word: ("GET", f"{PREDICT}?{word}={word}"),
    lambda word: (f"X{word}", "/api/v1/leagues"),
    lambda word: (f"X{word}", PREDICT),
    lambda word: ("DELETE", f"/api/v1/leagues/{word}/teams"),
    lambda word: ("GET", f"{PREDICT}/{word}"),
    lambda word: ("GET", f"/schema/{word}"),
    lambda word: ("HEAD", f"/api/v1/model?{word}"),
    lambda word: ("GET", f"/api/v1/model/?{word}"),
    lambda word: ("GET", f"/metrics/{word}"),
    lambda word: ("OPTIONS", f"{PREDICT}?{word}"),
]


def request(kind: int, chance: random.Random) -> bytes:
    word = "".join(chance.choices("abcdefghijklmnop", k=8))
    method, path = KINDS[kind](word)
    return f"{method} {quote(path, safe='/?=&:')} HTTP/1.1\r\nhost: test\r\nx-request-id: {word}\r\n\r\n".encode()


def ask(server: Service, requests: list[bytes]) -> None:
    """All on one connection, one after the other, without waiting for answers."""
    with connect(server.port) as connection:
        connection.settimeout(60)
        connection.sendall(b"".join(requests))
        answers = b""
        while answers.count(b"HTTP/1.1 ") < len(requests):
            more = connection.recv(1 << 20)
            assert more, answers[-500:]
            answers += more


class TestRequests:
    def test_are_as_many_on_every_scrape_whatever_happens_to_workers(self, server: Service) -> None:
        asking = Asking(server.port)
        with asking.asking():
            for happens in (kill, hang_up, kill, stop, hang_up):
                happens(server)
                seen = len(asking.scrapes)
                eventually(lambda: len(asking.scrapes) > seen + 3)  # noqa: B023 - called at once
            eventually(lambda: asking.answered > 100)
        for answered, samples, tried in asking.scrapes:
            for name in COUNTED:
                assert answered <= predictions(samples, name) <= tried
        for (_, before, _), (_, after, _) in itertools.pairwise(asking.scrapes):
            assert {series: n for series, n in before.items() if after.get(series, -1) < n} == {}


def kill(server: Service) -> None:
    _and_wait(server, lambda: os.kill(server.workers()[0], signal.SIGKILL), gone=1)


def stop(server: Service) -> None:
    """It hangs, is killed and replaced."""
    _and_wait(server, lambda: os.kill(server.workers()[0], signal.SIGSTOP), gone=1)


def hang_up(server: Service) -> None:
    _and_wait(server, lambda: os.kill(server.pid, signal.SIGHUP), gone=2)


def _and_wait(server: Service, do: Callable[[], object], *, gone: int) -> None:
    before = {*server.workers()}
    do()
    eventually(lambda: len(before - {*server.workers()}) >= gone and len(server.workers()) == 2)
