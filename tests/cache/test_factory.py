import pytest

from sabiscore.cache.factory import open_cache
from sabiscore.cache.none import NoCache
from sabiscore.errors import SettingsError
from sabiscore.settings import Settings

from .hooks import RecordingHook
from .servers import Server


class TestTheCacheThatTheSettingsAskFor:
    async def test_is_none_without_a_url(self, hook: RecordingHook) -> None:
        assert isinstance(open_cache(Settings(), hook=hook), NoCache)

    async def test_is_the_valkey_at_the_url(self, server: Server, hook: RecordingHook) -> None:
        settings = Settings(valkey_url=server.url, cache_ttl=123, cache_timeout=0.5)
        cache = open_cache(settings, hook=hook)
        await cache.put({"from the factory": b"A"})
        await cache.close()
        assert 0 < server.ask("TTL", "from the factory") <= 123

    async def test_is_refused_where_the_url_makes_no_sense(self, hook: RecordingHook) -> None:
        with pytest.raises(SettingsError, match="SABISCORE_VALKEY_URL"):
            open_cache(Settings(valkey_url="localhost:6379"), hook=hook)
