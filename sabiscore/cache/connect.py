"""The cache in the Valkey, the cluster or the master under sentinels that a URL names."""

from sabiscore.cache.clients import Clients
from sabiscore.cache.entry import Lifetime
from sabiscore.cache.protocol import Cache, CacheHook
from sabiscore.cache.routed import RoutedCache
from sabiscore.cache.topology import ClusterGuide, SentinelGuide
from sabiscore.cache.url import Address, read, shown
from sabiscore.cache.valkey import ValkeyCache


def connect(url: str, *, lifetime: Lifetime, timeout: float, hook: CacheHook) -> Cache:
    """The cache at ``url``; nothing is sent yet, so a Valkey that is down is no error.

    Args:
        url: as `sabiscore.cache.url` describes.
        lifetime: how long entries are kept and may be used.
        timeout: seconds that a call may last in all.
        hook: told of each look-up, each failure and each turn of the circuit breaker.

    Raises:
        SettingsError: the URL makes no sense.
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
