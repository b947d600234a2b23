"""SABISCORE_VALKEY_URL: read, checked, and never repeated with what is secret in it.

    valkey://[user:password@]host[:port][/db]
    valkeys://...     TLS, certificate and host name checked; ?ssl_ca_certs=FILE for a private authority
    unix://[user:password@]/path/to/socket[?db=0]

``redis://`` and ``rediss://`` mean the same as the first two.
"""

from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from valkey.asyncio.connection import parse_url

from sabiscore.errors import SettingsError

TLS_SCHEMES = frozenset({"valkeys", "rediss"})
SCHEMES = TLS_SCHEMES | {"valkey", "redis", "unix"}
TLS_ARGUMENTS = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})


def connection_options(url: str) -> dict[str, Any]:
    """What a valkey-py connection pool needs to reach ``url``: class, address, credentials, database.

    Raises:
        SettingsError: the URL does not say where to connect, or says more than a URL may decide.
    """
    parts = _split(url)
    objection = "is not the URL of a Valkey" if parts is None else _objection(parts)
    if parts is None or objection:
        raise SettingsError(f"SABISCORE_VALKEY_URL={shown(url)} {objection}")
    options: dict[str, Any] = dict(parse_url(url))
    if parts.scheme in TLS_SCHEMES:
        options |= {"ssl_check_hostname": True, "ssl_cert_reqs": "required"}
    return options


def shown(url: str) -> str:
    """The URL as it may be logged: no credentials, no query; ``***`` where they can't be told apart."""
    scheme, _, rest = url.partition("://")
    _, credentials, place = rest.rpartition("@")
    safe = f"{scheme}://{'***@' if credentials else ''}{place.partition('?')[0]}"
    return safe if _split(safe) else "***"


def _split(url: str) -> SplitResult | None:
    """The parts of a URL that names a host (and a sound port) or a socket; None if it does not."""
    try:
        parts = urlsplit(url)
        place = parts.path if parts.scheme == "unix" else parts.hostname
    except ValueError:
        return None
    return parts if place and _port_is_sound(parts) else None


def _port_is_sound(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _objection(parts: SplitResult) -> str | None:
    if parts.scheme not in SCHEMES:
        return f"takes one of {', '.join(sorted(SCHEMES))} before ://"
    arguments = dict(parse_qsl(parts.query, keep_blank_values=True))
    known = {"db"} | (TLS_ARGUMENTS if parts.scheme in TLS_SCHEMES else set())
    if not arguments.keys() <= known:
        # Any other would override what `connect` decides: timeouts, the pool's bound, the password.
        return f"takes no argument but {', '.join(sorted(known))}"
    path = "" if parts.scheme == "unix" else parts.path.strip("/")
    if not all(number.isdecimal() for number in (path or "0", arguments.get("db", "0"))):
        return "takes a number as its database"
    return "takes no # (in a password, write %23)" if parts.fragment else None
