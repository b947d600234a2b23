import asyncio
from collections.abc import Mapping, Sequence

import pytest

from sabiscore.cache import behind
from sabiscore.cache.behind import WriteBehind

from .hooks import RecordingHook


class SlowCache:
    """Stores when it is let."""

    def __init__(self) -> None:
        self.may_store = asyncio.Event()
        self.stored: dict[str, bytes] = {}
        self.closed = False

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        return [self.stored.get(key) for key in keys]

    async def put(self, items: Mapping[str, bytes]) -> None:
        await self.may_store.wait()
        self.stored.update(items)

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def slow() -> SlowCache:
    return SlowCache()


class TestPutBehindTheAnswer:
    async def test_returns_before_it_is_stored(self, slow: SlowCache, hook: RecordingHook) -> None:
        cache = WriteBehind(slow, hook=hook)
        await cache.put({"a": b"A"})
        assert await cache.get(["a"]) == [None]
        slow.may_store.set()
        await cache.close()
        assert await cache.get(["a"]) == [b"A"]

    async def test_is_dropped_while_too_many_wait(self, slow: SlowCache, hook: RecordingHook) -> None:
        cache = WriteBehind(slow, hook=hook, pending=2)
        for key in "abc":
            await cache.put({key: b"answer"})
        assert hook.failures == {("put", "dropped"): 1}
        slow.may_store.set()
        await asyncio.sleep(0.01)
        await cache.put({"d": b"answer"})
        await cache.close()
        assert sorted(slow.stored) == ["a", "b", "d"]


class TestClose:
    async def test_waits_for_what_is_under_way(self, slow: SlowCache, hook: RecordingHook) -> None:
        cache = WriteBehind(slow, hook=hook)
        await cache.put({"a": b"A"})
        asyncio.get_running_loop().call_later(0.02, slow.may_store.set)
        await cache.close()
        assert slow.stored == {"a": b"A"}
        assert slow.closed

    async def test_gives_up_on_what_hangs(
        self, slow: SlowCache, hook: RecordingHook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(behind, "PATIENCE", 0.01)
        cache = WriteBehind(slow, hook=hook)
        await cache.put({"a": b"A"})
        await cache.close()
        assert slow.stored == {}
        assert slow.closed
