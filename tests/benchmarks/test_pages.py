import gzip
import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from benchmarks.pages import Cost, addresses, costs, shipped
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
        paths = [address.partition("?")[0] for address in addresses(ready).values()]
        for each in ADDRESSES:
            pattern = re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(each.path)))
            assert any(pattern.fullmatch(path) for path in paths), each.path


class TestCosts:
    def test_are_of_each_of_them(self, ready: Ready, found: Mapping[str, Cost]) -> None:
        assert [*found] == [*addresses(ready)]

    def test_have_the_bytes_that_are_sent_and_the_page_in_them(self, found: Mapping[str, Cost]) -> None:
        assert all(SMALLEST < each.packed <= each.size for each in found.values())
        assert found["this week"].size > found["this week of a league"].size

    def test_have_the_work_of_making_a_page_and_of_sending_it(self, found: Mapping[str, Cost]) -> None:
        assert all(each.first > 0 and each.again > 0 for each in found.values())
