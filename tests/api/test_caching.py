from typing import get_args

import pytest

from sabiscore.api.caching import of_answers
from sabiscore.cache.entry import Entry
from sabiscore.service import Answer, Source

YOUNG, OLD, EXPIRED = Entry(b"", 90.0, 190.0), Entry(b"", 50.0, 150.0), Entry(b"", 0.0, 80.0)
NOW = 100.0


def told(*answers: tuple[Entry, Source]) -> dict[bytes, bytes]:
    return dict(of_answers([Answer(*each) for each in answers], NOW))


class TestTheCacheStatus:
    def test_of_a_hit_tells_what_is_left(self) -> None:
        assert told((YOUNG, "fresh")) == {b"cache-status": b"SabiScore; hit; ttl=90", b"age": b"10"}

    def test_of_a_stale_hit_has_less_than_nothing_left(self) -> None:
        assert told((EXPIRED, "stale")) == {b"cache-status": b"SabiScore; hit; ttl=-20", b"age": b"100"}

    def test_of_what_was_made_now_has_no_age(self) -> None:
        assert told((YOUNG, "made")) == {b"cache-status": b"SabiScore; fwd=miss; stored"}

    def test_of_several_hits_is_that_of_the_oldest(self) -> None:
        found = told((YOUNG, "fresh"), (OLD, "fresh"))
        assert found == {b"cache-status": b"SabiScore; hit; ttl=50", b"age": b"50"}

    def test_of_some_hits_among_others_is_partial(self) -> None:
        found = told((YOUNG, "fresh"), (OLD, "made"))
        assert found == {b"cache-status": b"SabiScore; fwd=partial; stored"}

    def test_of_nothing_is_nothing(self) -> None:
        assert told() == {}

    @pytest.mark.parametrize("source", get_args(Source))
    def test_never_has_an_age_below_zero(self, source: Source) -> None:
        ahead = Entry(b"", NOW + 5.0, NOW + 100.0)
        assert told((ahead, source)).get(b"age", b"0") == b"0"
