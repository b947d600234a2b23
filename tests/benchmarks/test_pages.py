import gzip
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from benchmarks.pages import LIMIT, THIS_WEEK, Cost, addresses, costs, is_late, page_at, shipped
from sabiscore.api.web.routes import ADDRESSES
from sabiscore.clock import Clock
from sabiscore.server.ready import Ready

ON = datetime(2025, 6, 2, 9, tzinfo=UTC)
SMALLEST = len(gzip.compress(b""))


@pytest.fixture(scope="module")
def ready() -> Ready:
    return shipped()


@pytest.fixture(scope="module")
def found(ready: Ready) -> Mapping[str, Cost]:
    return {each.name: each for each in costs(ready, Clock(unix=ON.timestamp), runs=1)}


class TestWhatIsAsked:
    def test_is_every_page_there_is(self, ready: Ready) -> None:
        asked = [page_at(address.partition("?")[0])[0] for address in addresses(ready).values()]
        assert {each.page for each in ADDRESSES} == {*asked}


class TestCosts:
    def test_are_of_each_of_them(self, ready: Ready, found: Mapping[str, Cost]) -> None:
        assert [*found] == [*addresses(ready)]

    def test_have_the_bytes_that_are_sent_and_the_page_in_them(self, found: Mapping[str, Cost]) -> None:
        assert all(SMALLEST < each.packed <= each.size for each in found.values())
        assert found[THIS_WEEK].size > found["this week of a league"].size

    def test_have_the_work_of_drawing_a_page_and_of_sending_it(self, found: Mapping[str, Cost]) -> None:
        assert all(min(each.drawn_first, each.drawn, each.first, each.again) > 0 for each in found.values())

    def test_are_too_much_where_this_week_takes_longer_than_it_may(self, found: Mapping[str, Cost]) -> None:
        of_week = found[THIS_WEEK]
        assert not is_late([replace(of_week, drawn=0.9 * LIMIT)])
        assert is_late([replace(of_week, drawn=1.1 * LIMIT)]).endswith("1.00 are allowed")
