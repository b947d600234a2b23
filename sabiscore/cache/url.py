"""SABISCORE_VALKEY_URL: read, checked, and never repeated with what is secret in it.

    valkey://[user:password@]host[:port][/db]
    valkey://[user:password@]host[:port][,host[:port]...]?cluster=true
    valkey+sentinel://[user:password@]host[:port][,host[:port]...]/service[/db]
    unix://[user:password@]/path/to/socket[?db=0]

``valkeys://`` and ``valkeys+sentinel://`` are the same over TLS, certificate and host name checked;
``?ssl_ca_certs=FILE`` for a private authority, ``ssl_certfile`` and ``ssl_keyfile`` for a certificate of our own.
``?sentinel_username=`` and ``sentinel_password=`` are for the sentinels themselves. ``redis://`` and
``rediss://`` mean ``valkey://`` and ``valkeys://``.
"""

from typing import Literal, TypeAlias
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from msgspec import Struct

from sabiscore.errors import SettingsError

Address: TypeAlias = tuple[str, int]
"""Host and port."""

Kind: TypeAlias = Literal["server", "socket", "cluster", "sentinel"]

TLS_SCHEMES = frozenset({"valkeys", "rediss", "valkeys+sentinel"})
SENTINEL_SCHEMES = frozenset({"valkey+sentinel", "valkeys+sentinel"})
SCHEMES = TLS_SCHEMES | SENTINEL_SCHEMES | {"valkey", "redis", "unix"}
TLS_ARGUMENTS = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})
SENTINEL_ARGUMENTS = frozenset({"sentinel_username", "sentinel_password"})
CLUSTER_VALUES = {"true": True, "1": True, "false": False, "0": False}
PORT = 6379
SENTINEL_PORT = 26379


class Credentials(Struct, frozen=True):
    """Who we are; its `repr` does not tell."""

    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Nothing of it."""
        return "Credentials(***)"


class Tls(Struct, frozen=True):
    """Files in PEM: authorities in place of the system's, our own certificate and its key; empty for none."""

    ca_certs: str = ""
    certfile: str = ""
    keyfile: str = ""


class Place(Struct, frozen=True, kw_only=True):
    """Where a Valkey is, or those that belong together, and how to be let in."""

    kind: Kind
    hosts: tuple[Address, ...] = ()
    """The server, some nodes of the cluster, or the sentinels."""
    path: str = ""
    """Of the socket."""
    service: str = ""
    """What the sentinels call the master."""
    db: int = 0
    credentials: Credentials = Credentials()
    sentinel_credentials: Credentials = Credentials()
    tls: Tls | None = None


def read(url: str) -> Place:
    """What ``url`` says.

    Raises:
        SettingsError: it does not say where to connect, or says more than a URL may decide.
    """
    parts = _split(url)
    objection = "is not the URL of a Valkey" if parts is None else _objection(parts)
    if parts is None or objection:
        raise SettingsError(f"SABISCORE_VALKEY_URL={shown(url)} {objection}")
    arguments, (service, db) = _arguments(parts), _service_and_db(parts)
    kind = _kind(parts)
    return Place(
        kind=kind,
        hosts=() if kind == "socket" else _hosts(parts),
        path=unquote(parts.path) if kind == "socket" else "",
        service=unquote(service),
        db=int(db),
        credentials=Credentials(unquote(parts.username or ""), unquote(parts.password or "")),
        sentinel_credentials=Credentials(
            arguments.get("sentinel_username", ""), arguments.get("sentinel_password", "")
        ),
        tls=Tls(*(arguments.get(f"ssl_{field}", "") for field in Tls.__struct_fields__))
        if parts.scheme in TLS_SCHEMES
        else None,
    )


def shown(url: str) -> str:
    """The URL as it may be logged: no credentials, no query; ``***`` where they can't be told apart."""
    parts = _split(url)
    if parts is None or "@" in f"{parts.path}{parts.query}{parts.fragment}":
        return "***"
    _, credentials, hosts = parts.netloc.rpartition("@")
    return f"{parts.scheme}://{'***@' if credentials else ''}{hosts}{parts.path}"


def _split(url: str) -> SplitResult | None:
    """The parts of a URL that names hosts (and sound ports) or a socket; None if it does not."""
    try:
        parts = urlsplit(url)
        named = parts.path if parts.scheme == "unix" else _hosts(parts)
    except ValueError:
        return None
    return parts if parts.scheme and named else None


def _hosts(parts: SplitResult) -> tuple[Address, ...]:
    default = SENTINEL_PORT if parts.scheme in SENTINEL_SCHEMES else PORT
    return tuple(_address(host, default) for host in parts.netloc.rpartition("@")[2].split(","))


def _address(text: str, default_port: int) -> Address:
    parts = urlsplit(f"//{text}")
    port = default_port if parts.port is None else parts.port
    if not parts.hostname or not port:
        raise ValueError("no host, or no port to connect to")
    return parts.hostname, port


def _kind(parts: SplitResult) -> Kind:
    if parts.scheme == "unix":
        return "socket"
    if parts.scheme in SENTINEL_SCHEMES:
        return "sentinel"
    return "cluster" if CLUSTER_VALUES.get(_arguments(parts).get("cluster", "")) else "server"


def _arguments(parts: SplitResult) -> dict[str, str]:
    return dict(parse_qsl(parts.query, keep_blank_values=True))


def _service_and_db(parts: SplitResult) -> tuple[str, str]:
    """Both as they stand in the URL."""
    path = "" if parts.scheme == "unix" else parts.path.strip("/")
    service = ""
    if parts.scheme in SENTINEL_SCHEMES:
        service, _, path = path.partition("/")
    return service, _arguments(parts).get("db", path or "0")


def _objection(parts: SplitResult) -> str | None:
    if parts.scheme not in SCHEMES:
        return f"takes one of {', '.join(sorted(SCHEMES))} before ://"
    if parts.fragment:
        return "takes no # (in a password, write %23)"
    arguments, known = _arguments(parts), _known_arguments(parts)
    if not arguments.keys() <= known:
        # Any other might override what we decide: timeouts, the pool's bound, the password.
        return f"takes no argument but {', '.join(sorted(known))}"
    if arguments.get("cluster", "true") not in CLUSTER_VALUES:
        return "takes true or false as cluster"
    return _objection_to_kind(_kind(parts), parts)


def _objection_to_kind(kind: Kind, parts: SplitResult) -> str | None:
    service, db = _service_and_db(parts)
    if not (db.isascii() and db.isdecimal()):
        return "takes a number as its database"
    if kind == "cluster" and int(db):
        return "has no database but 0, as every cluster"
    if kind == "sentinel" and not service:
        return "names no service: host:port,host:port/SERVICE"
    if kind == "server" and len(_hosts(parts)) > 1:
        return "takes several hosts only with ?cluster=true"
    return None


def _known_arguments(parts: SplitResult) -> frozenset[str]:
    known = frozenset({"db"})
    if parts.scheme in SENTINEL_SCHEMES:
        known |= SENTINEL_ARGUMENTS
    elif parts.scheme != "unix":
        known |= {"cluster"}
    return known | TLS_ARGUMENTS if parts.scheme in TLS_SCHEMES else known
