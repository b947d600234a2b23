import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.cache.entry import JITTER, Age, Entry, Lifetime

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
