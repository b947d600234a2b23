import asyncio

import pytest

from sabiscore.cache.entry import Entry, Lifetime
from sabiscore.cache.layers import Held, LayeredCache, Memory, size_of
from sabiscore.cache.lru import Lru
from sabiscore.cache.protocol import NoCache
from sabiscore.clock import Clock
from tests.clocks import Hand

from .entries import DictCache
from .hooks import RecordingHook


@pytest.fixture
async def shared() -> DictCache:
    return DictCache()


@pytest.fixture
def memory() -> Memory:
    return Lru(entries=100, size=100_000)


@pytest.fixture
def cache(shared: DictCache, memory: Memory, hook: RecordingHook, clock: Hand) -> LayeredCache:
    return LayeredCache(memory, shared, lifetime=Lifetime(ttl=60, stale=600), hook=hook, clock=Clock(clock))


def made_at(now: float, body: bytes = b"answer") -> Entry:
    return Entry(body, now, now + 60)


class TestAnAnswerInMemory:
    async def test_is_there_at_once(self, cache: LayeredCache, shared: DictCache) -> None:
        entry = made_at(1000)
        await cache.put({"a": entry})
        assert await cache.get(["a"]) == [entry]
        assert shared.asked == []

    async def test_is_held_while_it_is_fresh(
        self, cache: LayeredCache, clock: Hand, hook: RecordingHook
    ) -> None:
        assert not cache.holds("a")
        await cache.put({"a": made_at(1000)})
        assert cache.holds("a")
        clock.now += 60
        assert not cache.holds("a")
        assert (hook.hits, hook.misses) == ({}, {})

    async def test_is_counted(self, cache: LayeredCache, hook: RecordingHook) -> None:
        await cache.put({"a": made_at(1000)})
        await cache.get(["a", "b", "a"])
        assert (hook.hits, hook.misses) == ({"memory": 2}, {"memory": 1})

    async def test_is_dropped_when_it_has_expired(
        self, cache: LayeredCache, memory: Memory, clock: Hand, hook: RecordingHook
    ) -> None:
        memory.keep("a", Held(made_at(1000), shared=False), 1)
        clock.now += 660
        assert await cache.get(["a"]) == [None]
        assert len(memory) == 0
        assert (hook.hits, hook.misses) == ({"memory": 0}, {"memory": 1})

    async def test_takes_the_room_of_its_bytes(self, cache: LayeredCache, memory: Memory) -> None:
        entry = made_at(1000, b"x" * 5000)
        await cache.put({"a": entry})
        assert memory.size == size_of("a", entry) > 5000


class TestAnAnswerBehind:
    async def test_is_none_that_was_asked_for_once(self, cache: LayeredCache, shared: DictCache) -> None:
        await cache.put({"a": made_at(1000)})
        await cache.get(["b"])
        assert shared.told == []

    async def test_is_one_that_was_asked_for_again_and_is_stored_once(
        self, cache: LayeredCache, shared: DictCache
    ) -> None:
        entries = {key: made_at(1000, key.encode()) for key in "abc"}
        await cache.put(entries)
        for _ in range(3):
            await cache.get(["a", "c", "a"])
        assert shared.stored == {"a": entries["a"], "c": entries["c"]}
        assert shared.told == [["a", "c"]]

    async def test_is_one_that_memory_has_no_room_for(self, cache: LayeredCache, shared: DictCache) -> None:
        large = made_at(1000, b"x" * 100_000)
        await cache.put({"a": made_at(1000), "b": large})
        assert shared.stored == {"b": large}

    async def test_is_made_anew_there_too(self, cache: LayeredCache, shared: DictCache, clock: Hand) -> None:
        await cache.put({"a": made_at(1000)})
        clock.now += 60
        await cache.get(["a"])
        assert shared.told == []
        newer = made_at(clock.now, b"newer")
        await cache.put({"a": newer})
        await cache.get(["a"])
        assert shared.stored == {"a": newer}
        assert shared.told == [["a"]]


class TestAnAnswerThatOnlyAnotherWorkerHas:
    async def test_is_found_behind_and_kept(self, cache: LayeredCache, shared: DictCache) -> None:
        entry = made_at(1000)
        shared.stored["b"] = entry
        await cache.put({"a": entry})
        for _ in range(3):
            assert await cache.get(["a", "b"]) == [entry, entry]
        assert shared.asked == [["b"]]
        assert shared.told == [["a"]]

    async def test_is_in_its_place_among_others(self, cache: LayeredCache, shared: DictCache) -> None:
        entries = {key: made_at(1000, key.encode()) for key in "abcd"}
        await cache.put({"a": entries["a"], "c": entries["c"]})
        shared.stored = {"b": entries["b"], "d": entries["d"]}
        assert await cache.get(list("dxcbay")) == [
            entries["d"],
            None,
            entries["c"],
            entries["b"],
            entries["a"],
            None,
        ]


class TestAStaleAnswerInMemory:
    async def test_is_replaced_by_the_one_that_another_worker_made(
        self, cache: LayeredCache, shared: DictCache, clock: Hand
    ) -> None:
        await cache.put({"a": made_at(1000)})
        clock.now += 60
        shared.stored["a"] = made_at(clock.now, b"newer")
        assert await cache.get(["a"]) == [made_at(clock.now, b"newer")]
        assert await cache.get(["a"]) == [made_at(clock.now, b"newer")]
        assert shared.asked == [["a"]]

    @pytest.mark.parametrize("theirs", [None, made_at(900)])
    async def test_is_served_where_no_fresher_one_is(
        self, theirs: Entry | None, cache: LayeredCache, shared: DictCache, clock: Hand
    ) -> None:
        await cache.put({"a": made_at(1000)})
        clock.now += 60
        shared.stored = {} if theirs is None else {"a": theirs}
        assert await cache.get(["a"]) == [made_at(1000)]

    async def test_does_not_undo_a_refresh_meanwhile(
        self, cache: LayeredCache, shared: DictCache, clock: Hand
    ) -> None:
        shared.stored["a"] = made_at(1000)
        shared.may_go_on.clear()
        call = asyncio.create_task(cache.get(["a"]))
        await asyncio.sleep(0)
        newer = made_at(clock.now + 1, b"newer")
        refresh = asyncio.create_task(cache.put({"a": newer}))
        await asyncio.sleep(0)
        shared.may_go_on.set()
        assert await call == [newer]
        assert await cache.get(["a"]) == [newer]
        await refresh


class TestMemoryAlone:
    async def test_is_a_cache(self, memory: Memory, hook: RecordingHook, clock: Hand) -> None:
        cache = LayeredCache(memory, NoCache(), lifetime=Lifetime(60, 600), hook=hook, clock=Clock(clock))
        assert await cache.get(["a"]) == [None]
        await cache.put({"a": made_at(1000)})
        assert await cache.get(["a"]) == [made_at(1000)]
        await cache.close()
        assert (hook.hits, hook.misses) == ({"memory": 1}, {"memory": 1})


class TestClose:
    async def test_closes_what_is_behind(self, cache: LayeredCache, shared: DictCache) -> None:
        await cache.close()
        assert shared.closed
