import json
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
import pytest

from sabiscore.domain import OUTCOMES
from sabiscore.errors import BundleError
from sabiscore.models import bundles
from sabiscore.models.bundles import Golden, Manifest
from tests.waiting import LONG

FILES = {"history.npz": b"history", "trees-0.cbm": b"model" * 100}
MANIFEST = Manifest(
    format=bundles.FORMAT,
    sabiscore="0",
    classes=OUTCOMES,
    features=("a",),
    features_fingerprint="f",
    parameters={},
    head={},
    training={},
    data_from=date(1993, 7, 23),
    data_through=date(2025, 5, 25),
    calibration={"trust": 1.0},
    scores={},
    golden=Golden([[0.5]], [[0.5, 0.3, 0.2]], [[1.5, 1.1]]),
    libraries={},
    files={},
)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    bundles.write(tmp_path / "bundle", MANIFEST, FILES)
    return tmp_path / "bundle"


def rewrite(directory: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change the manifest and give it the digest that fits."""
    manifest = json.loads((directory / bundles.MANIFEST).read_bytes())
    change(manifest)
    content = json.dumps(manifest).encode()
    (directory / bundles.MANIFEST).write_bytes(content)
    (directory / bundles.DIGEST).write_text(bundles.seal(content).sha256)


class TestWrite:
    def test_what_was_written_is_read_back(self, directory: Path) -> None:
        bundle = bundles.read(directory)
        assert bundle.files == FILES
        assert msgspec.structs.replace(bundle.manifest, files={}) == MANIFEST

    def test_the_same_content_has_the_same_digest(self, tmp_path: Path, directory: Path) -> None:
        assert bundles.write(tmp_path / "again", MANIFEST, FILES) == bundles.read(directory).digest

    def test_replaces_an_older_bundle_whole(self, directory: Path) -> None:
        bundles.write(directory, MANIFEST, {"history.npz": b"newer"})
        assert bundles.read(directory).files == {"history.npz": b"newer"}
        assert [path.name for path in directory.parent.iterdir()] == ["bundle"]

    def test_leaves_a_directory_that_is_no_bundle_alone(self, tmp_path: Path) -> None:
        (tmp_path / "precious.txt").write_text("mine")
        with pytest.raises(BundleError, match="not a bundle"):
            bundles.write(tmp_path, MANIFEST, FILES)
        assert (tmp_path / "precious.txt").read_text() == "mine"


class TestRead:
    @pytest.mark.parametrize("name", [*FILES, bundles.MANIFEST, bundles.DIGEST])
    def test_refuses_a_missing_file_by_name(self, directory: Path, name: str) -> None:
        (directory / name).unlink()
        with pytest.raises(BundleError, match=name):
            bundles.read(directory)

    @pytest.mark.parametrize("name", [*FILES, bundles.MANIFEST, bundles.DIGEST])
    def test_refuses_a_truncated_file(self, directory: Path, name: str) -> None:
        path = directory / name
        path.write_bytes(path.read_bytes()[:-2])
        with pytest.raises(BundleError, match=r"bytes|changed or cut"):
            bundles.read(directory)

    @pytest.mark.parametrize("name", FILES)
    def test_refuses_a_changed_file_of_the_same_size(self, directory: Path, name: str) -> None:
        path = directory / name
        path.write_bytes(b"X" + path.read_bytes()[1:])
        with pytest.raises(BundleError, match=f"{name}.*sha256"):
            bundles.read(directory)

    def test_refuses_a_changed_manifest(self, directory: Path) -> None:
        path = directory / bundles.MANIFEST
        path.write_bytes(path.read_bytes().replace(b"2025-05-25", b"2026-05-25"))
        with pytest.raises(BundleError, match="changed or cut"):
            bundles.read(directory)

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (lambda manifest: manifest.update(format=99), "format 99"),
            (lambda manifest: manifest.pop("format"), "format None"),
            (lambda manifest: manifest.update(classes=["away", "draw", "home"]), "classes"),
            (lambda manifest: manifest.update(surprise=1), "unknown field"),
            (lambda manifest: manifest.pop("head"), "head"),
            (lambda manifest: manifest.pop("calibration"), "calibration"),
            (lambda manifest: manifest["golden"].pop("goals"), "goals"),
            (lambda manifest: manifest["files"].update({"../x": {"size": 1, "sha256": ""}}), "outside"),
        ],
    )
    def test_refuses_a_foreign_manifest(
        self, directory: Path, change: Callable[[dict[str, object]], object], says: str
    ) -> None:
        rewrite(directory, change)
        with pytest.raises(BundleError, match=says):
            bundles.read(directory)

    @pytest.mark.parametrize("content", [b"", b"not json", b"[]", b"[" * 100_000])
    def test_refuses_what_is_no_manifest(self, directory: Path, content: bytes) -> None:
        (directory / bundles.MANIFEST).write_bytes(content)
        (directory / bundles.DIGEST).write_text(bundles.seal(content).sha256)
        with pytest.raises(BundleError, match="cannot be read"):
            bundles.read(directory)

    def test_refuses_a_directory_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(BundleError, match="No such file"):
            bundles.read(tmp_path / "nowhere")


class TestCard:
    def test_says_everything_but_the_golden_rows(self, directory: Path) -> None:
        card = bundles.card(bundles.read(directory))
        assert card["version"] == card["digest"][: bundles.SHORT]
        assert "golden" not in card
        assert set(card["files"]) == set(FILES)
        assert card["calibration"] == {"trust": 1.0}


class TestTheDigestOfTheHeads:
    @staticmethod
    def of(tmp_path: Path, manifest: Manifest, files: dict[str, bytes]) -> str:
        bundles.write(tmp_path / "other", manifest, files)
        return bundles.heads(bundles.read(tmp_path / "other").manifest)

    def test_is_the_same_with_other_matches(self, directory: Path, tmp_path: Path) -> None:
        through = msgspec.structs.replace(MANIFEST, data_through=date(2025, 6, 1), sabiscore="1")
        heads = self.of(tmp_path, through, FILES | {"history.npz": b"longer", "coming.json": b"[]"})
        assert heads == bundles.card(bundles.read(directory))["heads"]

    def test_is_another_with_other_trees_weights_or_calibration(
        self, directory: Path, tmp_path: Path
    ) -> None:
        same = bundles.heads(bundles.read(directory).manifest)
        assert self.of(tmp_path, MANIFEST, FILES | {"trees-0.cbm": b"others"}) != same
        for name in ("head", "parameters", "calibration"):
            other = msgspec.structs.replace(MANIFEST, **{name: {"other": 1}})
            assert self.of(tmp_path, other, FILES) != same


class TestFilesOfOtherKinds:
    """A seal says how large a file is; what is no regular file of that size is not read."""

    @pytest.mark.parametrize("name", [*FILES, bundles.MANIFEST, bundles.DIGEST])
    def test_a_pipe_is_not_waited_for(self, directory: Path, name: str) -> None:
        (directory / name).unlink()
        os.mkfifo(directory / name)
        with pytest.raises(BundleError, match=rf"{name}: (is not a regular file|has 0 bytes)"):
            bundles.read(directory)

    def test_a_directory_is_no_file(self, directory: Path) -> None:
        (directory / bundles.DIGEST).unlink()
        (directory / bundles.DIGEST).mkdir()
        with pytest.raises(BundleError, match="cannot be read: Is a directory"):
            bundles.read(directory)

    @pytest.mark.parametrize("target", ["history.npz", "/dev/zero", "/proc/self/mem", "nowhere"])
    def test_a_link_that_leads_to_none_is_refused(self, directory: Path, target: str) -> None:
        (directory / "history.npz").unlink()
        (directory / "history.npz").symlink_to(target)
        with pytest.raises(BundleError, match=r"history\.npz"):
            bundles.read(directory)

    def test_a_link_to_a_good_file_is_read(self, directory: Path) -> None:
        """As Kubernetes mounts them."""
        (directory / "history.npz").rename(directory / "elsewhere")
        (directory / "history.npz").symlink_to("elsewhere")
        assert bundles.read(directory).files == FILES

    def test_the_whole_bundle_may_be_no_directory(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(BundleError, match="cannot be read: Not a directory"):
            bundles.read(tmp_path / "pipe")


class TestSizes:
    def test_of_many_large_files_are_added_up_before_any_is_read(self, directory: Path) -> None:
        for number in range(50):
            with (directory / f"sparse-{number}").open("wb") as file:
                file.truncate(bundles.MOST_BYTES)
        seals = {f"sparse-{k}": {"size": bundles.MOST_BYTES, "sha256": "0" * 64} for k in range(50)}
        rewrite(directory, lambda manifest: manifest.update(files=seals))
        began = time.monotonic()
        with pytest.raises(BundleError, match="bytes in all"):
            bundles.read(directory)
        assert time.monotonic() - began < LONG

    def test_that_are_negative_do_not_make_room(self, directory: Path) -> None:
        seals = {"a": {"size": -(2**60), "sha256": "0"}, "b": {"size": 2**59, "sha256": "0"}}
        rewrite(directory, lambda manifest: manifest.update(files=seals))
        with pytest.raises(BundleError, match="size"):
            bundles.read(directory)

    def test_of_the_manifest_and_its_digest_are_bounded(self, directory: Path) -> None:
        rewrite(directory, lambda manifest: manifest.update(scores="x" * bundles.LARGEST_MANIFEST))
        with pytest.raises(BundleError, match=r"manifest\.json: is larger than"):
            bundles.read(directory)
        with (directory / bundles.DIGEST).open("wb") as file:
            file.truncate(2**40)
        with pytest.raises(BundleError, match="is larger than"):
            bundles.read(directory)

    def test_there_are_not_too_many_files(self, directory: Path) -> None:
        seals = {f"f{number}": {"size": 1, "sha256": "0"} for number in range(1000)}
        rewrite(directory, lambda manifest: manifest.update(files=seals))
        with pytest.raises(BundleError, match="names 1000 files"):
            bundles.read(directory)


class TestARefusal:
    def test_is_one_short_line_whatever_the_bundle_says(self, directory: Path) -> None:
        rewrite(directory, lambda manifest: manifest.update(format="\x1b[2J\n" * 5000))
        with pytest.raises(BundleError) as refused:
            bundles.read(directory)
        assert refused.value.reason.isprintable()
        assert len(refused.value.reason) < 400

    def test_names_the_kind_of_error_that_nobody_foresaw(self) -> None:
        with (
            pytest.raises(BundleError, match="here: cannot be read: ZeroDivisionError"),
            bundles.refusing("here"),
        ):
            1 / 0  # noqa: B018 - it raises

    def test_is_what_deep_nesting_gets(self, directory: Path) -> None:
        content = (directory / bundles.MANIFEST).read_bytes()
        nested = content.replace(
            b'"scores": {}', b'"scores": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        )
        assert nested != content
        (directory / bundles.MANIFEST).write_bytes(nested)
        (directory / bundles.DIGEST).write_text(bundles.seal(nested).sha256)
        with pytest.raises(BundleError, match="cannot be read: RecursionError"):
            bundles.read(directory)
