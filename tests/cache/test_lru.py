from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from sabiscore.cache.lru import Lru


def held(lru: Lru[str, int], keys: Iterable[str]) -> list[int | None]:
    return [lru.find(key) for key in keys]


class TestItsBounds:
    def test_are_a_number_of_values(self) -> None:
        lru: Lru[str, int] = Lru(entries=2, size=100)
        for number, key in enumerate("abc"):
            lru.keep(key, number, 1)
        assert held(lru, "abc") == [None, 1, 2]

    def test_are_a_size(self) -> None:
        lru: Lru[str, int] = Lru(entries=100, size=10)
        lru.keep("a", 1, 5)
        lru.keep("b", 2, 5)
        lru.keep("c", 3, 1)
        assert held(lru, "abc") == [None, 2, 3]

    def test_leave_out_what_is_larger_than_the_whole_and_nothing_else(self) -> None:
        lru: Lru[str, int] = Lru(entries=100, size=10)
        lru.keep("a", 1, 5)
        lru.keep("b", 2, 11)
        assert held(lru, "ab") == [1, None]

    def test_of_nothing_hold_nothing(self) -> None:
        lru: Lru[str, int] = Lru(entries=0, size=10)
        lru.keep("a", 1, 1)
        assert (len(lru), lru.size) == (0, 0)

    @given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 12), st.booleans())))
    def test_hold_whatever_is_done(self, steps: list[tuple[str, int, bool]]) -> None:
        lru: Lru[str, int] = Lru(entries=3, size=10)
        for key, size, is_kept in steps:
            if is_kept:
                lru.keep(key, size, size)
            else:
                lru.drop(key)
            sizes = [value for value in held(lru, "abcdef") if value is not None]
            assert (len(sizes), sum(sizes)) == (len(lru), lru.size)
            assert len(sizes) <= 3
            assert sum(sizes) <= 10


class TestWhatIsUsed:
    def test_stays(self) -> None:
        lru: Lru[str, int] = Lru(entries=2, size=100)
        lru.keep("a", 1, 1)
        lru.keep("b", 2, 1)
        lru.find("a")
        lru.keep("c", 3, 1)
        assert held(lru, "abc") == [1, None, 3]

    def test_is_what_was_kept_last(self) -> None:
        lru: Lru[str, int] = Lru(entries=2, size=10)
        lru.keep("a", 1, 8)
        lru.keep("a", 2, 9)
        assert held(lru, "a") == [2]
        lru.keep("a", 3, 11)
        assert held(lru, "a") == [None]


class TestLookingWhetherAKeyIsHeld:
    def test_is_no_use_of_it(self) -> None:
        lru: Lru[str, int] = Lru(entries=2, size=10)
        lru.keep("a", 1, 1)
        lru.keep("b", 2, 1)
        assert ("a" in lru, "c" in lru) == (True, False)
        lru.keep("c", 3, 1)
        assert held(lru, "abc") == [None, 2, 3]
