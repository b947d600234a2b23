"""The application as a server takes it: ``granian --interface asgi --factory sabiscore.server.worker:create``."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeAlias

from litestar import Litestar

from sabiscore.api.app import create_app
from sabiscore.api.lifespan import Resources
from sabiscore.api.loaded import Loaded
from sabiscore.api.web.look import read_all
from sabiscore.cache.factory import lifetime_of, open_cache
from sabiscore.cache.protocol import Cache
from sabiscore.errors import SettingsError
from sabiscore.making import ModelHook
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle
from sabiscore.server import logs, machine, mapped
from sabiscore.server.admin import Admin
from sabiscore.server.control import Control
from sabiscore.server.front import Front
from sabiscore.server.mapped import Mapped
from sabiscore.server.ready import Ready
from sabiscore.server.source import Source
from sabiscore.server.watch import Watch
from sabiscore.service import PredictionService
from sabiscore.settings import Settings, is_address, load
from sabiscore.telemetry.memory import Memory
from sabiscore.telemetry.provider import Telemetry

DONE_AFTER = 0.5
"""Seconds after which nothing is being answered any more by the bundle before."""

WhenUp: TypeAlias = Callable[[], Awaitable[None]]
"""Called at the end of a start that went well."""

AtWork: TypeAlias = Callable[[], Ready]
"""Called at the start, in the worker: the bundle to be served in place of the one on disk that the variables name."""


def create(
    at_work: AtWork | None = None, when_up: WhenUp | None = None, memory: Memory | None = None
) -> Litestar:
    """The application as the SABISCORE_* variables want it; see `AtWork` and `WhenUp`.

    ``memory`` is what its workers count in, by default the one in the run directory.
    """
    return application(_prepare(at_work, memory), when_up, is_prepared=at_work is not None)


def create_front(
    at_work: AtWork | None = None, when_up: WhenUp | None = None, memory: Memory | None = None
) -> Front:
    """The same behind its front, for ``granian --interface rsgi``."""
    return _fronted(_prepare(at_work, memory), when_up, is_prepared=at_work is not None)


class Published:
    """What a worker without a parent that prepares it answers from: it makes that ready itself."""

    def __init__(self, settings: Settings) -> None:
        self._source = Source(settings)

    def has_changed(self) -> bool:
        """Whether something else was published."""
        return self._source.has_changed()

    def read(self) -> Ready:
        """What is published; raises BundleError."""
        return Ready.of(self._source.read())


class Template:
    """In the parent: the application and bundles, which workers begin with as copies of their parent.

    Of what stays here nothing is garbage; what the collector does not look at, and so does not write to, is shared.
    """

    def __init__(self, prepared: Path, memory: Memory, *, front: bool, address: str) -> None:
        """Make the application of the SABISCORE_* variables, with its front or without; it counts in ``memory``.

        ``prepared`` is where what is newer than the parent's own may be mapped from, ``address`` where to listen.
        """
        self._prepared = prepared
        read_all()
        self._resources = _prepare(self._at_work, memory)
        self._app = (_fronted if front else application)(self._resources, self._open, is_prepared=True)
        self._admin = self._administered(address)
        self._own: list[Ready]
        self._control: Control

    def load(self, bundle: Bundle) -> Callable[[Control], Litestar | Front]:
        """How a worker comes to the application with these very bytes, whatever happens to their files.

        Raises:
            BundleError: they must not be served.
        """
        gc.disable()
        try:
            return partial(self._begin, [Ready.of(bundle)])
        finally:
            gc.freeze()
            gc.enable()

    def _begin(self, own: list[Ready], control: Control) -> Litestar | Front:
        """In a worker; until it is ready, too, nothing is garbage."""
        control.enter()
        gc.disable()
        self._own, self._control = own, control
        return self._app

    def _at_work(self) -> Ready:
        """Nobody but who asks has it then: its memory goes back when another one answers."""
        own = self._own.pop()
        with suppress(OSError):
            return mapped.read(self._prepared)
        return own

    def _administered(self, address: str) -> Admin | None:
        if not (port := self._resources.settings.admin_port):
            return None
        app = self._app.app if isinstance(self._app, Front) else self._app
        return Admin(app, address, port)

    async def _open(self) -> None:
        if self._admin:
            await self._admin.start()
        await self._control.open(self._resources.leaving)


def _fronted(resources: Resources, when_up: WhenUp | None, *, is_prepared: bool) -> Front:
    settings = resources.settings
    return Front(
        application(resources, when_up, is_prepared=is_prepared),
        resources,
        entries=settings.cache_entries,
        size=settings.cache_bytes,
    )


def application(
    resources: Resources, when_up: WhenUp | None = None, *, is_prepared: bool = False, below: str = ""
) -> Litestar:
    """The application with an eye on what is published, which a parent makes ready where it ``is_prepared``.

    See `AtWork`, `WhenUp` and `create_app`.
    """
    app = create_app(resources, below=below)
    settings = resources.settings
    source = Mapped(Path(settings.run_dir) / mapped.NAME) if is_prepared else Published(settings)
    watch = Watch(source, partial(_replace, resources), resources.work.handover)
    app.on_startup.append(watch.start)
    app.on_shutdown.append(watch.stop)
    if when_up:
        app.on_startup.append(when_up)
    return app


async def _replace(resources: Resources, ready: Ready) -> None:
    if ready.version != resources.service().version:
        await resources.replace(partial(load_service, at_work=lambda: ready))
        await asyncio.sleep(DONE_AFTER)
        machine.give_back()


def _prepare(at_work: AtWork | None, memory: Memory | None) -> Resources:
    settings = load()
    logs.configure(settings)
    telemetry = Telemetry(memory or _met(settings.run_dir))
    return Resources(settings, partial(load_service, at_work=at_work), open_cache, telemetry)


def _met(run_dir: str) -> Memory | None:
    """What workers that inherit nothing share."""
    try:
        return Memory.inside(Path(run_dir)) if run_dir else None
    except OSError as error:
        raise SettingsError(f"SABISCORE_RUN_DIR={run_dir}: {error}") from error


def load_service(
    settings: Settings, *, cache: Cache, hook: ModelHook, at_work: AtWork | None = None
) -> Loaded:
    """What answers from a bundle, by default from the one that the settings name.

    Raises:
        BundleError: it must not be served.
    """
    ready = at_work() if at_work else _named(settings)
    service = PredictionService(
        ready.forecaster, catalogue=ready.catalogue, cache=cache, lifetime=lifetime_of(settings), hook=hook
    )
    return Loaded(service, ready.season, ready.answered, ready.record, ready.sealed)


def _named(settings: Settings) -> Ready:
    """The bundle that the settings name, or the shipped one."""
    if is_address(settings.bundle) or settings.bundle_key:
        return Ready.of(Source(settings).read())
    return Ready.of(bundles.read(Path(settings.bundle or bundles.SHIPPED)))
