import asyncio
import time
from collections.abc import Iterator

import pytest
from valkey.crc import key_slot

from benchmarks.faults.servers import Server
from sabiscore.cache.clients import Clients
from sabiscore.cache.topology import ClusterGuide, Map, SentinelGuide
from sabiscore.cache.url import Address, read

from .faults import frozen

LEFT, RIGHT = ("left", 1), ("right", 2)


def key_in(first: int, last: int) -> str:
    return next(f"key {n}" for n in range(100_000) if first <= key_slot(f"key {n}".encode()) <= last)


@pytest.fixture(scope="module")
def lone_node() -> Iterator[Server]:
    """A cluster of one, which does not know its own address."""
    node = Server(**{"cluster-enabled": "yes"})
    node.ask("CLUSTER ADDSLOTSRANGE", "0", "99")
    node.ask("CLUSTER ADDSLOTSRANGE", "8000", "16383")
    yield node
    node.kill()


class TestAMap:
    @pytest.mark.parametrize(
        ("slots", "owner"),
        [
            ((0, 0), LEFT),
            ((5000, 5000), LEFT),
            ((5001, 5999), None),
            ((6000, 6000), RIGHT),
            ((16_000, 16_000), RIGHT),
            ((16_001, 16_383), None),
        ],
    )
    def test_says_who_has_a_key(self, slots: tuple[int, int], owner: Address | None) -> None:
        whole = Map(((0, 5000, LEFT), (6000, 16_000, RIGHT)))
        assert whole.server(key_in(*slots)) == owner
        assert whole.servers == {LEFT, RIGHT}

    def test_says_that_nobody_has_what_is_before_the_first_slot(self) -> None:
        assert Map(((100, 200, LEFT), (300, 400, RIGHT))).server(key_in(0, 99)) is None

    def test_of_one_server_that_has_some_slots_is_no_map_of_all(self) -> None:
        assert Map(((0, 5000, LEFT),)).server(key_in(5001, 16_383)) is None


class TestACluster:
    async def test_is_asked_for_its_slots(self, lone_node: Server) -> None:
        place = read(lone_node.url + "?cluster=true")
        node = ("127.0.0.1", lone_node.port)
        found = await ClusterGuide(place, Clients(place, timeout=10))(())
        assert found == Map(((0, 99, node), (8000, 16_383, node)))

    async def test_is_asked_through_any_node_that_answers(self, lone_node: Server, victim: Server) -> None:
        place = read(f"valkey://127.0.0.1:1,127.0.0.1:{victim.port}?cluster=true")
        guide = ClusterGuide(place, Clients(place, timeout=10))
        with frozen(victim):
            started = time.monotonic()
            found = await guide([("127.0.0.1", lone_node.port)])
            taken = time.monotonic() - started
        assert found.servers == {("127.0.0.1", lone_node.port)}
        assert taken < 10

    async def test_that_is_none_is_an_error(self, server: Server) -> None:
        place = read(server.url + "?cluster=true")
        with pytest.raises(Exception, match="cluster support disabled"):
            await ClusterGuide(place, Clients(place, timeout=10))(())


class TestSentinels:
    async def test_that_do_not_answer_are_an_error(self) -> None:
        place = read("valkey+sentinel://127.0.0.1:1,127.0.0.1:2/main")
        with pytest.raises(Exception, match="Connect call failed"):
            await SentinelGuide(place, Clients(place, timeout=10))(())

    async def test_are_not_left_waiting_for_when_cancelled(self, victim: Server) -> None:
        place = read(f"valkey+sentinel://127.0.0.1:{victim.port}/main")
        with frozen(victim):
            call = asyncio.create_task(SentinelGuide(place, Clients(place, timeout=10))(()))
            await asyncio.sleep(0.01)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
