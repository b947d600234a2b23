from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from sabiscore.clock import Clock
from sabiscore.errors import BundleError, SettingsError
from sabiscore.models import bundles, packed
from sabiscore.models.bundles import SHIPPED
from sabiscore.trial import try_bundle
from sabiscore.update import addresses, remote
from sabiscore.update.remote import Remote
from tests.cache.tls import Certificates
from tests.clocks import Hand
from tests.models.keys import Keys, make

from .depot import Depot

PATH = "/bundle.tar"
EVERY = 60.0


@pytest.fixture
def depot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Depot]:
    certificates = Certificates(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    with Depot(certificates) as depot:
        yield depot


@pytest.fixture(autouse=True)
def trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes no time; a test of its own has the real one."""
    monkeypatch.setattr(remote, "try_bundle", lambda path: bundles.read(path).digest)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return make(tmp_path)


def variant(directory: Path, name: str, *, days: int = 0, keys: Keys | None = None) -> bytes:
    """The shipped bundle, packed, as made by a program of this name and with matches until so many days later."""
    shipped = bundles.read(SHIPPED)
    through = shipped.manifest.data_through + timedelta(days=days)
    manifest = msgspec.structs.replace(shipped.manifest, sabiscore=name, data_through=through)
    bundles.write(directory / name, manifest, shipped.files)
    if keys:
        bundles.sign(directory / name, keys.private)
    return bundles.pack(directory / name)


class Case:
    """A machine, which begins anew with ``remote``."""

    def __init__(self, depot: Depot, place: Path, key: Path | None = None) -> None:
        self.depot = depot
        self._place = place
        self._key = key

    def remote(self) -> Remote:
        return Remote(self.depot.url + PATH, self._place, every=EVERY, key=self._key)

    def put(self, content: bytes) -> str:
        """Have it be there; its version."""
        self.depot.files[PATH] = content
        return bundles.unpack(content, "it").version

    def statuses(self) -> list[int]:
        return [status for _, _, status in self.depot.asked]


@pytest.fixture
def case(depot: Depot, tmp_path: Path) -> Case:
    return Case(depot, tmp_path / "data")


class TestABundleAtAnAddress:
    def test_is_fetched_over_tls_and_again_only_when_it_is_another(self, case: Case, tmp_path: Path) -> None:
        first = case.put(variant(tmp_path, "one"))
        there = case.remote()
        assert [there.read().version for _ in range(2)] == [first, first]
        second = case.put(variant(tmp_path, "two"))
        assert there.read().version == second
        assert case.statuses() == [200, 304, 200]

    def test_is_served_from_what_was_kept_where_the_network_is_gone(self, case: Case, tmp_path: Path) -> None:
        version = case.put(variant(tmp_path, "one"))
        case.remote().read()
        case.depot.is_down = True
        assert case.remote().read().version == version

    def test_is_refused_where_nothing_can_be_fetched_and_nothing_was_kept(self, case: Case) -> None:
        with pytest.raises(BundleError, match="cannot be fetched, and none was kept: there is nothing"):
            case.remote().read()

    def test_is_fetched_again_where_what_was_kept_is_spoilt(self, case: Case, tmp_path: Path) -> None:
        version = case.put(variant(tmp_path, "one"))
        case.remote().read()
        [kept] = (tmp_path / "data").rglob("bundle.tar")
        kept.write_bytes(kept.read_bytes()[:1000])
        assert case.remote().read().version == version
        assert case.statuses() == [200, 200]

    def test_is_looked_at_when_it_is_due(self, depot: Depot, tmp_path: Path) -> None:
        hand = Hand()
        there = Remote(depot.url, tmp_path, every=EVERY, clock=Clock(seconds=hand))
        seen = []
        for passed in (0.0, EVERY - 1, 1.0, 0.0):
            hand.now += passed
            seen.append(there.is_due())
        assert seen == [True, False, True, False]


class TestWhatIsRefused:
    @pytest.fixture
    def good(self, case: Case, tmp_path: Path) -> str:
        version = case.put(variant(tmp_path, "good"))
        case.remote().read()
        return version

    def refuse(self, case: Case, content: bytes, reason: str, good: str) -> None:
        """It is refused once, and the good one answers on, after a restart, too."""
        case.depot.files[PATH] = content
        there = case.remote()
        with pytest.raises(BundleError, match=reason):
            there.read()
        assert there.read().version == good
        assert case.remote().read().version == good
        assert case.statuses()[-2:] == [304, 304]

    def test_is_what_is_cut(self, case: Case, tmp_path: Path, good: str) -> None:
        self.refuse(case, variant(tmp_path, "cut")[:100_000], "it is cut", good)

    def test_is_what_was_changed(self, case: Case, tmp_path: Path, good: str) -> None:
        files = packed.unpack(variant(tmp_path, "changed"), 99)
        content = packed.pack(files | {"trees-0.cbm": files["trees-0.cbm"][::-1]})
        self.refuse(case, content, "its sha256 is not the one in the manifest", good)

    def test_is_what_fails_its_trial(
        self, case: Case, tmp_path: Path, good: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(remote, "try_bundle", try_bundle)
        shipped = bundles.read(SHIPPED)
        files = {name: content[:1000] for name, content in shipped.files.items()}
        bundles.write(tmp_path / "crafted", shipped.manifest, files)
        self.refuse(case, bundles.pack(tmp_path / "crafted"), "cannot be read|no tree|crashed", good)

    def test_is_what_is_older(self, case: Case, tmp_path: Path, good: str) -> None:
        self.refuse(case, variant(tmp_path, "older", days=-1), "its matches end on", good)

    def test_is_what_is_too_large(
        self, case: Case, tmp_path: Path, good: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        small = msgspec.structs.replace(addresses.PATIENCE, most_bytes=1000)
        monkeypatch.setattr(addresses, "PATIENCE", small)
        case.put(variant(tmp_path, "large"))
        assert case.remote().read().version == good

    def test_is_what_is_not_signed_where_a_key_wants_it(
        self, depot: Depot, keys: Keys, tmp_path: Path
    ) -> None:
        case = Case(depot, tmp_path / "data", keys.public)
        signed = case.put(variant(tmp_path, "signed", keys=keys))
        assert case.remote().read().version == signed
        self.refuse(case, variant(tmp_path, "plain"), "is not signed, and SABISCORE_BUNDLE_KEY", signed)
        other = make(tmp_path, "other")
        self.refuse(case, variant(tmp_path, "forged", keys=other), "is not signed by the key", signed)


class TestAnAddress:
    @pytest.mark.parametrize(
        "text", ["http://example.com/bundle.tar", "ftp://example.com/b", "https://", "s3://", "s3://bucket"]
    )
    def test_is_safe_or_refused(self, text: str) -> None:
        with pytest.raises(SettingsError):
            addresses.address(text)

    def test_may_be_plain_on_this_machine(self, tmp_path: Path) -> None:
        with Depot() as depot:
            depot.files[PATH] = variant(tmp_path, "one")
            assert Case(depot, tmp_path / "data").remote().read()

    def test_is_told_without_its_secrets(self) -> None:
        page = addresses.address("https://me:secret@example.com/b.tar?signature=secret")
        assert page.shown == "https://example.com/b.tar"

    def test_whose_certificate_nobody_vouches_for_is_not_trusted(
        self, case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        case.put(variant(tmp_path, "one"))
        monkeypatch.delenv("SSL_CERT_FILE")
        monkeypatch.setattr(addresses, "PATIENCE", msgspec.structs.replace(addresses.PATIENCE, attempts=1))
        with pytest.raises(BundleError, match="certificate"):
            case.remote().read()
