from functools import partial
from pathlib import Path

import pytest

from benchmarks.serving import started
from sabiscore.errors import BundleError, SettingsError
from sabiscore.models import bundles
from sabiscore.server.source import Source
from sabiscore.settings import Settings
from tests.cache.tls import Certificates
from tests.models.keys import make
from tests.update.depot import Depot
from tests.update.test_remote import PATH, variant
from tests.waiting import eventually

from .test_source import Asking, counted


class TestServingAnAddress:
    def test_takes_up_what_is_put_there_signed_and_goes_on_without_a_network(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        certificates, keys = Certificates(tmp_path), make(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
        one, two = (variant(tmp_path, name, keys=keys) for name in ("one", "two"))
        versions = [bundles.unpack(content, "it").version for content in (one, two)]
        with Depot(certificates) as depot:
            depot.files[PATH] = one
            settings = {
                "bundle": depot.url + PATH,
                "bundle_every": "1",
                "bundle_key": str(keys.public),
                "data": str(tmp_path / "data"),
            }
            with started(settings=settings) as server:
                server.wait_until_ready()
                with Asking(server, clients=1) as asking:
                    eventually(partial(asking.all_get, versions[0]))
                    depot.files[PATH] = variant(tmp_path, "plain")
                    eventually(partial(counted, server, "unsigned", 1))
                    assert asking.all_get(versions[0])
                    depot.files[PATH] = two
                    eventually(partial(asking.all_get, versions[1]))
                assert asking.statuses == {200}
                assert "is not signed, and SABISCORE_BUNDLE_KEY" in server.log()
            depot.is_down = True
            with started(settings=settings) as server:
                server.wait_until_ready()
                assert f"ready: bundle={versions[1]}" in server.log()


class TestAKeyThatIsSet:
    def test_has_to_have_signed_a_directory_too(self, tmp_path: Path) -> None:
        keys = make(tmp_path)
        variant(tmp_path, "plain")
        settings = Settings(bundle=str(tmp_path / "plain"), bundle_key=str(keys.public))
        with pytest.raises(BundleError, match="is not signed"):
            Source(settings).read()

    def test_is_no_use_without_a_bundle_that_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="set that, too"):
            Source(Settings(bundle_key=str(make(tmp_path).public)))
