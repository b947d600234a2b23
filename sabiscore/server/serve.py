"""What one machine serves with: workers behind one port, and a Valkey of their own where none is given."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Never

import click
import msgspec
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from sabiscore.api.limits import BODY_SECONDS, IDLE_SECONDS
from sabiscore.cache import url
from sabiscore.clock import CLOCK
from sabiscore.errors import BundleError
from sabiscore.models.bundles import Bundle
from sabiscore.server import logs, machine, mapped
from sabiscore.server.control import HANDOVER_SECONDS, LINGER_SECONDS
from sabiscore.server.embedded import EmbeddedValkey, embedded_valkey
from sabiscore.server.greeting import greeting
from sabiscore.server.pool import Times
from sabiscore.server.preparer import Preparer
from sabiscore.server.source import Source, tell_age
from sabiscore.server.supervisor import Duties, Load, Supervisor
from sabiscore.server.updating import Updating, interval
from sabiscore.server.worker import Template
from sabiscore.settings import Settings, variable
from sabiscore.telemetry.memory import Memory
from sabiscore.telemetry.report import Loss, Report

TARGET = "sabiscore.server.worker:create"

BACKLOG = 1024
"""Connections that may wait in the kernel, and that each worker serves at once, idle ones too."""

CLIENTS: Mapping[str, Any] = MappingProxyType(
    {
        "http": HTTPModes.http1,
        "http1_settings": HTTP1Settings(header_read_timeout=1_000 * IDLE_SECONDS, max_buffer_size=64 * 1024),
        "websockets": False,
    }
)
"""What a client may do to the server: HTTP/1 alone, whose head comes within 5 seconds and 64 KiB.

An HTTP/2 head of a kilobyte can stand for megabytes, and Granian does not bound it. The 5 seconds are also how long a
connection may be idle between two requests. Of an answer that is not read, as much as of a head is held.
"""

FILES_BESIDE = 128
"""Files that a worker has open beside its connections, at most."""

DRAIN_SECONDS = BODY_SECONDS + LINGER_SECONDS + 4
"""How long a worker of a service that ends may take to end what it has begun."""

REPLACED_SECONDS = BODY_SECONDS + HANDOVER_SECONDS + 4
"""How long one that is replaced may take."""

log = logging.getLogger(__name__)


def serve(settings: Settings, *, host: str = "127.0.0.1", port: int = 8000, workers: int = 1) -> None:
    """Serve until SIGTERM or SIGINT, then end what has begun. Says on standard output when it is ready.

    From the signal on it says that it is not ready, and serves on for the settings' ``drain_delay``.

    Args:
        settings: handed on as SABISCORE_* variables.
        host: a name or address of this machine.
        port: 0 for any that is free.
        workers: how many processes.

    Raises:
        AddressError: somebody else listens there, or it is no address of this machine.
        BundleError: the bundle must not be served.
        SettingsError: a setting is invalid, or there is no place for a run directory.
        SystemExit: with 1, when no worker gets ready.
    """
    end = _End()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, end)
    logs.configure(settings)
    if settings.valkey_url:
        url.read(settings.valkey_url)
    every = interval(settings)
    with ExitStack() as stack:
        address, number = stack.enter_context(machine.address(host, port))
        if settings.admin_port:
            stack.enter_context(machine.address(host, settings.admin_port))
        run_dir = stack.enter_context(machine.run_directory(settings.run_dir))
        valkey = None if settings.valkey_url else stack.enter_context(embedded_valkey(run_dir))
        chosen = msgspec.structs.replace(
            settings, run_dir=str(run_dir), valkey_url=valkey.url if valkey else settings.valkey_url
        )
        os.environ.update(_variables(chosen))
        updating = Updating(every, run_dir / "update.log")
        stack.callback(updating.stop)
        service = Service(chosen, workers, valkey, updating, address=address, shown=_shown(host, number))
        server = _granian(chosen, address, number, workers)
        times = Times(settings.worker_timeout, DRAIN_SECONDS, REPLACED_SECONDS, settings.drain_delay)
        server.supervise(service.load(), times, service.duties(), told=end.was_told)


class Service:
    """What is done beside keeping workers, and told of it."""

    def __init__(
        self,
        settings: Settings,
        workers: int,
        valkey: EmbeddedValkey | None,
        updating: Updating,
        *,
        address: str,
        shown: str,
    ) -> None:
        self._source = Source(settings)
        memory = Memory.inherited()
        prepared = Path(settings.run_dir) / mapped.NAME
        self._template = Template(prepared, memory, front=settings.front, address=address)
        self._report = Report(memory, workers)
        self._preparer = Preparer(self._source, prepared, self._report)
        self._valkey = valkey
        self._updating = updating
        self._shown = shown
        self._announced = False
        self._greeting: list[str] = []
        self._settings = settings

    def duties(self) -> Duties:
        """As a supervisor takes them."""
        chores = (self._keep, self._preparer.keep, self._updating.keep)
        return Duties(reload=self._reload, refused=self._refuse, hook=self, chores=chores)

    def load(self) -> Load:
        """How the first workers load.

        Raises:
            BundleError: the bundle must not be served.
        """
        try:
            bundle = self._source.read()
            load = self._template.load(bundle)
        except BundleError as error:
            bundle = self._source.instead(error)
            self._report.refused(error.kind)
            load = self._template.load(bundle)
        self._preparer.begin(bundle.version)
        self._greeting = greeting(
            bundle, self._settings, CLOCK.now().date(), embedded=self._valkey is not None
        )
        tell_age(bundle.manifest.data_through)
        return load

    def ready(self) -> None:
        """A worker is ready: the first of them is announced."""
        if not self._announced:
            more = self._greeting if sys.stdout.isatty() else []
            _say("\n".join((f"SabiScore is ready: {self._shown}", *more)))
        self._announced = True

    def lost(self, reason: Loss) -> None:
        """A worker had to be replaced."""
        self._report.lost(reason)

    def renewed(self, *, ok: bool) -> None:
        """All workers are new ones, or a new one failed."""
        self._report.reloaded("ok" if ok else "failed")

    def _reload(self) -> Callable[[], Load]:
        return partial(self._reloaded, self._source.read())

    def _reloaded(self, bundle: Bundle) -> Load:
        load = self._template.load(bundle)
        self._preparer.begin(bundle.version)
        return load

    def _refuse(self, error: Exception) -> None:
        log.error("the new bundle is refused, the workers keep theirs: %s", error)
        self._report.reloaded("refused")
        self._report.refused(error.kind if isinstance(error, BundleError) else "crashed")

    def _keep(self) -> None:
        if self._valkey and self._valkey.keep(CLOCK.seconds()):
            self._report.valkey_restarted()


def _granian(settings: Settings, address: str, port: int, workers: int) -> Supervisor:
    return Supervisor(
        TARGET,
        factory=True,
        address=address,
        port=port,
        interface=Interfaces.RSGI if settings.front else Interfaces.ASGI,
        loop=Loops.uvloop,
        **CLIENTS,
        workers=workers,
        backlog=BACKLOG,
        backpressure=_connections(),
        log_level=LogLevels.warning,
        log_dictconfig=logs.config(settings),
    )


def _connections() -> int:
    """How many each worker may serve at once: without a file for one more, accepting would go round in circles."""
    limit = machine.allow_files(4 * BACKLOG)
    if limit < BACKLOG + FILES_BESIDE:
        log.warning(
            "a process may open %d files: each worker serves %d connections at once, not %d (ulimit -Hn %d)",
            limit,
            max(1, limit - FILES_BESIDE),
            BACKLOG,
            4 * BACKLOG,
        )
    return max(1, min(BACKLOG, limit - FILES_BESIDE))


def _variables(settings: Settings) -> dict[str, str]:
    values = msgspec.structs.asdict(settings)
    return {variable(field): str(value) for field, value in values.items()}


def _shown(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _say(line: str) -> None:
    """On standard output; to nobody where that is closed, or Python would try once more at its end, and fail."""
    try:
        click.echo(line)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _End:
    """Handles the signals to stop while the service starts.

    What a handler raises is lost where it interrupts a callback of the garbage collector: so it is asked again.
    """

    def __init__(self) -> None:
        self._told = False

    def __call__(self, *_: object) -> Never:
        self._told = True
        raise SystemExit(0)

    def was_told(self) -> bool:
        """Whether the service is to end."""
        return self._told
