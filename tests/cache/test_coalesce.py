import asyncio

import pytest

from sabiscore.cache.coalesce import Coalescing

from .entries import DictCache, bodies, fresh

STORED = {key: fresh(key.upper().encode()) for key in "abcdef"}


@pytest.fixture
async def behind() -> DictCache:
    return DictCache(STORED)


class TestLookUpsOfOneTurn:
    async def test_become_one(self, behind: DictCache) -> None:
        cache = Coalescing(behind)
        found = await asyncio.gather(*(bodies(cache, keys) for keys in (["a"], ["x", "b"], ["a"])))
        assert found == [[b"A"], [None, b"B"], [b"A"]]
        assert behind.asked == [["a", "x", "b", "a"]]

    async def test_are_not_those_of_the_next_turn(self, behind: DictCache) -> None:
        cache = Coalescing(behind)
        await bodies(cache, ["a"])
        await bodies(cache, ["b"])
        assert behind.asked == [["a"], ["b"]]

    async def test_are_bounded(self, behind: DictCache) -> None:
        cache = Coalescing(behind, most=2)
        found = await asyncio.gather(*(bodies(cache, [key]) for key in "abcde"), bodies(cache, list("fab")))
        assert found == [[b"A"], [b"B"], [b"C"], [b"D"], [b"E"], [b"F", b"A", b"B"]]
        assert behind.asked == [["a", "b"], ["c", "d"], ["e"], ["f", "a", "b"]]

    async def test_of_nothing_ask_nothing(self, behind: DictCache) -> None:
        assert await Coalescing(behind).get([]) == []
        assert behind.asked == []


class TestACancelledLookUp:
    async def test_disturbs_no_other(self, behind: DictCache) -> None:
        cache = Coalescing(behind)
        behind.may_go_on.clear()
        calls = [asyncio.create_task(bodies(cache, [key])) for key in "abc"]
        await asyncio.sleep(0.01)
        calls[0].cancel()
        behind.may_go_on.set()
        assert await asyncio.gather(*calls[1:]) == [[b"B"], [b"C"]]
        assert calls[0].cancelled()
        assert behind.asked == [["a", "b", "c"]]


class TestTheRest:
    async def test_is_passed_on(self, behind: DictCache) -> None:
        cache = Coalescing(behind)
        await cache.put({"g": fresh(b"G")})
        assert await bodies(cache, ["g"]) == [b"G"]

    async def test_is_heard_out_before_it_closes(self, behind: DictCache) -> None:
        cache = Coalescing(behind)
        call = asyncio.create_task(bodies(cache, ["a"]))
        await asyncio.sleep(0)
        await cache.close()
        assert await call == [b"A"]
        assert behind.closed
