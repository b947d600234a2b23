"""How often one may ask: counted in Valkey for all workers and machines, in this process while that does not answer."""

import asyncio
import importlib
import logging
from math import ceil
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from sabiscore.api.responses import Header
from sabiscore.cache.url import Address, Credentials, Place, read
from sabiscore.clock import CLOCK, Clock
from sabiscore.errors import SettingsError

LEFT_ALONE = 1.0
"""Seconds for which a Valkey that failed is not asked."""

PREFIX = "sabiscore-rate"

log = logging.getLogger(__name__)


class Verdict(Struct, frozen=True):
    """Whether one may ask, and what is told of that."""

    allowed: bool
    headers: tuple[Header, ...]


class Rates:
    """At most so many requests in a sliding window, by whoever asks; ``most`` of them."""

    def __init__(self, rate: str, valkey_url: str, timeout: float, clock: Clock = CLOCK) -> None:
        """``rate`` as in ``100/minute``; a call to Valkey may take ``timeout`` seconds.

        Raises:
            SettingsError: it makes no sense, or the library is not installed.
        """
        self._limits = _library("limits")
        self._item = self._parsed(rate)
        self.most: int = self._item.amount
        self._timeout = timeout
        self._clock = clock
        self._here = self._limiter("async+memory://")
        self._there = self._in_valkey(read(valkey_url)) if valkey_url else None
        self._again = 0.0
        self._window = int(self._item.get_expiry())
        self._policy: Header = ("ratelimit-policy", f'"default";q={self._item.amount};w={self._window}')

    async def ask(self, who: str, cost: int = 1) -> Verdict:
        """Count ``cost`` requests, all or none."""
        if self._there is not None and self._clock.seconds() >= self._again:
            try:
                async with asyncio.timeout(self._timeout):
                    return await self._count(self._there, who, cost)
            except Exception as error:  # noqa: BLE001 - whatever it is, others must not wait for it
                self._again = self._clock.seconds() + LEFT_ALONE
                log.warning("rates are counted in this process: Valkey failed (%s)", type(error).__name__)
        return await self._count(self._here, who, cost)

    async def close(self) -> None:
        """Give the connections to Valkey back."""
        if self._there is not None:
            await self._there.storage.bridge.get_connection().aclose()
            self._there = None

    async def _count(
        self,
        limiter: Any,  # noqa: ANN401 - the library is optional
        who: str,
        cost: int,
    ) -> Verdict:
        allowed = await limiter.hit(self._item, who, cost=cost)
        reset, left = await limiter.get_window_stats(self._item, who)
        until = reset - self._clock.unix()
        seconds = (
            ceil(until) if until > 0 else self._window
        )  # within its first millisecond the library says it is over
        told: tuple[Header, ...] = (
            self._policy,
            ("ratelimit", f'"default";r={left if allowed or cost > 1 else 0};t={seconds}'),
        )
        return Verdict(allowed, told if allowed else (*told, ("retry-after", str(seconds))))

    def _in_valkey(self, place: Place) -> Any:  # noqa: ANN401
        """Connects when it is asked."""
        return self._limiter(storage_url(place), implementation="valkey", key_prefix=PREFIX)

    def _limiter(self, url: str, **options: str) -> Any:  # noqa: ANN401
        storage = _library("limits.storage").storage_from_string(url, **options)
        return _library("limits.aio.strategies").SlidingWindowCounterRateLimiter(storage)

    def _parsed(self, rate: str) -> Any:  # noqa: ANN401
        try:
            item = self._limits.parse(rate)
        except ValueError:
            item = None
        if item is None or item.amount < 1:
            raise SettingsError(f"SABISCORE_RATE_LIMIT={rate}: say it as 100/minute")
        return item


def storage_url(place: Place) -> str:
    """A Valkey as the library names it; of TLS it knows the system's authorities only."""
    secured = "s" if place.tls else ""
    match place.kind:
        case "socket":
            return f"async+valkey+unix://{_signed(place.credentials)}{place.path}?db={place.db}"
        case "server":
            return f"async+valkey{secured}://{_signed(place.credentials)}{_listed(place.hosts)}/{place.db}"
        case "cluster":
            return f"async+valkey+cluster://{_signed(place.credentials)}{_listed(place.hosts)}"
    return f"async+valkey+sentinel://{_signed(place.credentials)}{_listed(place.hosts)}/{place.service}"


def _signed(who: Credentials) -> str:
    if not who.password:
        return ""
    return f"{quote(who.username, safe='')}:{quote(who.password, safe='')}@"


def _listed(hosts: tuple[Address, ...]) -> str:
    return ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in hosts)


def _library(module: str) -> Any:  # noqa: ANN401
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise SettingsError(
            "SABISCORE_RATE_LIMIT needs the library limits, which is not installed: sabiscore[limits]"
        ) from error
