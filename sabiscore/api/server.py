"""What one machine serves with: workers behind one port, and a Valkey of their own where none is given."""

import gc
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from types import MappingProxyType
from typing import Any, Never

import click
import msgspec
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.common import AbstractServer

from sabiscore.api import body, logs
from sabiscore.cache.embedded import embedded_valkey
from sabiscore.errors import AddressError
from sabiscore.models import bundle
from sabiscore.settings import PREFIX, Settings

TARGET = "sabiscore.api.asgi:create"

BACKLOG = 1024
"""Connections that may wait in the kernel, and that each worker serves at once, idle ones too."""

CLIENTS: Mapping[str, Any] = MappingProxyType(
    {
        "http": HTTPModes.http1,
        "http1_settings": HTTP1Settings(header_read_timeout=5_000, max_buffer_size=64 * 1024),
        "websockets": False,
    }
)
"""What a client may do to the server: HTTP/1 alone, whose head comes within 5 seconds and 64 KiB.

An HTTP/2 head of a kilobyte can stand for megabytes, and Granian does not bound it. The 5 seconds are also how long a
connection may be idle between two requests. Of an answer that is not read, as much as of a head is held.
"""

RESPAWN_SECONDS = 5.0
"""Longer than a model takes to load: on SIGHUP a new worker answers before its old one goes."""

DRAIN_SECONDS = body.SECONDS + 5
"""How long a stopping worker may take to end what it has begun."""


def serve(settings: Settings, *, host: str = "127.0.0.1", port: int = 8000, workers: int = 1) -> None:
    """Serve until SIGTERM or SIGINT, then end what has begun. Says on standard output when it is ready.

    Args:
        settings: handed to the workers as SABISCORE_* variables.
        host: a name or address of this machine.
        port: 0 for any that is free.
        workers: how many processes.

    Raises:
        AddressError: somebody else listens there, or it is no address of this machine.
        BundleError: the bundle must not be served.
        SystemExit: with 1, when workers keep dying.
    """
    signal.signal(signal.SIGTERM, _leave)
    os.register_at_fork(after_in_child=_until_it_listens_itself)
    logs.configure(settings)
    bundle.read(Path(settings.bundle or bundle.SHIPPED))
    address, port = _free_address(host, port)
    with _run_directory(settings) as directory, _valkey(settings, directory) as valkey_url:
        chosen = msgspec.structs.replace(settings, run_dir=str(directory), valkey_url=valkey_url)
        os.environ.update(_variables(chosen))
        server = _granian(chosen, address, port, workers)
        server.on_startup(partial(_announce, host, address, port))
        server.serve(target_loader=partial(_load, front=chosen.front))


def _granian(settings: Settings, address: str, port: int, workers: int) -> AbstractServer[Any]:
    return Granian(
        TARGET,
        factory=True,
        address=address,
        port=port,
        interface=Interfaces.RSGI if settings.front else Interfaces.ASGI,
        loop=Loops.uvloop,
        **CLIENTS,
        workers=workers,
        backlog=BACKLOG,
        backpressure=BACKLOG,
        respawn_failed_workers=True,
        respawn_interval=RESPAWN_SECONDS,
        workers_kill_timeout=DRAIN_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=logs.config(settings),
    )


def _load(_: str, *, front: bool) -> Any:  # noqa: ANN401 - an application of either interface
    """In a worker: the application. Granian's own loader would put the working directory on the path.

    Until it is ready nothing is garbage, and looking for some would take a twentieth of the start.
    """
    gc.disable()
    from sabiscore.api import asgi  # noqa: PLC0415 - what comes with it, only workers need

    return asgi.create_front() if front else asgi.create()


def _until_it_listens_itself() -> None:
    """In a worker: the parent's handlers would swallow a signal. A Ctrl-C reaches it through the parent."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _free_address(host: str, port: int) -> tuple[str, int]:
    """Bind for a moment: Granian shares its port with anybody, so it would not notice another server."""
    try:
        family, *_, wanted = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(wanted)
            address, port, *_ = probe.getsockname()
            return address, port
    except OSError as error:
        raise AddressError(f"cannot listen on {host}:{port}: {error.strerror}") from error


@contextmanager
def _run_directory(settings: Settings) -> Iterator[Path]:
    if settings.run_dir:
        yield Path(settings.run_dir)
    else:
        with TemporaryDirectory(prefix="sabiscore-") as directory:
            yield Path(directory)


@contextmanager
def _valkey(settings: Settings, directory: Path) -> Iterator[str]:
    if settings.valkey_url:
        yield settings.valkey_url
    else:
        with embedded_valkey(directory) as url:
            yield url or ""


def _variables(settings: Settings) -> dict[str, str]:
    values = msgspec.structs.asdict(settings)
    return {f"{PREFIX}{field.upper()}": str(value) for field, value in values.items()}


def _announce(host: str, address: str, port: int) -> None:
    Thread(target=_say_when_ready, args=(host, address, port), daemon=True).start()


def _say_when_ready(host: str, address: str, port: int) -> None:
    time.sleep(0.5)  # until the workers are forked, which a busy thread would disturb
    while not _ready(address, port):
        time.sleep(0.05)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"SabiScore is ready: http://{shown}:{port}")


def _ready(address: str, port: int) -> bool:
    with suppress(OSError, HTTPException):
        connection = HTTPConnection(address, port, timeout=1)
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == HTTPStatus.OK
    return False


def _leave(*_: object) -> Never:
    raise SystemExit(0)
