from pathlib import Path

import pytest

from sabiscore.errors import BundleError, DownloadError
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED
from sabiscore.models.signature import PublicKey
from sabiscore.update.place import Place
from sabiscore.update.publishing import NAME, send
from tests.models.keys import make

from .depot import Depot


@pytest.fixture
def published(tmp_path: Path) -> Place:
    """A data directory whose current bundle is the shipped one."""
    place, shipped = Place(tmp_path / "data"), bundles.read(SHIPPED)
    place.shelf.publish(shipped.manifest, shipped.files, lambda _: None)
    return place


class TestPublishing:
    def test_to_a_directory_is_done_once(self, published: Place, tmp_path: Path) -> None:
        there = tmp_path / "www"
        assert send(published, str(there))
        assert bundles.read(there / NAME).version == published.shelf.version
        assert not send(published, str(there))

    def test_to_an_address_is_done_once_and_again_where_it_failed(self, published: Place) -> None:
        with Depot() as depot:
            depot.is_down = True
            with pytest.raises(DownloadError, match="cannot be published to: HTTP 403"):
                send(published, f"{depot.url}/b.tar")
            depot.is_down = False
            assert send(published, f"{depot.url}/b.tar")
            assert not send(published, f"{depot.url}/b.tar")
            assert send(published, f"{depot.url}/other.tar")
            found = bundles.unpack(depot.files["/b.tar"], "it")
        assert found.version == published.shelf.version

    def test_signs_with_a_key(self, published: Place, tmp_path: Path) -> None:
        keys = make(tmp_path)
        send(published, str(tmp_path), keys.private)
        assert bundles.read(tmp_path / NAME, PublicKey(keys.public)).signature

    def test_of_nothing_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(BundleError, match="no bundle yet"):
            send(Place(tmp_path), str(tmp_path))
