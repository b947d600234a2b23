import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.cache.entry import HEADER_SIZE, JITTER, MAX_SIZE, Age, Entry, Lifetime, seal, unseal

LIFETIME = Lifetime(ttl=100, stale=50)


class TestAnAnswerMadeNow:
    @given(st.floats(min_value=0, max_value=1e12))
    def test_is_fresh_for_the_ttl_more_or_less(self, now: float) -> None:
        entry = LIFETIME.entry(b"answer", now)
        assert (entry.body, entry.made) == (b"answer", now)
        assert 99.9 * (1 - JITTER) <= entry.fresh_until - now <= 100.1 * (1 + JITTER)

    def test_does_not_end_together_with_the_others(self) -> None:
        ends = [LIFETIME.entry(b"", 0.0).fresh_until for _ in range(1000)]
        assert min(ends) < 92
        assert max(ends) > 108

    def test_is_used_no_longer_than_the_longest(self) -> None:
        assert LIFETIME.longest == pytest.approx(160)
        ends = [LIFETIME.entry(b"", 0.0).fresh_until + LIFETIME.stale for _ in range(1000)]
        assert max(ends) <= LIFETIME.longest


class TestItsAge:
    @pytest.mark.parametrize(
        ("now", "age"),
        [
            (-500.0, Age.FRESH),
            (0.0, Age.FRESH),
            (99.9, Age.FRESH),
            (100.0, Age.STALE),
            (149.9, Age.STALE),
            (150.0, Age.EXPIRED),
        ],
    )
    def test_goes_from_fresh_over_stale_to_expired(self, now: float, age: Age) -> None:
        assert LIFETIME.age(Entry(b"", 0.0, 100.0), now) is age

    def test_skips_stale_where_nothing_stale_may_be_served(self) -> None:
        assert Lifetime(ttl=100, stale=0).age(Entry(b"", 0.0, 100.0), 100.0) is Age.EXPIRED


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
