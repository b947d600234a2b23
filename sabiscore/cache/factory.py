"""The cache that the settings ask for, put together."""

from sabiscore.cache.behind import WriteBehind
from sabiscore.cache.none import NoCache
from sabiscore.cache.protocol import Cache, CacheHook
from sabiscore.cache.valkey import connect
from sabiscore.settings import Settings


def open_cache(settings: Settings, *, hook: CacheHook) -> Cache:
    """A Valkey written behind the answer, or no cache where no URL is set.

    To be called where an event loop runs; `close` it there too. Nothing is sent yet.

    Raises:
        SettingsError: the URL makes no sense.
    """
    if not settings.valkey_url:
        return NoCache()
    valkey = connect(settings.valkey_url, ttl=settings.cache_ttl, timeout=settings.cache_timeout, hook=hook)
    return WriteBehind(valkey, hook=hook)
