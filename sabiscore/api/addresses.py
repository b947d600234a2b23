"""Who asks, by address: that of the connection, or the one that a trusted proxy saw."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from sabiscore.errors import SettingsError

Network: TypeAlias = IPv4Network | IPv6Network

HOME = 64
"""Bits of an IPv6 address that one customer has alike."""


class Addresses:
    """Knows which proxies to believe."""

    def __init__(self, trusted: str) -> None:
        """``trusted`` are addresses or networks, separated by commas.

        Raises:
            SettingsError: one is neither.
        """
        try:
            self._trusted = [ip_network(each.strip()) for each in trusted.split(",") if each.strip()]
        except ValueError as error:
            raise SettingsError(f"SABISCORE_TRUSTED_PROXIES: {error}") from error
        self._is_trusted = lru_cache(maxsize=1024)(self._belongs)

    def asking(self, peer: str, forwarded: str) -> str:
        """The address behind ``peer``: the last one in ``forwarded`` (X-Forwarded-For) that is no proxy of ours."""
        seen = [each.strip() for each in forwarded.split(",") if each.strip()]
        while seen and self._is_trusted(peer):
            peer = seen.pop()
        return _home(peer)

    def _belongs(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        return any(address.version == each.version and address in each for each in self._trusted)


@lru_cache(maxsize=1024)
def _home(text: str) -> str:
    """What is counted as one: an IPv4 address, or a /64; what is no address is nobody's."""
    try:
        address = ip_address(text)
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or ip_network((int(address), HOME), strict=False))
