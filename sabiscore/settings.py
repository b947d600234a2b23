"""The settings: one frozen Struct, read once from SABISCORE_* variables."""

import logging
import os
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sabiscore.errors import SettingsError

PREFIX = "SABISCORE_"

_log = logging.getLogger(__name__)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may choose. Each field is the variable SABISCORE_<FIELD>. Times are in seconds."""

    bundle: str = ""
    """Directory of the bundle to serve; empty for the one that ships with the package."""

    valkey_url: str = ""
    """valkey://host:port/db; empty for none (`serve` then starts an embedded one and sets it)."""

    cache_ttl: Annotated[int, Meta(ge=1, le=604_800)] = 3600
    """How long an answer may be reused."""

    cache_stale: Annotated[int, Meta(ge=0, le=604_800)] = 86_400
    """How long after that it may still be served, while one refresh runs."""

    cache_entries: Annotated[int, Meta(ge=0)] = 4096
    """Answers that each worker keeps in its own memory, at most; 0 for none."""

    cache_bytes: Annotated[int, Meta(ge=0)] = 8 * 1024 * 1024
    """Bytes that those may take together."""

    cache_timeout: Annotated[float, Meta(gt=0, le=5)] = 0.05
    """The longest a request ever waits for the cache."""

    frontend_origin: str = ""
    """Origins allowed by CORS, separated by commas; empty for none."""

    front: bool = True
    """Whether a request seen before is answered from stored bytes before the framework; 0 to switch it off."""

    worker_timeout: Annotated[int, Meta(ge=1, le=3600)] = 10
    """How long a worker of `serve` may not react at all, before it is killed and replaced."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe log lines to write."""

    run_dir: str = ""
    """Where the workers of one `serve` meet (sockets of /metrics); `serve` makes one and sets it."""


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from ``environ``.

    An unknown variable is only warned of: orchestrators inject some of their own (SABISCORE_PORT).

    Raises:
        SettingsError: a value does not fit.
    """
    known = {f"{PREFIX}{field.upper()}": field for field in Settings.__struct_fields__}
    for name in sorted(environ.keys() - known.keys()):
        if name.startswith(PREFIX):
            _log.warning("%s is not a setting; known are %s", name, ", ".join(known))
    given = {field: environ[name] for name, field in known.items() if name in environ}
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{PREFIX}* variables: {error}") from error
