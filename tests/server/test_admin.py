import os
import signal
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from benchmarks.process import free_port
from benchmarks.serving import Service, started
from tests.api.asking import FIXTURE, PREDICT
from tests.waiting import eventually

from .wire import connect


class Administered:
    """A service with keys, and its port for administrators."""

    def __init__(self, service: Service, port: int) -> None:
        self.service = service
        self.port = port

    def get(self, path: str) -> httpx.Response:
        return self.service.http.get(f"http://127.0.0.1:{self.port}{path}")

    def world(self, path: str, **headers: str) -> httpx.Response:
        return self.service.http.get(path, headers=headers)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Administered]:
    keys, port = Path(tmp_path_factory.mktemp("keys")) / "keys", free_port()
    keys.write_text(sha256(b"sesame").hexdigest())
    settings = {
        "admin_port": str(port),
        "api_keys": str(keys),
        "rate_limit": "1000/hour",
        "cache_timeout": "5",
    }
    with started(workers=2, settings=settings) as service:
        service.wait_until_ready(workers=2)
        yield Administered(service, port)


class TestThePortForAdministrators:
    def test_shows_metrics_of_all_workers_and_the_api_without_a_key(self, served: Administered) -> None:
        metrics = served.get("/metrics")
        assert metrics.status_code == 200
        assert "workers_wanted 2.0" in metrics.text.replace("workers_wanted 2\n", "workers_wanted 2.0\n")
        assert served.get("/schema/openapi.json").json()["openapi"]

    def test_shows_metrics_in_the_format_that_is_asked_for(self, served: Administered) -> None:
        asked = {"accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}
        answer = served.service.http.get(f"http://127.0.0.1:{served.port}/metrics", headers=asked)
        assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
        assert answer.text.endswith("# EOF\n")

    @pytest.mark.parametrize("path", ["/metrics", "/schema/openapi.json", "/docs", "/metrics?x"])
    def test_is_the_only_one_to_show_them(self, served: Administered, path: str) -> None:
        assert served.world(path).status_code == 404
        assert served.world(path, **{"x-api-key": "sesame"}).status_code == 404

    @pytest.mark.parametrize("path", ["/api/v1/leagues", "/health", "/", "/nope"])
    def test_shows_nothing_else(self, served: Administered, path: str) -> None:
        assert served.get(path).status_code == 404

    @pytest.mark.parametrize("said", [b"\r\n\r\n", b"rubbish\r\n\r\n", b"GET \xff X\r\n\r\n", b"a" * 100_000])
    def test_closes_the_connection_on_what_is_no_request(self, served: Administered, said: bytes) -> None:
        with connect(served.port) as connection:
            connection.settimeout(60)
            try:
                connection.sendall(said)
                assert connection.recv(1) == b""
            except ConnectionError:
                pass
        assert served.get("/metrics").status_code == 200


class TestAService:
    def test_counts_the_rate_over_all_workers(self, served: Administered) -> None:
        left = []
        for _ in range(12):
            answer = served.service.http.post(PREDICT, json=FIXTURE, headers={"x-api-key": "sesame"})
            assert answer.status_code == 200
            left.append(int(answer.headers["ratelimit"].partition("r=")[2].split(";")[0]))
        assert left == list(range(left[0], left[0] - 12, -1))

    def test_tells_no_version_of_its_server(self, served: Administered) -> None:
        assert not any(sign.isdigit() for sign in served.world("/health").headers["server"])

    def test_shows_them_after_workers_were_replaced_too(self, served: Administered) -> None:
        before = set(served.service.workers())
        os.kill(served.service.pid, signal.SIGHUP)
        eventually(lambda: len(set(served.service.workers()) - before) == 2)
        assert served.get("/metrics").status_code == 200
