import logging

import pytest

from benchmarks.faults.servers import Server
from sabiscore.cache.factory import open_cache
from sabiscore.cache.protocol import NoCache
from sabiscore.errors import SettingsError
from sabiscore.settings import Settings

from .entries import bodies, fresh
from .hooks import RecordingHook


class TestTheCacheThatTheSettingsAskFor:
    async def test_is_memory_over_the_valkey_at_the_url(self, server: Server, hook: RecordingHook) -> None:
        settings = Settings(valkey_url=server.url, cache_ttl=100, cache_stale=50, cache_timeout=5)
        cache = open_cache(settings, hook=hook)
        await cache.put({"from the factory": fresh(b"A")})
        assert await bodies(cache, ["from the factory", "x"]) == [b"A", None]
        assert (hook.hits, hook.misses) == ({"memory": 1, "valkey": 0}, {"memory": 1, "valkey": 1})
        await cache.close()
        assert 150 < server.ask("TTL", "from the factory") <= 160

    async def test_finds_what_another_worker_was_asked_for_twice(
        self, server: Server, hook: RecordingHook
    ) -> None:
        settings = Settings(valkey_url=server.url, cache_timeout=5)
        one, other = open_cache(settings, hook=hook), open_cache(settings, hook=hook)
        await one.put({"by another": fresh(b"A")})
        await one.get(["by another"])
        await one.close()
        assert await bodies(other, ["by another"]) == [b"A"]
        assert await bodies(other, ["by another"]) == [b"A"]
        assert (hook.hits, hook.misses) == ({"memory": 2, "valkey": 1}, {"memory": 1, "valkey": 0})
        await other.close()

    async def test_is_memory_alone_and_a_log_line_without_a_url(
        self, hook: RecordingHook, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO, logger="sabiscore"):
            cache = open_cache(Settings(), hook=hook)
        await cache.put({"a": fresh(b"A")})
        assert await bodies(cache, ["a"]) == [b"A"]
        assert [(line.levelname, line.getMessage()) for line in caplog.records] == [
            ("INFO", "no SABISCORE_VALKEY_URL: answers are cached in this process only")
        ]

    async def test_is_bounded_as_they_say(self, hook: RecordingHook) -> None:
        few = open_cache(Settings(cache_entries=2), hook=hook)
        small = open_cache(Settings(cache_bytes=20_000), hook=hook)
        for cache in (few, small):
            for key in "abc":
                await cache.put({key: fresh(b"x" * 8000)})
            assert [entry is not None for entry in await cache.get(list("abc"))] == [False, True, True]

    async def test_is_valkey_alone_without_entries(self, server: Server, hook: RecordingHook) -> None:
        settings = Settings(valkey_url=server.url, cache_entries=0, cache_timeout=5)
        cache = open_cache(settings, hook=hook)
        assert await bodies(cache, ["none"]) == [None]
        assert (hook.hits, hook.misses) == ({"valkey": 0}, {"valkey": 1})
        await cache.close()

    async def test_is_none_without_either(self, hook: RecordingHook) -> None:
        assert isinstance(open_cache(Settings(cache_entries=0), hook=hook), NoCache)

    async def test_is_refused_where_the_url_makes_no_sense(self, hook: RecordingHook) -> None:
        with pytest.raises(SettingsError, match="SABISCORE_VALKEY_URL"):
            open_cache(Settings(valkey_url="localhost:6379"), hook=hook)
