from pathlib import Path

import pytest
from msgspec.structs import replace

from sabiscore.data import coming
from sabiscore.data.catalogue import Catalogue
from sabiscore.errors import BundleError
from sabiscore.ledger import files
from sabiscore.models.bundles import SHIPPED, Bundle, read
from sabiscore.server import mapped
from sabiscore.server.ready import Ready
from tests.api.coming import coming_fixtures


def holding(**further: bytes) -> Bundle:
    """The shipped bundle with further files, by their names without an ending."""
    bundle = read(SHIPPED)
    return replace(
        bundle, files=bundle.files | {f"{name}.json": content for name, content in further.items()}
    )


class TestWhatIsReady:
    def test_has_its_fixtures_to_come_answered_whoever_maps_it(
        self, catalogue: Catalogue, tmp_path: Path
    ) -> None:
        listed = coming_fixtures(catalogue)
        ready = Ready.of(holding(coming=coming.dump(listed)))
        assert ready.answered is not None
        assert [row.head.id for row in ready.answered.coming.rows] == [one.id for one in listed]
        assert len(ready.answered.made) == len(listed) + sum(one.odds is not None for one in listed)
        mapped.write(tmp_path / "it", ready)
        again = mapped.read(tmp_path / "it")
        assert again.answered is not None
        assert (again.answered.coming, again.answered.made) == (ready.answered.coming, ready.answered.made)
        assert [*again.answered.rows] == [*ready.answered.rows]
        assert again.season is not None
        assert ready.season is not None
        assert len(again.season.matches) == len(ready.season.matches) > 0

    def test_of_a_bundle_without_further_files_has_none(self) -> None:
        ready = Ready.of(read(SHIPPED))
        assert (ready.answered, ready.record, ready.sealed) == (None, None, {})

    def test_leaves_out_fixtures_of_nobody(self, catalogue: Catalogue) -> None:
        [*others, last] = coming_fixtures(catalogue)
        ready = Ready.of(holding(coming=coming.dump([*others, replace(last, home="Nobody")])))
        assert ready.answered is not None
        assert len(ready.answered.coming.rows) == len(others)

    @pytest.mark.parametrize("name", [coming.FILE, files.RECORD, files.SEALED])
    @pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"a":1}', b"\xff"])
    def test_is_no_bundle_with_a_file_that_cannot_be_right(self, name: str, content: bytes) -> None:
        with pytest.raises(BundleError):
            Ready.of(holding(**{name.removesuffix(".json"): content}))
