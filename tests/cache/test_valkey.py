import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from sabiscore.cache.envelope import MAX_SIZE, seal
from sabiscore.cache.valkey import CONNECTIONS, ValkeyCache, connect
from sabiscore.errors import SettingsError

from .conftest import DEADLINE
from .hooks import RecordingHook
from .servers import Proxy, Server

SLACK = 0.25


@pytest.fixture(scope="module")
def victim() -> Iterator[Server]:
    """A Valkey that may be hurt; each test leaves it running."""
    server = Server()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where a Valkey that wants a password listens, by scheme."""
    socket = tmp_path_factory.mktemp("v") / "s"
    server = Server(unixsocket=str(socket))
    server.ask("CONFIG SET", "requirepass", "the-right-one")
    yield {"valkey": f"127.0.0.1:{server.port}", "unix": str(socket)}
    server.kill()


@pytest.fixture
async def shaky(victim: Server, hook: RecordingHook) -> AsyncIterator[ValkeyCache]:
    """A cache on the victim, with the deadline that an operator has by default."""
    cache = connect(victim.url, ttl=60, timeout=0.05, hook=hook)
    yield cache
    await cache.close()


async def soon(cache: ValkeyCache, key: str, value: bytes) -> None:
    """Wait until the cache stores and finds again, by itself."""
    async with asyncio.timeout(5):
        while await cache.get([key]) != [value]:
            await cache.put({key: value})
            await asyncio.sleep(0.01)


class TestAStoredAnswer:
    async def test_comes_back_unchanged(self, cache: ValkeyCache, hook: RecordingHook) -> None:
        await cache.put({"a": b"\x00answer\r\n\xff"})
        assert await cache.get(["a"]) == [b"\x00answer\r\n\xff"]
        assert (hook.hits, hook.misses, hook.failures) == (1, 0, {})

    async def test_comes_back_in_its_place_among_misses(
        self, cache: ValkeyCache, hook: RecordingHook
    ) -> None:
        await cache.put({"a": b"A", "c": b"C"})
        assert await cache.get(["x", "c", "y", "a", "c"]) == [None, b"C", None, b"A", b"C"]
        assert (hook.hits, hook.misses, hook.failures) == (3, 2, {})

    async def test_is_kept_for_the_ttl(self, cache: ValkeyCache, server: Server) -> None:
        await cache.put({"a": b"A", "b": b"B"})
        assert [59 <= server.ask("TTL", key) <= 60 for key in ("a", "b")] == [True, True]

    async def test_too_large_is_left_out(self, cache: ValkeyCache, hook: RecordingHook) -> None:
        await cache.put({"large": b"x" * (MAX_SIZE + 1), "small": b"x"})
        assert await cache.get(["large", "small"]) == [None, b"x"]
        assert hook.failures == {("put", "too_large"): 1}

    async def test_of_no_fixture_costs_nothing(self, cache: ValkeyCache, hook: RecordingHook) -> None:
        await cache.put({})
        assert await cache.get([]) == []
        assert (hook.hits, hook.misses, hook.failures) == (0, 0, {})


class TestAValueThatIsNotOurs:
    @pytest.mark.parametrize(
        "value",
        [
            b"",
            b"garbage",
            b"x" * 1_000_000,
            seal("key", b"answer")[:-1],
            seal("other key", b"answer"),
            b"\x02" + seal("key", b"answer")[1:],
        ],
        ids=["empty", "garbage", "1 MB", "truncated", "another's", "another version"],
    )
    async def test_is_a_miss_and_is_told(
        self, value: bytes, cache: ValkeyCache, server: Server, hook: RecordingHook
    ) -> None:
        server.ask("SET", "key", value)
        assert await cache.get(["key"]) == [None]
        assert await cache.get(["none", "key"]) == [None, None]
        assert (hook.hits, hook.misses) == (0, 3)
        assert hook.failures == {("get", "corrupt"): 2}

    async def test_of_the_wrong_type_is_a_miss(
        self, cache: ValkeyCache, server: Server, hook: RecordingHook
    ) -> None:
        server.ask("RPUSH", "key", "a list")
        assert await cache.get(["key"]) == [None]
        assert await cache.get(["none", "key"]) == [None, None]
        assert (hook.hits, hook.misses) == (0, 3)
        assert hook.failures == {("get", "corrupt"): 1}

    async def test_makes_room_for_an_answer(self, cache: ValkeyCache, server: Server) -> None:
        server.ask("RPUSH", "key", "a list")
        await cache.put({"key": b"answer"})
        assert await cache.get(["key"]) == [b"answer"]


class TestAValkeyThatFails:
    async def test_is_used_when_it_comes_up_after_us(self, hook: RecordingHook) -> None:
        server = Server()
        server.kill()
        cache = connect(server.url, ttl=60, timeout=DEADLINE, hook=hook)
        await cache.put({"a": b"A"})
        assert await cache.get(["a"]) == [None]
        assert hook.failures == {("put", "connection"): 1, ("get", "connection"): 1}
        server.start()
        await soon(cache, "a", b"A")
        await cache.close()
        server.kill()

    async def test_killed_and_restarted_is_used_again(
        self, shaky: ValkeyCache, victim: Server, hook: RecordingHook
    ) -> None:
        await soon(shaky, "a", b"A")
        hook.failures.clear()
        victim.kill()
        answers = await asyncio.gather(*(shaky.get(["a"]) for _ in range(3 * CONNECTIONS)))
        assert answers == [[None]] * 3 * CONNECTIONS
        assert hook.failures.total() == 3 * CONNECTIONS
        assert hook.failures["get", "connection"] > 0
        victim.start()
        await soon(shaky, "a", b"A")

    async def test_frozen_takes_no_longer_than_the_deadline(
        self, shaky: ValkeyCache, victim: Server, hook: RecordingHook
    ) -> None:
        await soon(shaky, "a", b"A")
        hook.failures.clear()
        victim.freeze()
        started = time.monotonic()
        async with asyncio.TaskGroup() as calls:
            gets = [calls.create_task(shaky.get(["a"])) for _ in range(200)]
            calls.create_task(shaky.put({"a": b"A"}))
        taken = time.monotonic() - started
        victim.thaw()
        assert taken < 0.05 + SLACK
        assert [get.result() for get in gets] == [[None]] * 200
        assert hook.failures["get", "timeout"] == 200
        assert hook.failures["put", "timeout"] == 1
        await soon(shaky, "a", b"A")

    async def test_that_cuts_its_replies_short_is_survived(self, server: Server, hook: RecordingHook) -> None:
        async with Proxy(server.port).running() as proxy:
            cache = connect(proxy.url, ttl=60, timeout=DEADLINE, hook=hook)
            await cache.put({"a": b"A" * 1000})
            proxy.cut = 20
            assert await cache.get(["a"]) == [None]
            assert hook.failures == {("get", "connection"): 1}
            proxy.cut = None
            assert await cache.get(["a"]) == [b"A" * 1000]
            await cache.close()

    async def test_out_of_memory_refuses_and_goes_on_answering(self, hook: RecordingHook) -> None:
        server = Server(**{"maxmemory": "1", "maxmemory-policy": "noeviction"})
        cache = connect(server.url, ttl=60, timeout=DEADLINE, hook=hook)
        await cache.put({"a": b"A", "b": b"B"})
        assert await cache.get(["a"]) == [None]
        assert hook.failures == {("put", "refused"): 1}
        await cache.close()
        server.kill()


class TestAWrongPassword:
    @pytest.mark.parametrize("credentials", ["", "someone:s3cr3t@", ":s3cr3t@"])
    @pytest.mark.parametrize("scheme", ["valkey", "unix"])
    async def test_is_a_cache_that_fails_and_tells_no_secret(
        self,
        scheme: str,
        credentials: str,
        places: dict[str, str],
        hook: RecordingHook,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        url = f"{scheme}://{credentials}{places[scheme]}"
        cache = connect(url, ttl=60, timeout=DEADLINE, hook=hook)
        await cache.put({"a": b"A"})
        assert await cache.get(["a"]) == [None]
        assert hook.failures == {("put", "auth"): 1, ("get", "auth"): 1}
        assert places[scheme] in caplog.text
        assert "s3cr3t" not in f"{caplog.text} {cache!r} {cache._client!r}"
        await cache.close()

    async def test_in_a_malformed_url_is_not_in_the_error(self, hook: RecordingHook) -> None:
        with pytest.raises(SettingsError) as refused:
            connect("valkey://someone:s3cr3t@host:port", ttl=60, timeout=DEADLINE, hook=hook)
        assert "s3cr3t" not in str(refused.value)


class TestACancelledCall:
    async def test_ends_at_once(self, victim: Server, hook: RecordingHook) -> None:
        frozen = connect(victim.url, ttl=60, timeout=60, hook=hook)
        await soon(frozen, "a", b"A")
        victim.freeze()
        call = asyncio.create_task(frozen.get(["a"]))
        await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        victim.thaw()
        assert await frozen.get(["a"]) == [b"A"]
        await frozen.close()

    async def test_leaves_no_reply_for_the_next_and_loses_no_connection(
        self, server: Server, hook: RecordingHook
    ) -> None:
        answers = {f"key {n}": f"answer {n}".encode() for n in range(50)}
        async with Proxy(server.port).running() as proxy:
            cache = connect(proxy.url, ttl=60, timeout=10, hook=hook)
            await cache.put(answers)
            for seed in range(40):
                await self.cancel_some(cache, answers, random.Random(seed))  # noqa: S311
                proxy.delay = seed % 4 * 0.0005
                await self.assert_sound(cache, answers)
            assert len(cache._client.connection_pool._available_connections) <= CONNECTIONS
            assert not cache._client.connection_pool._in_use_connections
            assert not hook.failures
            await cache.close()

    async def cancel_some(self, cache: ValkeyCache, answers: dict[str, bytes], chance: random.Random) -> None:
        keys = list(answers)
        calls: list[asyncio.Task[object]] = []
        for _ in range(CONNECTIONS * 2):
            some = chance.sample(keys, chance.choice([1, 1, 3]))
            put = {key: answers[key] for key in some}
            calls.append(asyncio.create_task(cache.get(some) if chance.random() < 0.5 else cache.put(put)))
        for call in calls:
            await asyncio.sleep(chance.choice([0, 0, 0.0005]))
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    async def assert_sound(self, cache: ValkeyCache, answers: dict[str, bytes]) -> None:
        async with asyncio.TaskGroup() as calls:
            found = {key: calls.create_task(cache.get([key])) for key in answers}
        assert {key: call.result() for key, call in found.items()} == {
            key: [value] for key, value in answers.items()
        }


class TestManyCallsAtOnce:
    async def test_share_a_bounded_pool(
        self, cache: ValkeyCache, server: Server, hook: RecordingHook
    ) -> None:
        await cache.put({"a": b"A"})
        assert await asyncio.gather(*(cache.get(["a"]) for _ in range(200))) == [[b"A"]] * 200
        ours = [each for each in server.ask("CLIENT LIST") if each["name"] == "sabiscore"]
        assert 1 <= len(ours) <= CONNECTIONS
        assert (hook.hits, hook.failures) == (200, {})


class TestTheLog:
    async def test_has_one_line_for_many_failures(
        self, hook: RecordingHook, caplog: pytest.LogCaptureFixture
    ) -> None:
        cache = connect("valkey://127.0.0.1:1", ttl=60, timeout=DEADLINE, hook=hook)
        for _ in range(20):
            await cache.get(["a"])
        await cache.close()
        assert [(line.levelno, line.getMessage()) for line in caplog.records] == [
            (
                logging.WARNING,
                "cache at valkey://127.0.0.1:1: get failed (connection); answering without it",
            )
        ]
