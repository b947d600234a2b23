"""The application as a server takes it: ``granian --interface asgi --factory sabiscore.server.worker:create``."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias, cast

from litestar import Litestar

from sabiscore.api.app import create_app
from sabiscore.api.lifespan import Resources
from sabiscore.cache.factory import lifetime_of, open_cache
from sabiscore.cache.protocol import Cache
from sabiscore.forecaster import Forecaster
from sabiscore.models import bundles
from sabiscore.server import logs
from sabiscore.server.front import Front
from sabiscore.service import ModelHook, PredictionService
from sabiscore.settings import Settings, load

WhenUp: TypeAlias = Callable[[], Awaitable[None]]
"""Called at the end of a start that went well."""


def create(forecaster: Forecaster | None = None) -> Litestar:
    """The application as the SABISCORE_* variables want it.

    Args:
        forecaster: of the bundle to be served in place of the one on disk that the variables name.
    """
    return create_app(_prepare(forecaster))


def create_front(forecaster: Forecaster | None = None) -> Front:
    """The same behind its front, for ``granian --interface rsgi``."""
    resources = _prepare(forecaster)
    settings = resources.settings
    return Front(
        create_app(resources),
        resources.instruments,
        origins=resources.origins,
        entries=settings.cache_entries,
        size=settings.cache_bytes,
    )


def tell(app: Litestar | Front, when_up: WhenUp) -> None:
    """Have an application that was not started yet tell when it is up."""
    cast("Litestar", app.app if isinstance(app, Front) else app).on_startup.append(when_up)


def _prepare(forecaster: Forecaster | None) -> Resources:
    settings = load()
    logs.configure(settings)
    return Resources(settings, partial(load_service, forecaster=forecaster), open_cache)


def load_service(
    settings: Settings, *, cache: Cache, hook: ModelHook, forecaster: Forecaster | None = None
) -> PredictionService:
    """The service of a bundle at work, by default of the one that the settings name.

    Raises:
        BundleError: it must not be served.
    """
    at_work = forecaster or Forecaster.load(Path(settings.bundle or bundles.SHIPPED))
    return PredictionService(at_work, cache=cache, lifetime=lifetime_of(settings), hook=hook)
