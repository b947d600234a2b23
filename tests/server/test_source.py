import os
import re
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Self

import httpx
import msgspec
import pytest

from benchmarks.serving import Service, started
from sabiscore.clock import CLOCK
from sabiscore.errors import BundleError
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED, Bundle
from sabiscore.server.source import OLD, Source, tell_age
from sabiscore.settings import Settings
from sabiscore.update.place import Place
from tests.api.asking import FIXTURE, PREDICT
from tests.waiting import eventually

WORKERS = 2
BREATH = 0.005
"""Seconds between two requests of a client: without them it has the processor that it waits for."""


def publish(data: Path, name: str, *, years: int = 0) -> str:
    """Publish the shipped bundle, made by a program of this name, as if its matches ended years later."""
    shipped = bundles.read(SHIPPED)
    through = shipped.manifest.data_through.replace(year=shipped.manifest.data_through.year + years)
    manifest = msgspec.structs.replace(shipped.manifest, sabiscore=name, data_through=through)
    return Place(data).shelf.publish(manifest, shipped.files, lambda _: None)


def version(bundle: Bundle) -> str:
    return bundle.version


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(Settings(data=str(tmp_path)))


class TestSource:
    def test_is_the_shipped_bundle_where_nothing_was_published(self, source: Source) -> None:
        assert version(source.read()) == version(bundles.read(SHIPPED))
        assert not source.has_changed()

    def test_is_the_shipped_bundle_and_says_so_where_what_was_published_is_gone(
        self, source: Source, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        shutil.rmtree(tmp_path / "bundles" / publish(tmp_path, "one"))
        assert version(source.read()) == version(bundles.read(SHIPPED))
        assert "the shipped bundle is served: " in caplog.text

    def test_is_what_was_published_last(self, source: Source, tmp_path: Path) -> None:
        source.read()
        for name in ("one", "two"):
            published = publish(tmp_path, name)
            assert source.has_changed()
            assert version(source.read()) == published
            assert not source.has_changed()

    def test_is_not_what_ends_before_the_shipped_bundle(self, source: Source, tmp_path: Path) -> None:
        publish(tmp_path, "one", years=-1)
        assert version(source.read()) == version(bundles.read(SHIPPED))
        assert not source.has_changed()

    def test_refuses_what_ends_before_the_shipped_bundle_once_it_serves(
        self, source: Source, tmp_path: Path
    ) -> None:
        publish(tmp_path, "one")
        source.read()
        publish(tmp_path, "two", years=-1)
        with pytest.raises(BundleError, match="its matches end on"):
            source.read()

    def test_is_tried_again_only_when_something_else_is_published(
        self, source: Source, tmp_path: Path
    ) -> None:
        spoilt = publish(tmp_path, "one")
        (Place(tmp_path).shelf.directory / spoilt / "history.npz").write_bytes(b"")
        with pytest.raises(BundleError, match=r"history\.npz") as refused:
            source.read()
        assert not source.has_changed()
        assert version(source.instead(refused.value)) == version(bundles.read(SHIPPED))
        publish(tmp_path, "two")
        assert source.has_changed()

    def test_is_the_one_that_is_named_whatever_is_published(self, tmp_path: Path) -> None:
        named = Source(Settings(bundle=str(tmp_path / "nowhere"), data=str(tmp_path)))
        publish(tmp_path, "one")
        assert not named.has_changed()
        with pytest.raises(BundleError, match="nowhere") as refused:
            named.read()
        with pytest.raises(BundleError, match="nowhere"):
            named.instead(refused.value)


class TestTellAge:
    def test_says_what_to_do_about_old_data(self, caplog: pytest.LogCaptureFixture) -> None:
        tell_age(bundles.read(SHIPPED).manifest.data_through)
        assert "`sabiscore update` brings later ones" in caplog.text

    def test_says_nothing_of_new_data(self, caplog: pytest.LogCaptureFixture) -> None:
        tell_age(CLOCK.now().date() - timedelta(days=OLD))
        assert not caplog.text


class Asking:
    """Clients that ask on and on, each time for a new answer: all statuses there were, and each one's last version."""

    def __init__(self, server: Service, clients: int) -> None:
        self.statuses: set[int] = set()
        self._versions = [""] * clients
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(server, each)) for each in range(clients)]

    def all_get(self, version: str) -> bool:
        """Whether this is what every client got last."""
        return set(self._versions) == {version}

    def _ask(self, server: Service, client: int) -> None:
        with httpx.Client(base_url=server.url, timeout=60) as http:
            while not self._done.wait(BREATH):
                answer = http.post(PREDICT, json=FIXTURE)
                self.statuses.add(answer.status_code)
                self._versions[client] = answer.json()["model"]["version"]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()


def put(data: Path, *, spoilt: Mapping[str, bytes] = {}, cut: int | None = None, **changes: object) -> None:
    """Have the shipped bundle with these changes be the current one, its files cut, or some spoilt afterwards."""
    shelf, shipped = Place(data).shelf, bundles.read(SHIPPED)
    manifest = msgspec.structs.replace(shipped.manifest, **changes)
    files = {name: content[:cut] for name, content in shipped.files.items()}
    draft = shelf.directory / bundles.digest_of(manifest, files)[: bundles.SHORT]
    bundles.write(draft, manifest, files)
    for name, content in spoilt.items():
        (draft / name).write_bytes(content)
    (shelf.directory / "current").write_text(draft.name)


def put_truncated(data: Path) -> None:
    put(data, sabiscore="truncated", spoilt={"history.npz": b"PK"})


def put_tampered(data: Path) -> None:
    trees = bundles.read(SHIPPED).files["trees-0.cbm"]
    put(data, sabiscore="tampered", spoilt={"trees-0.cbm": trees[:-1] + bytes([trees[-1] ^ 1])})


def put_crafted(data: Path) -> None:
    put(data, sabiscore="crafted", cut=1000)


def put_foreign(data: Path) -> None:
    put(data, format=99)


def put_older(data: Path) -> None:
    put(data, data_through=bundles.read(SHIPPED).manifest.data_through - timedelta(days=1))


REFUSED = (
    (put_truncated, "changed", r"history\.npz: has 2 bytes"),
    (put_tampered, "changed", r"trees-0\.cbm: its sha256 is not"),
    (put_crafted, "contents", "cannot be read"),
    (put_foreign, "format", "has format 99"),
    (put_older, "older", "its matches end on"),
)


class TestASwap:
    def test_is_noticed_by_nobody_who_asks(self) -> None:
        with started(workers=WORKERS) as server:
            server.wait_until_ready(workers=WORKERS)
            data = server.directory / "data"
            with Asking(server, clients=WORKERS) as asking:
                for name in ("one", "two"):
                    eventually(partial(asking.all_get, publish(data, name)))
                eventually(partial(asking.all_get, Place(data).shelf.roll_back()))
            assert asking.statuses == {200}

    def test_comes_to_nothing_with_a_bundle_that_is_refused(self) -> None:
        with started(workers=WORKERS) as server:
            server.wait_until_ready(workers=WORKERS)
            data = server.directory / "data"
            with Asking(server, clients=WORKERS) as asking:
                serves = publish(data, "good")
                eventually(partial(asking.all_get, serves))
                counts: Counter[str] = Counter()
                for publish_wrong, kind, reason in REFUSED:
                    publish_wrong(data)
                    counts[kind] += 1
                    eventually(partial(counted, server, kind, counts[kind]))
                    assert re.search(f"is refused, the workers keep their bundle: .*{reason}", server.log())
                assert asking.all_get(serves)
                eventually(partial(asking.all_get, publish(data, "better")))
            assert asking.statuses == {200}
            eventually(lambda: "last_reload_successful 1" in metrics(server))


def metrics(server: Service) -> str:
    return server.http.get("/metrics").text


def counted(server: Service, kind: str, refused: int) -> bool:
    """Whether so many bundles were refused for this."""
    return f'bundle_refused_total{{reason="{kind}"}} {refused}' in metrics(server)


class TestAWorkerThatIsReplaced:
    def test_begins_with_what_was_published_last(self) -> None:
        with started(workers=1) as server:
            server.wait_until_ready()
            data = server.directory / "data"
            with Asking(server, clients=1) as asking:
                published = publish(data, "one")
                eventually(partial(asking.all_get, published))
            (before,) = server.workers()
            os.kill(before, signal.SIGKILL)
            eventually(lambda: server.workers() not in ([], [before]))
            said = re.findall(r"ready: bundle=(\w+)", server.log())
            assert said[-1] == published
