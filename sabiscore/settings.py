"""The settings: one frozen Struct, read once from SABISCORE_* variables."""

import os
from collections.abc import Mapping

import msgspec

from sabiscore.errors import SettingsError

PREFIX = "SABISCORE_"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator may choose. Each field is the variable SABISCORE_<FIELD>.

    Times are in seconds, sizes in bytes.
    """

    bundle: str = ""
    """Directory of the bundle to serve; empty for the one that ships with the package."""

    valkey_url: str = ""
    """valkey://host:port/db; empty for none (`serve` then starts an embedded one and sets it)."""

    cache_ttl: int = 3600
    """How long an answer may be reused."""

    cache_timeout: float = 0.05
    """The longest a request ever waits for the cache."""

    frontend_origin: str = ""
    """Origins allowed by CORS, separated by commas; empty for none."""

    log_level: str = "info"
    """debug, info, warning or error."""

    run_dir: str = ""
    """Where the workers of one `serve` meet (sockets of /metrics); `serve` makes one and sets it."""


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from ``environ``.

    Raises:
        SettingsError: a variable is unknown or its value does not fit.
    """
    given = {
        name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if name.startswith(PREFIX)
    }
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{PREFIX}* variables: {error}") from error
