"""The cache that the settings ask for, put together."""

import logging

from sabiscore.cache.behind import WriteBehind
from sabiscore.cache.coalesce import Coalescing
from sabiscore.cache.connect import connect
from sabiscore.cache.entry import Lifetime
from sabiscore.cache.layers import LayeredCache, Memory
from sabiscore.cache.lru import Lru
from sabiscore.cache.none import NoCache
from sabiscore.cache.protocol import Cache, CacheHook
from sabiscore.settings import Settings

log = logging.getLogger(__name__)


def open_cache(settings: Settings, *, hook: CacheHook) -> Cache:
    """This process's memory over the Valkey of the settings, written behind the answer; either may be absent.

    To be called where an event loop runs; `close` it there too. Nothing is sent yet.

    Raises:
        SettingsError: the URL makes no sense.
    """
    lifetime = Lifetime(settings.cache_ttl, settings.cache_stale)
    behind = _behind(settings, lifetime, hook)
    if not settings.cache_entries:
        return behind
    memory: Memory = Lru(entries=settings.cache_entries, size=settings.cache_bytes)
    return LayeredCache(memory, behind, lifetime=lifetime, hook=hook)


def _behind(settings: Settings, lifetime: Lifetime, hook: CacheHook) -> Cache:
    if not settings.valkey_url:
        if settings.cache_entries:
            log.info("no SABISCORE_VALKEY_URL: answers are cached in this process only")
        return NoCache()
    valkey = connect(settings.valkey_url, lifetime=lifetime, timeout=settings.cache_timeout, hook=hook)
    return WriteBehind(Coalescing(valkey), hook=hook)
