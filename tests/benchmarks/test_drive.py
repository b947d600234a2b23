"""The drivers against servers that do not answer as they must."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from benchmarks import drive, workloads
from benchmarks.check import check
from benchmarks.drive import VoidError

HOT = workloads.BY_NAME["hot"]
QUERY = "home_team=Bayern+M%C3%BCnchen"
GOOD = (
    b'{"home_win_prob":0.5,"draw_prob":0.3,"away_win_prob":0.2,'
    b'"recommended_bet":"home","confidence":"high","reasoning":["a","b","c"]}'
)


@contextmanager
def answering(status: int) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def do_GET(self) -> None:
            self.send_response(status if self.path == f"/?{QUERY}" else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def bodies(tmp_path: Path) -> Path:
    path = tmp_path / "bodies.txt"
    path.write_text("".join(f'{{"n":{n}}}\n' for n in range(100_000)))
    return path


class TestAnswersThatAreNot2xx:
    @pytest.mark.load_drivers
    def test_void_what_wrk_drove(self, bodies: Path) -> None:
        with answering(503) as url, pytest.raises(VoidError, match="refused"):
            drive.wrk(url, bodies, first=0, repeats=False, seconds=1, connections=2)

    def test_void_what_was_paced(self, bodies: Path) -> None:
        with answering(503) as url, pytest.raises(VoidError, match="not answered with 2xx"):
            drive.paced(url, bodies, first=0, rate=50.0, seconds=1, connections=2)


class TestBodies:
    @pytest.mark.load_drivers
    def test_that_run_out_void_what_was_driven(self, tmp_path: Path) -> None:
        few = tmp_path / "few.txt"
        few.write_text("{}\n{}\n")
        with answering(200) as url, pytest.raises(VoidError, match="ran_out=True"):
            drive.wrk(url, few, first=0, repeats=False, seconds=1, connections=2)

    @pytest.mark.load_drivers
    def test_go_on_where_the_warm_up_ended(self, bodies: Path) -> None:
        with answering(200) as url:
            warm = drive.wrk(url, bodies, first=0, repeats=False, seconds=1, connections=2)
            then = drive.wrk(url, bodies, first=warm.sent, repeats=False, seconds=1, connections=2)
        assert warm.sent >= warm.requests
        assert then.sent >= warm.sent + then.requests


class TestQueries:
    @pytest.mark.load_drivers
    def test_are_asked_by_get(self, tmp_path: Path) -> None:
        one = tmp_path / "one.txt"
        one.write_text(f"{QUERY}\n")
        with answering(200) as url:
            driven = drive.wrk(url, one, first=0, repeats=True, seconds=1, connections=2, lines_are="QUERY")
        assert driven.requests > 0


class TestLooks:
    def test_find_nothing_wrong_with_the_contract(self) -> None:
        check(HOT, 200, GOOD)

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (500, GOOD),
            (200, GOOD[:-1]),
            (200, GOOD.replace(b"0.5", b"0.6")),
            (200, GOOD.replace(b'"home"', b'"both"')),
            (200, GOOD.replace(b'["a","b","c"]', b"[]")),
            (200, b"{}"),
        ],
    )
    def test_find_what_is_wrong(self, status: int, body: bytes) -> None:
        with pytest.raises(VoidError):
            check(HOT, status, body)
