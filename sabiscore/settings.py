"""The settings: one frozen Struct, read once from SABISCORE_* variables."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from platformdirs import user_data_path

from sabiscore.errors import SettingsError
from sabiscore.misfit import misfit

PREFIX = "SABISCORE_"

_SITE = r"^(https?://\S+)?$"
_ORIGINS = r"^(\s*(\*|[a-z][a-z0-9+.-]*://[^\s/,]+/?)\s*(,|$))*$"
_HOSTS = r"^(\s*((\*\.)?[\w.-]+|\[[0-9A-Fa-f:]+\])\s*(,|$))*$"

_log = logging.getLogger(__name__)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may choose. Each field is the variable SABISCORE_<FIELD>; its docstring is what users read."""

    bundle: str = ""
    """Directory or packed file of the bundle to serve, or an `https://` or `s3://BUCKET/KEY` address of a packed one,
    which is looked at every `SABISCORE_BUNDLE_EVERY` seconds (`s3://` with the usual `AWS_*` variables); without it the
    one that `update` published last, else the one that ships with the package."""

    bundle_every: Annotated[float, Meta(ge=1, le=86_400)] = 60.0
    """Seconds between two looks at an address, 1 to 86400; what was fetched last is kept in `SABISCORE_DATA`."""

    bundle_key: str = ""
    """File of a public key, Ed25519 in PEM, by which the bundle that `SABISCORE_BUNDLE` names must be signed."""

    data: str = ""
    """Directory in which `update` keeps match files and bundles; without it the user's own for such data."""

    update_every: Annotated[
        str, Meta(pattern="^([1-9][0-9]{0,4}[smhd])?$", description="as 6h, 30m or 1d")
    ] = ""
    """How often `serve` updates by itself, in a process beside its workers: `6h`, `30m`, `1d`; without it never."""

    matches_url: Annotated[str, Meta(pattern=_SITE, description="as https://host/mmz4281")] = ""
    """Where `update` gets season files, as `https://host/mmz4281`, with `fixtures.csv` beside that folder; without it
    from football-data.co.uk."""

    valkey_url: str = ""
    """`valkey://[user:password@]host[:port][/db]`; `valkeys://` for TLS, certificate and host name checked
    (`?ssl_ca_certs=FILE` for an authority of one's own, `ssl_certfile` and `ssl_keyfile` for a certificate);
    `?cluster=true` for a cluster, with some of its nodes as `host:port,host:port`;
    `valkey+sentinel://host:port,host:port/service` for sentinels (`?sentinel_username=` and `sentinel_password=` for
    themselves); `unix:///path/to/socket`. Without it `serve` starts a Valkey server of its own."""

    cache_ttl: Annotated[int, Meta(ge=1, le=604_800)] = 3600
    """Seconds for which an answer is fresh, 1 to 604800; each for up to 10 % more or less, so that not all expire
    together."""

    cache_stale: Annotated[int, Meta(ge=0, le=604_800)] = 86_400
    """Seconds after that in which it is still served while a new one is made in the background, 0 to 604800."""

    cache_entries: Annotated[int, Meta(ge=0)] = 4096
    """Answers that each worker keeps in its own memory, and requests that its front remembers; 0 for none."""

    cache_bytes: Annotated[int, Meta(ge=0)] = 8 * 1024 * 1024
    """Bytes that each of these two may take."""

    cache_timeout: Annotated[float, Meta(gt=0, le=5)] = 0.05
    """The longest, in seconds, that a request waits for the cache, at most 5."""

    frontend_origin: Annotated[str, Meta(pattern=_ORIGINS, description="as https://example.org")] = ""
    """Origins allowed by CORS, separated by commas."""

    public_url: Annotated[
        str, Meta(pattern=r"^(https?://[^\s?#\"'<>]*[^\s?#\"'<>/])?$", description="as https://example.org")
    ] = ""
    """Where readers find the pages, such as `https://example.org`, without a slash at its end: previews of shared links
    then have a picture; with `sabiscore[cards]` as PNG, which more networks show."""

    front: bool = True
    """Whether requests seen before are answered before the framework; `false` serves the ASGI application alone,
    where a flood of requests makes others wait."""

    worker_timeout: Annotated[int, Meta(ge=1, le=3600)] = 10
    """Seconds for which a worker of `serve` may be unresponsive before it is killed and replaced, 1 to 3600."""

    api_keys: str = ""
    """File with the SHA-256 of each key that may ask, a line each (`printf %s KEY | sha256sum`, then a remark); read
    again when it changes. A key comes as `X-API-Key` or `Authorization: Bearer`. Without it nobody needs one."""

    rate_limit: str = ""
    """How often one key, or one address where there are no keys, may ask: `100/minute`. Counted in Valkey, for all
    workers and machines, a batch as often as it has fixtures; needs `sabiscore[limits]`. Without it as often as they
    like."""

    mcp: bool = False
    """Whether `/mcp` answers agents by the Model Context Protocol; needs `sabiscore[mcp]`."""

    admin_port: Annotated[int, Meta(ge=0, le=65535)] = 0
    """Port on which `serve` shows `/metrics`, `/schema` and `/docs`, and nowhere else then; without it they are
    beside the rest."""

    trusted_proxies: str = ""
    """Addresses or networks, separated by commas, whose `X-Forwarded-For` says who asks."""

    allowed_hosts: Annotated[
        str, Meta(pattern=_HOSTS, description="as example.org, *.example.org, without scheme and port")
    ] = ""
    """Hosts that are answered for, separated by commas; `*.example.org` for all below one. Without it any."""

    security_headers: bool = False
    """Whether answers tell browsers not to guess their type, frame them or say where they come from."""

    drain_delay: Annotated[float, Meta(ge=0, le=600)] = 0.0
    """Seconds for which `serve` answers on after SIGTERM while `/health/ready` says 503 and every answer closes its
    connection, so that a load balancer looks elsewhere first; a second signal cuts it short. 0 to 600."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe log lines to write: `debug`, `info`, `warning` or `error`."""

    log_format: Literal["auto", "json", "text"] = "auto"
    """How log lines are written: as `json`, as `text` for people, or `auto`: text to a terminal, else JSON."""

    log_requests: Annotated[int, Meta(ge=0, le=100_000)] = 0
    """Requests that each worker logs within a second, the first ones; 0 for none."""

    server_timing: bool = False
    """Whether answers say in `Server-Timing` how long each stage took, for whoever asks to see."""

    run_dir: str = ""
    """Where `serve` makes a private directory for the socket of its Valkey; without it in the system's temporary
    directory. Workers without `serve` meet in this directory itself to answer `/metrics` together; it must be private
    to their user."""


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from ``environ``.

    An unknown variable is only warned of: orchestrators inject some of their own (SABISCORE_PORT).

    Raises:
        SettingsError: a value does not fit.
    """
    known = {variable(field): field for field in Settings.__struct_fields__}
    for name in sorted(environ.keys() - known.keys()):
        if name.startswith(PREFIX):
            _log.warning("%s is not a setting; known are %s", name, ", ".join(known))
    given = {field: environ[name] for name, field in known.items() if name in environ}
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        path, message = misfit(error, Settings)
        raise SettingsError(f"{variable(path.removeprefix('$.'))}: {message}") from error


def data_directory(settings: Settings) -> Path:
    """Where `update` keeps match files and bundles."""
    return Path(settings.data or user_data_path("sabiscore", appauthor=False)).absolute()


def is_address(bundle: str) -> bool:
    """Whether a bundle is named by an address, not a path."""
    return "://" in bundle


def public_url(given: str, environ: Mapping[str, str] = os.environ) -> str:
    """Where readers find the pages, as ``given`` or else as ``environ`` has it.

    Raises:
        SettingsError: it is no such address.
    """
    named = variable("public_url")
    return load({named: given or environ.get(named, "")}).public_url


def variable(field: str) -> str:
    """The variable of a field."""
    return f"{PREFIX}{field.upper()}"
