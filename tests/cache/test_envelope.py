import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.cache.envelope import MAX_SIZE, seal, unseal


class TestAnEnvelope:
    @given(key=st.text(), payload=st.binary())
    def test_gives_back_what_was_put_in(self, key: str, payload: bytes) -> None:
        assert unseal(key, seal(key, payload)) == payload

    def test_of_the_largest_payload_opens(self) -> None:
        assert unseal("k", seal("k", b"x" * MAX_SIZE)) == b"x" * MAX_SIZE


class TestWhatIsNotOurs:
    @given(st.binary())
    def test_any_bytes_are_not_an_answer(self, garbage: bytes) -> None:
        assert unseal("k", garbage) is None

    @given(payload=st.binary(), data=st.data())
    def test_one_changed_byte_is_seen(self, payload: bytes, data: st.DataObject) -> None:
        sealed = bytearray(seal("k", payload))
        place = data.draw(st.integers(0, len(sealed) - 1))
        sealed[place] ^= data.draw(st.integers(1, 255))
        assert unseal("k", bytes(sealed)) is None

    @pytest.mark.parametrize("length", [0, 1, 8, 9, 20])
    def test_a_truncated_value_is_seen(self, length: int) -> None:
        assert unseal("k", seal("k", b"an answer, rather long")[:length]) is None

    def test_an_answer_to_another_key_is_seen(self) -> None:
        assert unseal("this", seal("that", b"answer")) is None

    def test_a_value_too_large_is_refused_unread(self) -> None:
        assert unseal("k", seal("k", b"x" * (MAX_SIZE + 1))) is None
