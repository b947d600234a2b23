import shutil
import sys
from pathlib import Path

import pytest

from sabiscore.errors import BundleError, SettingsError
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED, SIGNATURE
from sabiscore.models.signature import PublicKey

from .keys import Keys, make


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return make(tmp_path)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "bundle"))


class TestASignedBundle:
    def test_is_read_with_the_key_in_a_directory_and_packed(
        self, bundle: Path, keys: Keys, tmp_path: Path
    ) -> None:
        digest = bundles.sign(bundle, keys.private)
        path = tmp_path / "bundle.tar"
        path.write_bytes(bundles.pack(bundle))
        key = PublicKey(keys.public)
        assert bundles.read(bundle, key).digest == bundles.read(path, key).digest == digest
        assert bundles.read(bundle).signature

    def test_is_the_same_however_often_it_is_signed(self, bundle: Path, keys: Keys) -> None:
        packed = set()
        for _ in range(2):
            bundles.sign(bundle, keys.private)
            packed.add(bundles.pack(bundle))
        assert len(packed) == 1


class TestABundleIsRefused:
    def test_that_nobody_signed(self, bundle: Path, keys: Keys) -> None:
        with pytest.raises(BundleError, match="is not signed, and SABISCORE_BUNDLE_KEY wants it to be"):
            bundles.read(bundle, PublicKey(keys.public))

    def test_that_another_key_signed(self, bundle: Path, keys: Keys, tmp_path: Path) -> None:
        bundles.sign(bundle, make(tmp_path, "other").private)
        with pytest.raises(BundleError, match="is not signed by the key"):
            bundles.read(bundle, PublicKey(keys.public))

    def test_whose_signature_is_another_bundles(self, bundle: Path, keys: Keys) -> None:
        bundles.sign(bundle, keys.private)
        content = bundle / bundles.MANIFEST
        content.write_bytes(content.read_bytes() + b"\n")
        (bundle / bundles.DIGEST).write_text(bundles.seal(content.read_bytes()).sha256)
        with pytest.raises(BundleError, match="is not signed by the key"):
            bundles.read(bundle, PublicKey(keys.public))

    @pytest.mark.parametrize("content", [b"", b"zz", b"ab", b"\xff" * 64, b"00" * 64, b"0" * 1000])
    def test_whose_signature_is_none(self, content: bytes, bundle: Path, keys: Keys) -> None:
        (bundle / SIGNATURE).write_bytes(content)
        with pytest.raises(BundleError, match="is not signed"):
            bundles.read(bundle, PublicKey(keys.public))


class TestAKey:
    def test_is_what_it_should_be_or_named(self, keys: Keys, tmp_path: Path) -> None:
        other = tmp_path / "other.pem"
        other.write_text("no key")
        for file in (tmp_path / "nowhere.pem", other, keys.private):
            with pytest.raises(SettingsError, match=file.name):
                PublicKey(file)
        with pytest.raises(SettingsError, match="no private key"):
            bundles.sign(SHIPPED, keys.public)

    def test_needs_a_library_that_is_named_where_it_is_not_installed(
        self, keys: Keys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.serialization", None)
        with pytest.raises(SettingsError, match=r"install sabiscore\[signed\]"):
            PublicKey(keys.public)
