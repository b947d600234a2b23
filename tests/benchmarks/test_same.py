from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from shutil import copytree

import pytest

from benchmarks.contenders import ROOT
from benchmarks.process import Server
from benchmarks.same import ORIGIN, asks, compare, serving

LEAST = 100


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    """A service, and one that has a setting of its own."""
    with serving(ROOT) as one, serving(ROOT, SABISCORE_FRONTEND_ORIGIN=ORIGIN) as other:
        yield one, other


class TestWhatIsAsked:
    def test_is_the_same_each_time_and_of_every_kind(self) -> None:
        asked = list(asks(LEAST))
        assert asked == list(asks(LEAST))
        kinds = {"without odds", "with odds", "without odds, stored", "with odds, stored"}
        assert {ask.kind for ask in asked} == kinds | {"batch", "problems", "routes"}


@pytest.mark.load_drivers
class TestAComparison:
    def test_finds_nothing_between_a_service_and_itself(self, servers: tuple[Server, Server]) -> None:
        one, _ = servers
        asked = [ask for ask in asks(LEAST) if ask.method != "POST"]
        found = compare(one.port, one.port, asked)
        assert (found.differing, found.gone, found.new) == ({}, set(), set())
        assert found.asked == {"routes": len(asked)}

    def test_finds_a_header_more(self, servers: tuple[Server, Server]) -> None:
        one, other = servers
        found = compare(one.port, other.port, islice(asks(LEAST), 20))
        assert found.differing == found.asked

    def test_is_of_the_package_in_the_directory_given(
        self, servers: tuple[Server, Server], tmp_path: Path
    ) -> None:
        one, _ = servers
        sentences = copytree(ROOT / "sabiscore", tmp_path / "sabiscore") / "advice" / "reasons.py"
        sentences.write_text(sentences.read_text().replace("two average", "two middling"))
        with serving(tmp_path) as other:
            found = compare(one.port, other.port, islice(asks(LEAST), 5))
        assert found.differing == found.asked
