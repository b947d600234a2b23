from sabiscore.cache.none import NoCache


class TestNoCache:
    async def test_holds_nothing(self) -> None:
        cache = NoCache()
        await cache.put({"a": b"A"})
        assert await cache.get(["a", "b"]) == [None, None]
        await cache.close()
