"""The cache that the settings ask for, put together."""

import logging

from sabiscore.cache.behind import WriteBehind
from sabiscore.cache.clients import Clients
from sabiscore.cache.coalesce import Coalescing
from sabiscore.cache.entry import Lifetime
from sabiscore.cache.layers import LayeredCache, Memory
from sabiscore.cache.lru import Lru
from sabiscore.cache.protocol import Cache, CacheHook, NoCache
from sabiscore.cache.routed import RoutedCache
from sabiscore.cache.topology import ClusterGuide, SentinelGuide
from sabiscore.cache.url import Address, read, shown
from sabiscore.cache.valkey import ValkeyCache
from sabiscore.settings import Settings

log = logging.getLogger(__name__)


def lifetime_of(settings: Settings) -> Lifetime:
    """How long answers may be used, by the settings."""
    return Lifetime(settings.cache_ttl, settings.cache_stale)


def open_cache(settings: Settings, *, hook: CacheHook) -> Cache:
    """This process's memory over the Valkey of the settings, written behind the answer; either may be absent.

    To be called where an event loop runs; `close` it there too. Nothing is sent yet.

    Raises:
        SettingsError: the URL is invalid.
    """
    lifetime = lifetime_of(settings)
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


def connect(url: str, *, lifetime: Lifetime, timeout: float, hook: CacheHook) -> Cache:
    """The cache at ``url``; nothing is sent yet, so a Valkey that is down is no error.

    Args:
        url: as `sabiscore.cache.url` describes.
        lifetime: how long entries are kept and may be used.
        timeout: seconds that a call may last in all.
        hook: told of each look-up, each failure and each turn of the circuit breaker.

    Raises:
        SettingsError: the URL is invalid.
    """
    place = read(url)
    clients = Clients(place, timeout=timeout)
    if place.kind in ("socket", "server"):
        client = clients.at_socket() if place.kind == "socket" else clients.at(place.hosts[0])
        return ValkeyCache(client, place=shown(url), lifetime=lifetime, timeout=timeout, hook=hook)

    def open_server(address: Address, hook: CacheHook) -> ValkeyCache:
        return ValkeyCache(
            clients.at(address),
            place=f"{shown(url)} on {address[0]}:{address[1]}",
            lifetime=lifetime,
            timeout=timeout,
            hook=hook,
            across_slots=place.kind == "cluster",
        )

    guide = ClusterGuide(place, clients) if place.kind == "cluster" else SentinelGuide(place, clients)
    return RoutedCache(guide, open_server, place=shown(url), timeout=timeout, hook=hook)
