from sabiscore.cache.protocol import NoCache

from .entries import fresh


class TestNoCache:
    async def test_holds_nothing(self) -> None:
        cache = NoCache()
        await cache.put({"a": fresh(b"A")})
        assert await cache.get(["a", "b"]) == [None, None]
        await cache.close()
