"""Clients of valkey-py, all built alike: every timeout and bound of a connection is here."""

import socket
import ssl
from typing import Any

from valkey.asyncio import Connection, ConnectionPool, SSLConnection, UnixDomainSocketConnection, Valkey
from valkey.asyncio.retry import Retry
from valkey.backoff import NoBackoff

from sabiscore.cache.url import Address, Credentials, Place, Tls
from sabiscore.errors import SettingsError

CONNECTIONS = 16
"""Most connections of one worker to one server; a call waits for a free one within its deadline."""

DEAD_AFTER = 1.0
"""Seconds after which the kernel gives a connection up whose peer acknowledges nothing any more."""

KEEPALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
"""Seconds until an idle connection is probed, between probes, and how many may be lost."""


class SharedTls(SSLConnection):
    """valkey-py reads all certificates anew for each connection (17 ms); these share one context."""

    def __init__(self, *, context: ssl.SSLContext, **options: Any) -> None:  # noqa: ANN401 - valkey-py's own
        super().__init__(**options)
        self.ssl_context.context = context


class Clients:
    """Opens clients of the servers at one place; nothing is sent until they are used."""

    def __init__(self, place: Place, *, timeout: float) -> None:
        """What they have in common.

        Args:
            place: where they are, and how to be let in.
            timeout: seconds that connecting and disconnecting may take.

        Raises:
            SettingsError: a certificate can't be read.
        """
        self._place = place
        self._context = _context(place.tls) if place.tls else None
        self._options: dict[str, Any] = {
            "client_name": "sabiscore",
            "max_connections": CONNECTIONS,
            "protocol": 2,
            "retry": Retry(NoBackoff(), 0),
            "socket_connect_timeout": timeout,
            # None: the deadline around each call covers every step of it, while the `wait_for` behind this one
            # may swallow that deadline's cancellation in Python 3.11. The kernel's timeouts cost nothing.
            "socket_timeout": None,
        }
        self._kernel_timeouts = {
            "socket_keepalive": True,
            "socket_keepalive_options": _kernel_timeouts(max(timeout, DEAD_AFTER)),
        }

    def at_socket(self) -> Valkey:
        """A client of the server behind the place's Unix socket."""
        place = self._place
        return self._client(
            place.credentials, connection_class=UnixDomainSocketConnection, path=place.path, db=place.db
        )

    def at(self, address: Address) -> Valkey:
        """A client of one server there."""
        return self._over_tcp(address, self._place.credentials, db=self._place.db)

    def sentinel_at(self, address: Address) -> Valkey:
        """A client of one sentinel there."""
        return self._over_tcp(address, self._place.sentinel_credentials, db=0)

    def _over_tcp(self, address: Address, credentials: Credentials, *, db: int) -> Valkey:
        host, port = address
        connection: dict[str, Any] = {"connection_class": Connection}
        if self._context is not None:
            connection = {"connection_class": SharedTls, "context": self._context}
        return self._client(credentials, host=host, port=port, db=db, **connection, **self._kernel_timeouts)

    def _client(self, credentials: Credentials, **address: Any) -> Valkey:  # noqa: ANN401 - valkey-py's own
        options = self._options | address
        options["username"] = credentials.username or None
        options["password"] = credentials.password or None
        return Valkey.from_pool(ConnectionPool(**options))


def _context(tls: Tls) -> ssl.SSLContext:
    """Checks certificates and host names, against the given authority alone where one is given."""
    try:
        context = ssl.create_default_context(cafile=tls.ca_certs or None)
        if tls.certfile:
            context.load_cert_chain(tls.certfile, tls.keyfile or None)
    except OSError as error:
        raise SettingsError(f"SABISCORE_VALKEY_URL: a certificate can't be read: {error}") from error
    return context


def _kernel_timeouts(dead_after: float) -> dict[int, int]:
    """Those options of a TCP socket that this platform has."""
    wanted = KEEPALIVE | {"TCP_USER_TIMEOUT": round(dead_after * 1000)}
    return {getattr(socket, name): value for name, value in wanted.items() if hasattr(socket, name)}
