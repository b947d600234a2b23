import asyncio
import logging
import random
import statistics
import time
from collections.abc import Iterator

import pytest
from valkey.asyncio import Valkey

from benchmarks.faults.servers import Proxy, Server
from sabiscore.cache.clients import CONNECTIONS
from sabiscore.cache.coalesce import Coalescing
from sabiscore.cache.entry import MAX_SIZE, Entry, seal
from sabiscore.cache.protocol import Cache
from sabiscore.cache.valkey import ValkeyCache
from sabiscore.clock import Clock
from tests.clocks import Hand
from tests.waiting import LONG

from .conftest import Opening
from .entries import LIFETIME, bodies, fresh, soon
from .faults import frozen, killed, running
from .hooks import RecordingHook

DEADLINE = 0.2
"""Seconds that a call of a `shaky` cache may last; a busy machine takes longer for 50 ms."""

NO_TIME = DEADLINE / 4
"""What a call takes that waits for nobody."""


def client_of(cache: Cache) -> Valkey:
    assert isinstance(cache, ValkeyCache)
    return cache._client


def connections(cache: Cache) -> tuple[int, int]:
    """How many are in use and how many there are."""
    pool = client_of(cache).connection_pool
    in_use = len(pool._in_use_connections)
    return in_use, in_use + len(pool._available_connections)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where a Valkey that wants a password listens, by scheme."""
    socket = tmp_path_factory.mktemp("v") / "s"
    server = Server(unixsocket=str(socket))
    server.ask("CONFIG SET", "requirepass", "the-right-one")
    yield {"valkey": f"127.0.0.1:{server.port}", "unix": str(socket)}
    server.kill()


@pytest.fixture
async def shaky(victim: Server, open_at: Opening) -> Cache:
    """A cache on the victim that gives up soon."""
    return open_at(victim.url, timeout=DEADLINE)


class TestAStoredAnswer:
    async def test_comes_back_unchanged(self, cache: Cache, hook: RecordingHook) -> None:
        entry = fresh(b"\x00answer\r\n\xff")
        await cache.put({"a": entry})
        [found] = await cache.get(["a"])
        assert found
        assert found.body == entry.body
        assert (found.made, found.fresh_until) == pytest.approx((entry.made, entry.fresh_until), abs=0.01)
        assert (hook.hits, hook.misses, hook.failures) == ({"valkey": 1}, {"valkey": 0}, {})

    async def test_comes_back_in_its_place_among_misses(self, cache: Cache, hook: RecordingHook) -> None:
        await cache.put({"a": fresh(b"A"), "c": fresh(b"C")})
        assert await bodies(cache, ["x", "c", "y", "a", "c"]) == [None, b"C", None, b"A", b"C"]
        assert (hook.hits, hook.misses, hook.failures) == ({"valkey": 3}, {"valkey": 2}, {})

    async def test_is_kept_for_as_long_as_it_may_be_used(self, cache: Cache, server: Server) -> None:
        await cache.put({"a": fresh(b"A"), "b": fresh(b"B")})
        assert [665 <= server.ask("TTL", key) <= 666 for key in ("a", "b")] == [True, True]

    async def test_is_found_stale_but_not_expired(self, cache: Cache, hook: RecordingHook) -> None:
        stale, expired = fresh(b"stale", age=650), fresh(b"expired", age=670)
        await cache.put({"stale": stale, "expired": expired})
        assert await bodies(cache, ["stale", "expired"]) == [b"stale", None]
        assert (hook.hits, hook.misses, hook.failures) == ({"valkey": 1}, {"valkey": 1}, {})

    async def test_too_large_is_left_out(self, cache: Cache, hook: RecordingHook) -> None:
        await cache.put({"large": fresh(b"x" * (MAX_SIZE + 1)), "small": fresh(b"x")})
        assert await bodies(cache, ["large", "small"]) == [None, b"x"]
        assert hook.failures == {("put", "too_large"): 1}

    async def test_of_no_fixture_costs_nothing(self, cache: Cache, hook: RecordingHook) -> None:
        await cache.put({})
        assert await cache.get([]) == []
        assert (hook.hits, hook.misses, hook.failures) == ({}, {}, {})


class TestAClockThatJumps:
    """That of the day does; the one that answers age by does not."""

    @pytest.fixture
    def jumping(self, cache: Cache, clock: Hand) -> Cache:
        assert isinstance(cache, ValkeyCache)
        clock.now = time.time()
        cache._clock = Clock(unix=clock)
        return cache

    @pytest.mark.parametrize("seconds", [-30.0, 30.0])
    async def test_by_a_little_moves_an_answer_as_little(
        self, jumping: Cache, clock: Hand, seconds: float
    ) -> None:
        entry = fresh(b"A")
        await jumping.put({"a": entry})
        clock.now += seconds
        [found] = await jumping.get(["a"])
        assert found
        assert found.made == pytest.approx(entry.made - seconds, abs=0.5)
        assert found.fresh_until <= time.monotonic() + LIFETIME.freshest

    @pytest.mark.parametrize("seconds", [-1e6, 1e6])
    async def test_by_much_leaves_nothing_to_be_found(
        self, jumping: Cache, clock: Hand, seconds: float
    ) -> None:
        await jumping.put({"a": fresh(b"A")})
        clock.now += seconds
        assert await jumping.get(["a"]) == [None]
        await jumping.put({"a": fresh(b"B")})
        assert await bodies(jumping, ["a"]) == [b"B"]


class TestAValueThatIsNotOurs:
    @pytest.mark.parametrize(
        "value",
        [
            b"",
            b"garbage",
            b"x" * 1_000_000,
            seal("key", fresh(b"answer"))[:-1],
            seal("other key", fresh(b"answer")),
            b"\x01" + seal("key", fresh(b"answer"))[1:],
            seal("key", Entry(b"answer", 2.0, 1.0)),
        ],
        ids=["empty", "garbage", "1 MB", "truncated", "another's", "another version", "senseless"],
    )
    async def test_is_a_miss_and_is_told(
        self, value: bytes, cache: Cache, server: Server, hook: RecordingHook
    ) -> None:
        server.ask("SET", "key", value)
        assert await cache.get(["key"]) == [None]
        assert await cache.get(["none", "key"]) == [None, None]
        assert (hook.hits, hook.misses) == ({"valkey": 0}, {"valkey": 3})
        assert hook.failures == {("get", "corrupt"): 2}

    async def test_of_the_wrong_type_is_a_miss(
        self, cache: Cache, server: Server, hook: RecordingHook
    ) -> None:
        server.ask("RPUSH", "key", "a list")
        assert await cache.get(["key"]) == [None]
        assert await cache.get(["none", "key"]) == [None, None]
        assert hook.misses == {"valkey": 3}
        assert hook.failures == {("get", "corrupt"): 1}

    async def test_makes_room_for_an_answer(self, cache: Cache, server: Server) -> None:
        server.ask("RPUSH", "key", "a list")
        await cache.put({"key": fresh(b"answer")})
        assert await bodies(cache, ["key"]) == [b"answer"]


class TestAValkeyThatFails:
    async def test_is_used_when_it_comes_up_after_us(self, open_at: Opening, hook: RecordingHook) -> None:
        with running() as server:
            with killed(server):
                cache = open_at(server.url)
                await cache.put({"a": fresh(b"A")})
                assert await cache.get(["a"]) == [None]
            assert hook.failures == {("put", "connection"): 1, ("get", "connection"): 1}
            await soon(cache, {"a": b"A"})

    async def test_killed_and_restarted_is_used_again(
        self, shaky: Cache, victim: Server, hook: RecordingHook
    ) -> None:
        await soon(shaky, {"a": b"A"})
        hook.failures.clear()
        with killed(victim):
            answers = await asyncio.gather(*(shaky.get(["a"]) for _ in range(3 * CONNECTIONS)))
        assert answers == [[None]] * 3 * CONNECTIONS
        assert hook.failures.total() == 3 * CONNECTIONS
        assert hook.failures["get", "connection"] > 0
        await soon(shaky, {"a": b"A"})
        assert hook.circuits == [True, False]

    async def test_frozen_takes_no_longer_than_the_deadline(
        self, shaky: Cache, victim: Server, hook: RecordingHook
    ) -> None:
        await soon(shaky, {"a": b"A"})
        hook.failures.clear()
        with frozen(victim):
            started = time.monotonic()
            async with asyncio.TaskGroup() as calls:
                gets = [calls.create_task(shaky.get(["a"])) for _ in range(200)]
                calls.create_task(shaky.put({"a": fresh(b"A")}))
            taken = time.monotonic() - started
        assert taken < 100 * DEADLINE  # far from one after the other
        assert [get.result() for get in gets] == [[None]] * 200
        assert hook.failures == {("get", "timeout"): 200, ("put", "timeout"): 1}
        await soon(shaky, {"a": b"A"})

    async def test_that_cuts_its_replies_short_is_survived(
        self, server: Server, open_at: Opening, hook: RecordingHook
    ) -> None:
        async with Proxy(server.port).running() as proxy:
            cache = open_at(proxy.url)
            await cache.put({"a": fresh(b"A" * 1000)})
            proxy.cut = 20
            assert await cache.get(["a"]) == [None]
            assert hook.failures == {("get", "connection"): 1}
            proxy.cut = None
            assert await bodies(cache, ["a"]) == [b"A" * 1000]

    async def test_out_of_memory_refuses_and_goes_on_answering(
        self, open_at: Opening, hook: RecordingHook
    ) -> None:
        with running(**{"maxmemory": "1", "maxmemory-policy": "noeviction"}) as server:
            cache = open_at(server.url)
            for _ in range(10):
                await cache.put({"a": fresh(b"A"), "b": fresh(b"B")})
            assert await cache.get(["a"]) == [None]
        assert hook.failures == {("put", "refused"): 10}
        assert hook.circuits == []


class TestTheCircuit:
    async def test_spares_all_but_the_first_calls_a_frozen_valkey(
        self, shaky: Cache, victim: Server, hook: RecordingHook
    ) -> None:
        await soon(shaky, {"a": b"A"})
        hook.failures.clear()
        taken = []
        with frozen(victim):
            for _ in range(203):
                started = time.monotonic()
                assert await shaky.get(["a"]) == [None]
                taken.append(time.monotonic() - started)
                await asyncio.sleep(0.01)  # so that probes fall among them
        assert min(taken[:3]) > NO_TIME
        assert statistics.median(taken[3:]) < NO_TIME
        assert hook.failures["get", "timeout"] >= 4
        assert hook.failures["get", "open"] == 200
        assert hook.circuits == [True]
        await soon(shaky, {"a": b"A"})

    async def test_is_told_in_the_log_when_it_closes(
        self, shaky: Cache, victim: Server, hook: RecordingHook, caplog: pytest.LogCaptureFixture
    ) -> None:
        await soon(shaky, {"a": b"A"})
        with caplog.at_level(logging.INFO, logger="sabiscore.cache.valkey"):
            with killed(victim):
                for _ in range(5):
                    await shaky.get(["a"])
            await soon(shaky, {"a": b"A"})
        assert hook.circuits == [True, False]
        assert [line.getMessage() for line in caplog.records] == [
            f"cache at {victim.url}: get failed (connection); answering without it",
            f"cache at {victim.url} answers again",
        ]

    async def test_stays_closed_over_cancelled_calls(
        self, victim: Server, shaky: Cache, hook: RecordingHook
    ) -> None:
        await soon(shaky, {"a": b"A"})
        with frozen(victim):
            for _ in range(10):
                call = asyncio.create_task(shaky.get(["a"]))
                await asyncio.sleep(0.001)
                call.cancel()
        await soon(shaky, {"a": b"A"})
        assert hook.circuits == []


class TestAWrongPassword:
    @pytest.mark.parametrize("credentials", ["", "someone:s3cr3t@", ":s3cr3t@"])
    @pytest.mark.parametrize("scheme", ["valkey", "unix"])
    async def test_is_a_cache_that_fails_and_tells_no_secret(
        self,
        *,
        scheme: str,
        credentials: str,
        places: dict[str, str],
        open_at: Opening,
        hook: RecordingHook,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        cache = open_at(f"{scheme}://{credentials}{places[scheme]}")
        await cache.put({"a": fresh(b"A")})
        assert await cache.get(["a"]) == [None]
        assert hook.failures == {("put", "auth"): 1, ("get", "auth"): 1}
        assert places[scheme] in caplog.text
        assert "s3cr3t" not in f"{caplog.text} {cache!r} {client_of(cache)!r}"


class TestTheRightPassword:
    @pytest.mark.parametrize("scheme", ["valkey", "unix"])
    async def test_lets_us_in_to_any_database(
        self, scheme: str, places: dict[str, str], open_at: Opening
    ) -> None:
        cache = open_at(f"{scheme}://default:the-right-one@{places[scheme]}?db=3")
        await cache.put({"a": fresh(b"A")})
        assert await bodies(cache, ["a"]) == [b"A"]


class TestACancelledCall:
    async def test_ends_at_once(self, victim: Server, open_at: Opening) -> None:
        cache = open_at(victim.url, timeout=60)
        await soon(cache, {"a": b"A"})
        with frozen(victim):
            call = asyncio.create_task(cache.get(["a"]))
            await asyncio.sleep(0.01)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        assert await bodies(cache, ["a"]) == [b"A"]

    async def test_leaves_no_reply_for_the_next_and_loses_no_connection(
        self, server: Server, open_at: Opening, hook: RecordingHook
    ) -> None:
        answers = {f"key {n}": f"answer {n}".encode() for n in range(50)}
        async with Proxy(server.port).running() as proxy:
            cache = open_at(proxy.url, timeout=10)
            await cache.put({key: fresh(body) for key, body in answers.items()})
            for seed in range(40):
                await self.cancel_some(cache, answers, random.Random(seed))  # noqa: S311
                proxy.delay = seed % 4 * 0.0005
                await self.assert_sound(cache, answers)
            in_use, there_are = connections(cache)
            assert (in_use, there_are <= CONNECTIONS) == (0, True)
            assert not hook.failures

    async def cancel_some(self, cache: Cache, answers: dict[str, bytes], chance: random.Random) -> None:
        keys = list(answers)
        calls: list[asyncio.Task[object]] = []
        for _ in range(CONNECTIONS * 2):
            some = chance.sample(keys, chance.choice([1, 1, 3]))
            put = {key: fresh(answers[key]) for key in some}
            calls.append(asyncio.create_task(cache.get(some) if chance.random() < 0.5 else cache.put(put)))
        for call in calls:
            await asyncio.sleep(chance.choice([0, 0, 0.0005]))
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    async def assert_sound(self, cache: Cache, answers: dict[str, bytes]) -> None:
        async with asyncio.TaskGroup() as calls:
            found = {key: calls.create_task(bodies(cache, [key])) for key in answers}
        assert {key: call.result() for key, call in found.items()} == {
            key: [value] for key, value in answers.items()
        }

    @pytest.mark.parametrize("together", [False, True])
    async def test_ten_thousand_times_leaves_the_pool_as_it_was(
        self, *, together: bool, server: Server, open_at: Opening, hook: RecordingHook
    ) -> None:
        cache = open_at(server.url, timeout=10)
        asked: Cache = Coalescing(cache) if together else cache
        await cache.put({"a": fresh(b"A")})
        assert await asyncio.gather(*(bodies(cache, ["a"]) for _ in range(100))) == [[b"A"]] * 100
        before = connections(cache)
        for turn in range(100):
            calls = [asyncio.create_task(asked.get(["a"])) for _ in range(100)]
            for _ in range(turn % 5):
                await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        assert await bodies(asked, ["a"]) == [b"A"]
        async with asyncio.timeout(LONG):
            while connections(cache)[0]:  # noqa: ASYNC110 - nobody tells when what was given up is answered
                await asyncio.sleep(0.01)
        assert connections(cache) == before == (0, CONNECTIONS)
        assert not hook.failures


class TestManyCallsAtOnce:
    async def test_share_a_bounded_pool(self, cache: Cache, server: Server, hook: RecordingHook) -> None:
        await cache.put({"a": fresh(b"A")})
        assert await asyncio.gather(*(bodies(cache, ["a"]) for _ in range(200))) == [[b"A"]] * 200
        ours = [each for each in server.ask("CLIENT LIST") if each["name"] == "sabiscore"]
        assert 1 <= len(ours) <= CONNECTIONS
        assert (hook.hits, hook.failures) == ({"valkey": 200}, {})


class TestTheLog:
    async def test_has_one_line_for_many_failures(
        self, open_at: Opening, caplog: pytest.LogCaptureFixture
    ) -> None:
        cache = open_at("valkey://127.0.0.1:1")
        for _ in range(20):
            await cache.get(["a"])
        assert [(line.levelno, line.getMessage()) for line in caplog.records] == [
            (
                logging.WARNING,
                "cache at valkey://127.0.0.1:1: get failed (connection); answering without it",
            )
        ]
