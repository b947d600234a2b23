import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from benchmarks.serving import SABISCORE, Service, started
from sabiscore.api import problems
from sabiscore.api.problems import Kind
from sabiscore.api.schemas import Problem
from tests.api.asking import BATCH, BODY, FIXTURE, PREDICT
from tests.waiting import LONG, eventually

from .wire import Answer, connect, exchange, head, listens, read_answer

AS_JSON = {"content-type": "application/json"}
JSON = "content-type: application/json"
CHUNKED = "transfer-encoding: chunked"


@pytest.fixture(scope="module", params=["1", "0"], ids=["front", "asgi"])
def server(request: pytest.FixtureRequest) -> Iterator[Service]:
    """With the front and without it."""
    with started(workers=2, settings={"front": request.param}) as server:
        server.wait_until_ready(workers=2)
        yield server


@pytest.fixture(scope="module", autouse=True)
def sluggish(server: Service) -> Iterator[socket.socket]:
    """A connection whose request began before all tests and goes on for ever."""
    with connect(server.port) as connection:
        connection.sendall(head(PREDICT, JSON, f"content-length: {len(BODY)}") + BODY[:20])
        yield connection


@pytest.fixture
def connection(server: Service) -> Iterator[socket.socket]:
    with connect(server.port) as connection:
        yield connection


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


def assert_refused(answer: Answer, kind: Kind) -> None:
    assert answer.headers["content-type"] == problems.MEDIA_TYPE
    problem = msgspec.json.decode(answer.body, type=Problem)
    assert (answer.status, problem.type) == (kind.status, kind.type)
    assert problem.request_id == answer.headers["x-request-id"]


def private(worker: int) -> int:
    """Kilobytes that no other process has."""
    text = Path(f"/proc/{worker}/smaps_rollup").read_text()
    return sum(map(int, re.findall(r"^Private_\w+: +(\d+) kB$", text, re.MULTILINE)))


def metric(server: Service, pattern: str) -> float:
    """The sum of a metric's samples, over all workers."""
    text = server.http.get("/metrics").text
    return sum(map(float, re.findall(rf"^{pattern} (\S+)$", text, re.MULTILINE)))


class TestARequest:
    def test_is_answered_by_the_bundle_that_ships(self, server: Service) -> None:
        answer = server.http.post(PREDICT, json=FIXTURE).json()
        assert answer["fixture"]["home_team"] == "Arsenal"
        assert answer["model"]["version"] == server.http.get("/api/v1/model").json()["version"]

    def test_seen_twice_is_answered_once_for_all_workers_and_spellings(self, server: Service) -> None:
        hits, rows = (r'cache_lookups_total{.*layer="valkey",result="hit".*}', "model_rows_total{.*}")
        with httpx.Client() as one:  # on one connection, which is one worker's
            first, second, _ = (
                one.post(server.url + PREDICT, json=FIXTURE | {"home_team": name})
                for name in ("Spurs", "Tottenham", "Tottenham Hotspur")
            )
        assert second.content == first.content
        made, hit = metric(server, rows), metric(server, hits)

        def ask_again() -> float:
            again = server.http.post(PREDICT, json=FIXTURE | {"home_team": "tottenham"})
            assert again.content == first.content
            return metric(server, hits)

        eventually(lambda: ask_again() > hit)  # of the other worker
        for _ in range(16):
            ask_again()
        assert metric(server, rows) == made

    def test_may_come_in_chunks(self, connection: socket.socket) -> None:
        chunks = [chunk(BODY[:9]), chunk(BODY[9:]), chunk(b"")]
        answer = exchange(connection, head(PREDICT, JSON, CHUNKED), *chunks)
        assert answer.status == 200

    def test_for_a_head_gets_no_body(self, connection: socket.socket) -> None:
        connection.sendall(head("/health", method="HEAD"))
        answer = read_answer(connection, of_head=True)
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["content-length"] == "15"
        assert exchange(connection, head("/health", method="GET")).body == b'{"status":"ok"}'

    def test_of_256_fixtures_is_answered(self, server: Service) -> None:
        items = server.http.post(BATCH, json={"fixtures": [FIXTURE] * 256}).json()["predictions"]
        assert len(items) == 256

    def test_shows_the_metrics_of_both_workers(self, server: Service) -> None:
        assert metric(server, r"bundle_info{.*}") == 2
        assert metric(server, "metrics_workers_missing") == 0


class TestAWorker:
    def test_shares_what_is_loaded(self, server: Service) -> None:
        server.http.post(PREDICT, json=FIXTURE)
        assert max(map(private, server.workers())) < 65_000

    def test_has_its_event_loop_interrupted_by_no_thread_of_the_server(self, server: Service) -> None:
        for worker in server.workers():
            threads = sorted(int(path.name) for path in Path(f"/proc/{worker}/task").iterdir())
            policies = [os.sched_getscheduler(thread) for thread in threads]
            assert policies[0] == os.SCHED_OTHER, "the event loop's"
            assert os.SCHED_BATCH in policies[1:]


class TestABodyThatIsTooLarge:
    def test_is_refused_before_it_is_sent(self, connection: socket.socket) -> None:
        assert_refused(
            exchange(connection, head(PREDICT, JSON, "content-length: 65537")), problems.BODY_TOO_LARGE
        )

    def test_is_refused_while_it_is_sent(self, connection: socket.socket) -> None:
        chunks = [chunk(b" " * 32_768)] * 3
        assert_refused(exchange(connection, head(PREDICT, JSON, CHUNKED), *chunks), problems.BODY_TOO_LARGE)

    @pytest.mark.parametrize("path", [PREDICT, BATCH])
    def test_is_refused_to_a_client_that_sends_all_of_it_first(self, server: Service, path: str) -> None:
        response = server.http.post(path, content=b" " * 5_000_000, headers=AS_JSON)
        assert response.status_code == 413


class TestARequestWithoutAHost:
    @pytest.mark.parametrize("host", ["", "host:\r\n"], ids=["none", "empty"])
    @pytest.mark.parametrize("line", [f"POST {PREDICT}", "GET /health/live", "GET /api/v1/leagues", "GET /"])
    def test_is_refused(self, connection: socket.socket, line: str, host: str) -> None:
        said = f"{line} HTTP/1.1\r\n{host}{JSON}\r\ncontent-length: {len(BODY)}\r\n\r\n"
        assert_refused(exchange(connection, said.encode() + BODY), problems.BAD_REQUEST)

    def test_is_answered_in_a_version_that_knows_none(self, connection: socket.socket) -> None:
        connection.sendall(b"GET /health/live HTTP/1.0\r\n\r\n")
        assert b"HTTP/1.0 200 OK" in connection.recv(4096)


class TestOtherRefusals:
    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (b"[" * 20_000 + b"]" * 20_000, problems.INVALID_REQUEST),
            (b"\xff\xfe", problems.MALFORMED_BODY),
            (b"", problems.MALFORMED_BODY),
            (BODY.replace(b"Arsenal", b"Arsenol"), problems.UNKNOWN_CLUB),
        ],
    )
    def test_leave_the_connection_in_use(self, connection: socket.socket, content: bytes, kind: Kind) -> None:
        request = head(PREDICT, JSON, f"content-length: {len(content)}")
        assert_refused(exchange(connection, request, content), kind)
        assert_refused(exchange(connection, head("/nope", method="GET")), problems.NOT_FOUND)
        assert exchange(connection, head("/health", method="GET")).status == 200

    def test_are_none_for_a_client_that_leaves(self, server: Service) -> None:
        for _ in range(20):
            with connect(server.port) as connection:
                connection.sendall(head(PREDICT, JSON, "content-length: 100") + BODY[:20])
        assert server.http.post(PREDICT, json=FIXTURE).status_code == 200
        assert server.log().count("Traceback") == 0


class TestASecondServer:
    def test_is_told_that_the_port_is_taken(self, server: Service) -> None:
        command = [str(SABISCORE), "serve", "--port", str(server.port)]
        second = subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False)  # noqa: S603
        assert second.returncode == 1
        told = f"cannot listen on 127.0.0.1:{server.port}: process {server.process.pid} serves there"
        assert told in second.stderr
        assert "Traceback" not in second.stderr


class TestASlowBody:
    def test_is_waited_for_no_longer_than_ten_seconds(self, sluggish: socket.socket) -> None:
        assert_refused(read_answer(sluggish), problems.SLOW_BODY)
        assert sluggish.recv(1) == b""


class TestTheEnd:
    def test_of_a_worker_is_the_start_of_another(self, server: Service) -> None:
        victim, other = server.workers()
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: len({*server.workers()} - {victim, other}) == 1)
        assert server.http.post(PREDICT, json=FIXTURE).status_code == 200

    def test_of_all_workers_in_turn_is_no_end_to_what_clients_ask(self, server: Service) -> None:
        before = server.workers()
        statuses, told_to_close = [], 0
        connection = connect(server.port)
        os.kill(server.pid, signal.SIGHUP)
        deadline = time.monotonic() + 60
        while set(before) & set(server.workers()) and time.monotonic() < deadline:
            answer = exchange(connection, head(PREDICT, JSON, f"content-length: {len(BODY)}") + BODY)
            statuses.append(answer.status)
            if answer.headers.get("connection") == "close":
                told_to_close += 1
                connection.close()
                connection = connect(server.port)
        connection.close()
        assert {*statuses} == {200}
        assert told_to_close >= 1
        eventually(lambda: len(server.workers()) == 2)

    def test_waits_for_what_has_begun_and_leaves_nothing_behind(self, server: Service) -> None:
        with connect(server.port) as connection:
            connection.sendall(head(PREDICT, JSON, f"content-length: {len(BODY)}") + BODY[:20])
            time.sleep(0.2)
            server.process.terminate()
            eventually(lambda: not listens(server.port))
            assert exchange(connection, BODY[20:]).status == 200
        assert server.process.wait(LONG) == 0, server.log()
        assert server.left_behind() == []
