import pytest

from sabiscore.data.untrusted import decoded


class TestJson:
    def test_of_the_right_kind_is_read(self) -> None:
        assert decoded(b"[1, 2]", list[int], most=6, otherwise="no numbers") == [1, 2]

    @pytest.mark.parametrize("content", [b"", b"[1, 2", b'["1"]', b'["\xff"]', b"[" * 100_000, b"[1,  2]"])
    def test_of_another_or_too_large_says_what_it_is_not(self, content: bytes) -> None:
        with pytest.raises(ValueError, match=r"^no numbers: "):
            decoded(content, list[int], most=6 if b"  " in content else 10**6, otherwise="no numbers")
