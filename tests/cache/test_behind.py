import asyncio

import pytest

from sabiscore.cache import behind
from sabiscore.cache.behind import WriteBehind

from .entries import DictCache, bodies, fresh
from .hooks import RecordingHook


@pytest.fixture
async def slow() -> DictCache:
    """Stores when it is let."""
    cache = DictCache()
    cache.may_go_on.clear()
    return cache


class TestPutBehindTheAnswer:
    async def test_returns_before_it_is_stored(self, slow: DictCache, hook: RecordingHook) -> None:
        cache = WriteBehind(slow, hook=hook)
        await cache.put({"a": fresh(b"A")})
        assert slow.stored == {}
        slow.may_go_on.set()
        await cache.close()
        assert await bodies(cache, ["a"]) == [b"A"]

    async def test_is_one_for_all_of_a_turn(self, slow: DictCache, hook: RecordingHook) -> None:
        cache = WriteBehind(slow, hook=hook)
        slow.may_go_on.set()
        for key in "abc":
            await cache.put({key: fresh(b"answer")})
        await asyncio.sleep(0.01)
        await cache.put({"d": fresh(b"answer")})
        await cache.close()
        assert slow.told == [["a", "b", "c"], ["d"]]

    async def test_is_dropped_while_too_many_wait(self, slow: DictCache, hook: RecordingHook) -> None:
        cache = WriteBehind(slow, hook=hook, pending=2)
        for key in "abc":
            await cache.put({key: fresh(b"answer")})
            await asyncio.sleep(0.01)
        assert hook.failures == {("put", "dropped"): 1}
        slow.may_go_on.set()
        await asyncio.sleep(0.01)
        await cache.put({"d": fresh(b"answer")})
        await cache.close()
        assert sorted(slow.stored) == ["a", "b", "d"]

    async def test_is_dropped_within_a_turn_too(self, slow: DictCache, hook: RecordingHook) -> None:
        cache = WriteBehind(slow, hook=hook, pending=2)
        slow.may_go_on.set()
        for key in "abc":
            await cache.put({key: fresh(b"answer")})
        await cache.close()
        assert sorted(slow.stored) == ["a", "b"]
        assert hook.failures == {("put", "dropped"): 1}


class TestClose:
    async def test_waits_for_what_is_under_way(self, slow: DictCache, hook: RecordingHook) -> None:
        cache = WriteBehind(slow, hook=hook)
        await cache.put({"a": fresh(b"A")})
        asyncio.get_running_loop().call_later(0.02, slow.may_go_on.set)
        await cache.close()
        assert list(slow.stored) == ["a"]
        assert slow.closed

    async def test_gives_up_on_what_hangs(
        self, slow: DictCache, hook: RecordingHook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(behind, "PATIENCE", 0.01)
        cache = WriteBehind(slow, hook=hook)
        await cache.put({"a": fresh(b"A")})
        await cache.close()
        assert slow.stored == {}
        assert slow.closed
