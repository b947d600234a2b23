import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.cache.entry import Entry
from sabiscore.cache.envelope import HEADER_SIZE, MAX_SIZE, seal, unseal

times = st.floats(min_value=0, max_value=1e12)


def entry(body: bytes = b"an answer, rather long") -> Entry:
    return Entry(body, 1000.0, 1060.0)


class TestAnEnvelope:
    @given(key=st.text(), body=st.binary(), made=times, fresh_for=times)
    def test_gives_back_what_was_put_in(self, key: str, body: bytes, made: float, fresh_for: float) -> None:
        whole = Entry(body, made, made + fresh_for)
        assert unseal(key, seal(key, whole)) == whole

    def test_of_the_largest_body_opens(self) -> None:
        largest = entry(b"x" * MAX_SIZE)
        assert unseal("k", seal("k", largest)) == largest

    def test_has_the_form_that_other_workers_read(self) -> None:
        sealed = seal("k", entry(b"answer"))
        assert sealed[:1] == b"\x02"
        assert sealed[9:] == struct.pack(">dd", 1000.0, 1060.0) + b"answer"
        assert sealed[1:9].hex() == "36d6714cd365a1a5"


class TestWhatIsNotOurs:
    @given(st.binary())
    def test_any_bytes_are_not_an_answer(self, garbage: bytes) -> None:
        assert unseal("k", garbage) is None

    @given(body=st.binary(), data=st.data())
    def test_one_changed_byte_is_seen(self, body: bytes, data: st.DataObject) -> None:
        sealed = bytearray(seal("k", entry(body)))
        place = data.draw(st.integers(0, len(sealed) - 1))
        sealed[place] ^= data.draw(st.integers(1, 255))
        assert unseal("k", bytes(sealed)) is None

    @pytest.mark.parametrize("length", [0, 1, 9, HEADER_SIZE - 1, HEADER_SIZE, HEADER_SIZE + 5])
    def test_a_truncated_value_is_seen(self, length: int) -> None:
        assert unseal("k", seal("k", entry())[:length]) is None

    def test_an_answer_to_another_key_is_seen(self) -> None:
        assert unseal("this", seal("that", entry())) is None

    def test_a_value_too_large_is_refused_unread(self) -> None:
        assert unseal("k", seal("k", entry(b"x" * (MAX_SIZE + 1)))) is None

    @pytest.mark.parametrize(
        ("made", "fresh_until"),
        [(math.nan, 1.0), (1.0, math.nan), (1.0, math.inf), (-math.inf, 1.0), (-1.0, 1.0), (2.0, 1.0)],
    )
    def test_times_that_make_no_sense_are_no_answers(self, made: float, fresh_until: float) -> None:
        assert unseal("k", seal("k", Entry(b"answer", made, fresh_until))) is None
