import logging
from collections.abc import Iterator
from importlib import util
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from sabiscore.errors import BundleError, DownloadError, SettingsError
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED
from sabiscore.update import remote
from sabiscore.update.addresses import address
from sabiscore.update.place import Place
from sabiscore.update.publishing import send
from sabiscore.update.remote import Remote

OBJECT = "s3://bundles/today/bundle.tar"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that speaks S3, with a bucket, and what tells clients of it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    httpx.put(f"{url}/bundles").raise_for_status()
    for name, value in {
        "AWS_ENDPOINT": url,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "something",
    }.items():
        monkeypatch.setenv(name, value)
    yield url
    server.stop()


@pytest.fixture
def published(tmp_path: Path) -> Place:
    place, shipped = Place(tmp_path / "data"), bundles.read(SHIPPED)
    place.shelf.publish(shipped.manifest, shipped.files, lambda _: None)
    return place


class TestAnObject:
    @pytest.mark.usefixtures("store")
    def test_is_published_fetched_and_asked_for_again(
        self, published: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(remote, "try_bundle", lambda path: bundles.read(path).digest)
        assert send(published, OBJECT)
        there = Remote(OBJECT, tmp_path / "other", every=60)
        assert [there.read().version for _ in range(2)] == [published.shelf.version] * 2
        seen = there._seen().validators
        assert seen.etag
        assert address(OBJECT).get(seen).status == "unchanged"

    @pytest.mark.usefixtures("store")
    def test_that_is_not_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(BundleError, match="there is nothing"):
            Remote("s3://bundles/nothing.tar", tmp_path, every=60).read()

    def test_whose_store_does_not_answer_is_not_published(
        self, store: str, published: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT", f"{store}/nowhere")
        with pytest.raises(DownloadError, match="cannot be published to"):
            send(published, "s3://no-such-bucket/b.tar")

    def test_needs_a_library_that_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(util, "find_spec", lambda _: None)
        with pytest.raises(SettingsError, match=r"install sabiscore\[s3\]"):
            address(OBJECT)
