import os
from hashlib import sha256
from pathlib import Path

import pytest

from sabiscore.api.keys import LOOK_EVERY, Keys
from sabiscore.clock import Clock
from sabiscore.errors import SettingsError
from tests.clocks import Hand


def line(key: str, remark: str = "") -> str:
    return f"{sha256(key.encode()).hexdigest()} {remark}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"# ours\n\n{line('old', 'until May')}{line('new')}")
    return path


class TestAKey:
    def test_is_known_by_its_digest(self, file: Path) -> None:
        keys = Keys(file)
        old, new = keys.holder("old"), keys.holder("new")
        assert old == sha256(b"old").hexdigest()[:12]
        assert new not in {None, old}
        assert [keys.holder(wrong) for wrong in ("", "ol", "old ", sha256(b"old").hexdigest(), "\ud800")] == [
            None
        ] * 5

    def test_is_known_once_the_file_has_it_and_no_longer_when_it_has_not(self, file: Path) -> None:
        hand = Hand()
        keys = Keys(file, Clock(hand))
        file.write_text(line("newest"))
        os.utime(file, (1, 1))
        assert keys.holder("newest") is None
        hand.now += LOOK_EVERY
        assert keys.holder("newest")
        assert keys.holder("old") is None

    @pytest.mark.parametrize("content", ["", "secret", None])
    def test_stays_known_where_the_file_is_spoilt(self, file: Path, content: str | None) -> None:
        hand = Hand()
        keys = Keys(file, Clock(hand))
        if content is None:
            file.unlink()
        else:
            file.write_text(content)
        hand.now += LOOK_EVERY
        assert keys.holder("old")


class TestAFile:
    @pytest.mark.parametrize(
        ("content", "said"),
        [(b"", "there is no key in it"), (b"\n#\nabc", "line 3 has no SHA-256"), (b"\xff", "decode")],
    )
    def test_that_is_none_is_told(self, tmp_path: Path, content: bytes, said: str) -> None:
        (tmp_path / "keys").write_bytes(content)
        with pytest.raises(SettingsError, match=f"SABISCORE_API_KEYS=.*{said}"):
            Keys(tmp_path / "keys")

    def test_that_is_missing_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="No such file"):
            Keys(tmp_path / "keys")
