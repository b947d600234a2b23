"""Who is let in, before anything is done for them: by host, key and rate; everybody where no setting asks for more."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from litestar.types import Scope

from sabiscore.api.addresses import Addresses
from sabiscore.api.keys import Keys
from sabiscore.api.problems import MISDIRECTED, RATE_LIMITED, UNAUTHORIZED, ProblemError
from sabiscore.api.rates import Rates
from sabiscore.api.responses import Header
from sabiscore.settings import Settings

HEALTH = "/health"
"""Open to probes, whatever follows."""

SECURITY: tuple[Header, ...] = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
)
CHALLENGE: tuple[Header, ...] = (("www-authenticate", 'Bearer realm="sabiscore"'),)
VARY: Header = ("vary", "Authorization, X-API-Key")
BEARER = "bearer "

ADMITTED = "admitted"
"""Where a scope's state has who was let in."""


class Admitted:
    """Somebody who was let in; ``headers`` are what the answer is to say beside the rest."""

    __slots__ = ("_rates", "_security", "_who", "headers")

    def __init__(
        self,
        security: tuple[Header, ...],
        rates: Rates | None = None,
        who: str = "",
        told: tuple[Header, ...] = (),
    ) -> None:
        self._security = security
        self._rates = rates
        self._who = who
        self.headers = (*security, *told)

    async def charge(self, cost: int) -> None:
        """Count a request as so many, one of which was counted when it was let in, and at most as many as there may be.

        Raises:
            ProblemError: that is more than is left; none of them is counted.
        """
        if self._rates is None or (more := min(cost, self._rates.most) - 1) < 1:
            return
        verdict = await self._rates.ask(self._who, more)
        self.headers = (*self._security, *verdict.headers)
        if not verdict.allowed:
            raise ProblemError(RATE_LIMITED)


async def charge(scope: Scope, cost: int) -> None:
    """Count a request for ``cost`` fixtures against the rate of whoever asks, if there is one; raises ProblemError."""
    admitted: Admitted | None = scope["state"].get(ADMITTED)
    if admitted:
        await admitted.charge(cost)


class Gate:
    """Asked by whoever answers first."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError where one makes no sense."""
        self._hosts = [each.strip().lower() for each in settings.allowed_hosts.split(",") if each.strip()]
        self._keys = Keys(Path(settings.api_keys)) if settings.api_keys else None
        self._addresses = Addresses(settings.trusted_proxies)
        self._security = SECURITY if settings.security_headers else ()
        self._rates = (
            Rates(settings.rate_limit, settings.valkey_url, settings.cache_timeout)
            if settings.rate_limit
            else None
        )

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """None where everybody is let in."""
        wanted = (
            settings.api_keys,
            settings.rate_limit,
            settings.allowed_hosts,
            settings.security_headers,
        )
        gate = cls(settings)  # also where nobody asks it, since a setting that makes no sense is to be told
        return gate if any(wanted) else None

    async def admit(self, path: str, method: str, peer: str, header: Callable[[str], str]) -> Admitted:
        """Let somebody in. ``header`` has what the request says, or an empty text.

        Raises:
            ProblemError: the request is not to be answered; it has these headers, too.
        """
        if path.startswith(HEALTH):
            return Admitted(self._security)
        if self._hosts and not self._is_allowed(header("host")):
            raise ProblemError(MISDIRECTED, headers=self._security)
        if method == "OPTIONS":  # browsers ask so, without a key, before they ask
            return Admitted(self._security)
        who = self._holder(header)
        if not self._rates:
            return Admitted(self._security)
        who = who or self._addresses.asking(peer, header("x-forwarded-for") if peer else "")
        verdict = await self._rates.ask(who)
        if not verdict.allowed:
            raise ProblemError(RATE_LIMITED, headers=(*self._security, *verdict.headers))
        return Admitted(self._security, self._rates, who, verdict.headers)

    async def close(self) -> None:
        """Let nobody in any more."""
        if self._rates:
            await self._rates.close()

    def personal(self, headers: Sequence[Header]) -> list[Header]:
        """The headers of an answer as they are where a key was needed for it: no cache may give it to others."""
        if not self._keys:
            return list(headers)
        private = [
            (name, value.replace("public", "private") if name == "cache-control" else value)
            for name, value in headers
        ]
        return [*private, VARY]

    def _holder(self, header: Callable[[str], str]) -> str:
        if not self._keys:
            return ""
        given = header("x-api-key")
        if not given and (said := header("authorization"))[: len(BEARER)].lower() == BEARER:
            given = said[len(BEARER) :].strip()
        holder = self._keys.holder(given) if given else None
        if holder is None:
            raise ProblemError(UNAUTHORIZED, headers=(*self._security, *CHALLENGE))
        return holder

    def _is_allowed(self, host: str) -> bool:
        name = host.lower().rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host.lower()
        return any(
            name == each or (each.startswith("*.") and name.endswith(each[1:])) for each in self._hosts
        )
