import io
import shutil
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.errors import BundleError
from sabiscore.models import bundles, packed
from sabiscore.models.bundles import DIGEST, MANIFEST, SHIPPED

NAMES = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,63}", fullmatch=True)
FILES = st.dictionaries(NAMES, st.binary(max_size=1500), max_size=6)
MOST = 8


class TestPacking:
    @given(FILES)
    def test_gives_the_files_back_in_their_order(self, files: dict[str, bytes]) -> None:
        found = packed.unpack(packed.pack(files), MOST)
        assert list(found.items()) == list(files.items())

    @given(FILES)
    def test_makes_a_tar_that_anybody_can_read(self, files: dict[str, bytes]) -> None:
        with tarfile.open(fileobj=io.BytesIO(packed.pack(files))) as archive:
            members = archive.getmembers()
            bodies = [archive.extractfile(member) for member in members]
            assert {m.name: body.read() for m, body in zip(members, bodies, strict=True) if body} == files

    @given(FILES, st.data())
    def test_refuses_what_a_byte_of_is_another_unless_it_is_content(
        self, files: dict[str, bytes], data: st.DataObject
    ) -> None:
        content = bytearray(packed.pack(files))
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        try:
            found = packed.unpack(bytes(content), MOST)
        except ValueError:
            return
        assert packed.pack(found) == content
        assert found != files

    @given(FILES, st.data())
    def test_refuses_what_is_cut_or_goes_on(self, files: dict[str, bytes], data: st.DataObject) -> None:
        content = packed.pack(files)
        cut = content[: data.draw(st.integers(0, len(content) - 1))]
        for other in (cut, content + b"\0", content + content):
            with pytest.raises(ValueError, match="it is"):
                packed.unpack(other, MOST)

    @given(st.binary(max_size=4096))
    def test_refuses_anything_else(self, content: bytes) -> None:
        with pytest.raises(ValueError, match="it is"):
            packed.unpack(content, MOST)

    def test_refuses_too_many_files_and_links(self) -> None:
        with pytest.raises(ValueError, match="more than 1 files"):
            packed.unpack(packed.pack({"a": b"", "b": b""}), 1)
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            link = tarfile.TarInfo("a")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(link)
        with pytest.raises(ValueError, match="not packed as"):
            packed.unpack(buffer.getvalue()[:1024] + packed.END, MOST)


class TestAPackedBundle:
    @pytest.fixture
    def content(self) -> bytes:
        return bundles.pack(SHIPPED)

    def test_is_the_bundle_of_its_directory(self, content: bytes, tmp_path: Path) -> None:
        path = tmp_path / "bundle.tar"
        path.write_bytes(content)
        found, meant = bundles.read(path), bundles.read(SHIPPED)
        assert (found.digest, found.manifest, found.files) == (meant.digest, meant.manifest, meant.files)

    def test_has_its_digest_first(self, content: bytes) -> None:
        assert list(packed.unpack(content, 99))[:2] == [DIGEST, MANIFEST]

    def test_is_refused_where_anything_in_it_is_missing_changed_or_too_much(self, content: bytes) -> None:
        files = packed.unpack(content, 99)
        trees = files["trees-0.cbm"]
        wrong = {
            "is not there": {name: body for name, body in files.items() if name != "history.npz"},
            "its sha256 is not": files | {"trees-0.cbm": bytes([trees[0] ^ 1]) + trees[1:]},
            "the manifest says": files | {"trees-0.cbm": trees[:-1]},
            "does not match its digest": files | {MANIFEST: files[MANIFEST] + b" "},
            "that its manifest does not name": files | {"more": b""},
        }
        for reason, others in wrong.items():
            with pytest.raises(BundleError, match=reason):
                bundles.unpack(packed.pack(others), "it")
        with pytest.raises(BundleError, match="is cut"):
            bundles.unpack(content[:-1], "it")

    def test_of_what_is_no_bundle_there_is_none(self, tmp_path: Path) -> None:
        shutil.copytree(SHIPPED, tmp_path / "bundle")
        (tmp_path / "bundle" / "trees-0.cbm").write_bytes(b"")
        with pytest.raises(BundleError, match="trees-0"):
            bundles.pack(tmp_path / "bundle")
