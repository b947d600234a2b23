import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import valkey

from benchmarks.faults.servers import Cluster, Sentinels, Server, wait_until
from sabiscore.cache.clients import CONNECTIONS
from sabiscore.cache.protocol import Cache
from sabiscore.cache.routed import RoutedCache
from sabiscore.cache.valkey import ValkeyCache
from tests.waiting import LONG

from .conftest import Opening
from .entries import bodies, fresh, soon
from .faults import frozen, killed, running
from .hooks import RecordingHook

ANSWERS = {f"key {n}": f"answer {n}".encode() for n in range(60)}


def connections(cache: Cache) -> tuple[int, int]:
    """How many are in use, and how many there are at most to one server."""
    assert isinstance(cache, RoutedCache)
    servers = [server for server in cache._servers.values() if isinstance(server, ValkeyCache)]
    pools = [server._client.connection_pool for server in servers]
    in_use = [len(pool._in_use_connections) for pool in pools]
    return sum(in_use), max(
        used + len(pool._available_connections) for used, pool in zip(in_use, pools, strict=True)
    )


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    yield cluster
    cluster.kill()


@pytest.fixture
async def cache(cluster: Cluster, open_at: Opening) -> Cache:
    for node in cluster.nodes:
        node.ask("FLUSHALL")
    return open_at(cluster.url)


class TestAClusterThatIsWell:
    async def test_stores_and_finds_from_the_first_call(
        self, cache: Cache, cluster: Cluster, hook: RecordingHook
    ) -> None:
        await cache.put({key: fresh(body) for key, body in ANSWERS.items()})
        assert await bodies(cache, ["x", *ANSWERS]) == [None, *ANSWERS.values()]
        assert await bodies(cache, ["key 7"]) == [b"answer 7"]
        assert sum(node.ask("DBSIZE") for node in cluster.nodes) == 60
        assert all(node.ask("DBSIZE") > 0 for node in cluster.nodes)
        assert (hook.hits, hook.misses, hook.failures) == ({"valkey": 61}, {"valkey": 1}, {})

    async def test_tells_what_is_not_ours(self, cache: Cache, cluster: Cluster, hook: RecordingHook) -> None:
        await cache.put({key: fresh(body) for key, body in ANSWERS.items()})
        for node in cluster.nodes:
            for key in ANSWERS:
                try:
                    node.ask("DEL", key)
                    node.ask("RPUSH", key, "a list")
                except valkey.ResponseError:
                    continue  # another node's
                break
        found = await bodies(cache, list(ANSWERS))
        assert found.count(None) == 3
        assert [body for body in found if body] == [body for body in ANSWERS.values() if body in found]
        assert hook.failures == {("get", "corrupt"): 3}

    async def test_loses_no_connection_to_cancelled_calls(self, cache: Cache, hook: RecordingHook) -> None:
        await cache.put({key: fresh(body) for key, body in ANSWERS.items()})
        for turn in range(100):
            calls = [asyncio.create_task(cache.get(list(ANSWERS)[n : n + 3])) for n in range(50)]
            for _ in range(turn % 7):
                await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        assert await bodies(cache, list(ANSWERS)) == list(ANSWERS.values())
        in_use, most = connections(cache)
        assert (in_use, most <= CONNECTIONS, hook.failures) == (0, True, {})


class TestAClusterWithAFailingNode:
    @pytest.mark.parametrize("fault", [killed, frozen])
    async def test_goes_on_with_the_others_and_takes_it_back(
        self,
        fault: Callable[[Server], AbstractContextManager[None]],
        cluster: Cluster,
        open_at: Opening,
        hook: RecordingHook,
    ) -> None:
        cache = open_at(cluster.url, timeout=0.2)
        await soon(cache, ANSWERS)
        taken, found = [], []
        with fault(cluster.nodes[0]):  # the one that the URL names
            for _ in range(100):
                started = time.monotonic()
                found.append(sum(body is not None for body in await bodies(cache, list(ANSWERS))))
                taken.append(time.monotonic() - started)
                await asyncio.sleep(0.01)
        assert 20 < statistics.median(found) < 60
        assert statistics.median(taken) < 0.2
        assert True in hook.circuits
        await soon(cache, ANSWERS)
        assert hook.circuits[-1] is False
        await asyncio.to_thread(cluster.wait_until_whole)

    async def test_finds_its_way_when_slots_have_moved(
        self, cache: Cache, cluster: Cluster, hook: RecordingHook
    ) -> None:
        await soon(cache, ANSWERS)
        first, second = cluster.nodes[:2]
        first.ask("FLUSHALL")  # a node gives no slot away in which it has a key
        own = second.ask("CLUSTER MYID").decode()
        moved = [str(slot) for slot in range(2700)]
        for node in (second, first, cluster.nodes[2]):
            with valkey.Valkey(port=node.port) as client:
                pipeline = client.pipeline(transaction=False)
                for slot in moved:
                    pipeline.execute_command("CLUSTER SETSLOT", slot, "NODE", own)
                pipeline.execute()
        assert (await bodies(cache, list(ANSWERS))).count(None) > 0
        assert hook.failures["get", "refused"] > 0
        await soon(cache, ANSWERS)


class TestAClusterWithAReplica:
    @pytest.fixture
    def replicated(self) -> Iterator[tuple[Cluster, Server]]:
        """A cluster, and a replica of its first node."""
        cluster, replica = Cluster(), Cluster._node()
        master = cluster.nodes[0]
        master.ask("CONFIG SET", "repl-diskless-sync-delay", "0")
        replica.ask("CLUSTER MEET", "127.0.0.1", str(master.port))
        wait_until(lambda: int(replica.ask("CLUSTER INFO")["cluster_known_nodes"]) == 4)
        replica.ask("CLUSTER REPLICATE", master.ask("CLUSTER MYID").decode())
        wait_until(lambda: replica.ask("INFO", "replication").get("master_link_status") == "up")
        yield cluster, replica
        replica.kill()
        cluster.kill()

    async def test_follows_it_when_it_takes_over(
        self, replicated: tuple[Cluster, Server], open_at: Opening, hook: RecordingHook
    ) -> None:
        cluster, replica = replicated
        cache = open_at(cluster.url, timeout=0.05)
        await soon(cache, ANSWERS)
        cluster.nodes[0].kill()
        async with asyncio.timeout(LONG):
            while replica.ask("ROLE")[0] != b"master":
                await cache.get(list(ANSWERS))
                await asyncio.sleep(0.02)
        await soon(cache, ANSWERS)
        assert hook.circuits == [True, False]


class TestAClusterThatIsAway:
    async def test_costs_the_first_calls_the_deadline_and_the_rest_nothing(
        self, victim: Server, open_at: Opening, hook: RecordingHook
    ) -> None:
        cache = open_at(f"{victim.url}?cluster=true", timeout=0.2)
        taken = []
        with frozen(victim):
            for _ in range(100):
                started = time.monotonic()
                assert await cache.get(["a"]) == [None]
                taken.append(time.monotonic() - started)
        assert max(taken) > 0.1
        assert statistics.median(taken) < 0.05
        assert hook.failures == {("get", "connection"): 100}
        assert hook.misses == {"valkey": 100}

    async def test_is_used_when_it_comes(self, open_at: Opening, hook: RecordingHook) -> None:
        with running(**{"cluster-enabled": "yes"}) as node:
            cache = open_at(f"{node.url}?cluster=true")
            with killed(node):
                await cache.put({"a": fresh(b"A")})
                assert await cache.get(["a"]) == [None]
            assert hook.failures == {("put", "connection"): 1, ("get", "connection"): 1}
            node.ask("CLUSTER ADDSLOTSRANGE", "0", "16383")
            await soon(cache, {"a": b"A"})

    async def test_or_wants_a_password_is_told_so(self, open_at: Opening, hook: RecordingHook) -> None:
        with running(**{"cluster-enabled": "yes"}) as node:
            node.ask("CONFIG SET", "requirepass", "the-right-one")
            cache = open_at(f"valkey://:s3cr3t@127.0.0.1:{node.port}?cluster=true")
            assert await cache.get(["a"]) == [None]
            assert hook.failures == {("get", "auth"): 1}


class TestAMasterUnderSentinels:
    @pytest.fixture
    def sentinels(self) -> Iterator[Sentinels]:
        sentinels = Sentinels()
        yield sentinels
        sentinels.kill()

    async def test_is_found_and_followed_when_another_takes_over(
        self, sentinels: Sentinels, open_at: Opening
    ) -> None:
        cache = open_at(sentinels.url, timeout=0.05)
        await soon(cache, ANSWERS)
        assert sentinels.master.ask("DBSIZE") == 60
        sentinels.master.kill()
        async with asyncio.timeout(LONG):
            while not sentinels.promoted():
                await cache.get(["key 1"])
                await asyncio.sleep(0.02)
        await soon(cache, {"new": b"answer"})
        assert sentinels.replica.ask("EXISTS", "new") == 1
        assert await bodies(cache, ["key 1"]) == [b"answer 1"]

    async def test_that_was_demoted_is_left(
        self, sentinels: Sentinels, open_at: Opening, hook: RecordingHook
    ) -> None:
        cache = open_at(sentinels.url)
        await soon(cache, ANSWERS)
        hook.failures.clear()
        with frozen(sentinels.master):
            await asyncio.to_thread(wait_until, sentinels.promoted, LONG)
        await asyncio.to_thread(wait_until, lambda: sentinels.master.ask("ROLE")[0] == b"slave")
        async with asyncio.timeout(LONG):
            while not sentinels.replica.ask("EXISTS", "new"):
                await cache.put({"new": fresh(b"answer")})
                await asyncio.sleep(0.02)
        assert hook.failures["put", "refused"] > 0
