"""The application as a server takes it: ``granian --interface asgi --factory sabiscore.server.worker:create``."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

from litestar import Litestar

from sabiscore.api.app import create_app
from sabiscore.api.lifespan import Resources
from sabiscore.cache.factory import lifetime_of, open_cache
from sabiscore.cache.protocol import Cache
from sabiscore.forecaster import Forecaster
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle
from sabiscore.server import logs
from sabiscore.server.front import Front
from sabiscore.service import ModelHook, PredictionService
from sabiscore.settings import Settings, load

WhenUp: TypeAlias = Callable[[], Awaitable[None]]
"""Called at the end of a start that went well."""


def create(bundle: Bundle | None = None, when_up: WhenUp | None = None) -> Litestar:
    """The application as the SABISCORE_* variables want it.

    Args:
        bundle: to be served in place of the one on disk that the variables name.
        when_up: see `WhenUp`.
    """
    return _application(_prepare(bundle), when_up)


def create_front(bundle: Bundle | None = None, when_up: WhenUp | None = None) -> Front:
    """The same behind its front, for ``granian --interface rsgi``."""
    resources = _prepare(bundle)
    settings = resources.settings
    return Front(
        _application(resources, when_up),
        resources,
        entries=settings.cache_entries,
        size=settings.cache_bytes,
    )


def _application(resources: Resources, when_up: WhenUp | None) -> Litestar:
    app = create_app(resources)
    if when_up:
        app.on_startup.append(when_up)
    return app


def _prepare(bundle: Bundle | None) -> Resources:
    settings = load()
    logs.configure(settings)
    return Resources(settings, partial(load_service, bundle=bundle), open_cache)


def load_service(
    settings: Settings, *, cache: Cache, hook: ModelHook, bundle: Bundle | None = None
) -> PredictionService:
    """The service of a bundle, by default of the one that the settings name.

    Raises:
        BundleError: it must not be served.
    """
    forecaster = Forecaster.from_bundle(bundle or bundles.read(Path(settings.bundle or bundles.SHIPPED)))
    return PredictionService(forecaster, cache=cache, lifetime=lifetime_of(settings), hook=hook)
