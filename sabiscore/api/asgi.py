"""The application as a server takes it: ``granian --interface asgi --factory sabiscore.api.asgi:create``."""

from pathlib import Path

from litestar import Litestar

from sabiscore import settings as environment
from sabiscore.api import logs
from sabiscore.api.app import create_app
from sabiscore.api.front import Front
from sabiscore.api.resources import Resources
from sabiscore.cache.entry import Lifetime
from sabiscore.cache.factory import open_cache
from sabiscore.cache.protocol import Cache
from sabiscore.data import catalogue
from sabiscore.forecaster import Forecaster
from sabiscore.models import bundle
from sabiscore.service import ModelHook, PredictionService
from sabiscore.settings import Settings


def create() -> Litestar:
    """The application as the SABISCORE_* variables want it."""
    return create_app(_prepare())


def create_front() -> Front:
    """The same behind its front, for ``granian --interface rsgi``."""
    resources = _prepare()
    settings = resources.settings
    return Front(
        create_app(resources),
        resources.instruments,
        origins=resources.origins,
        entries=settings.cache_entries,
        size=settings.cache_bytes,
    )


def _prepare() -> Resources:
    settings = environment.load()
    logs.configure(settings)
    return Resources(settings, load_service, open_cache)


def load_service(settings: Settings, *, cache: Cache, hook: ModelHook) -> PredictionService:
    """The service of the bundle that the settings name.

    Raises:
        BundleError: it must not be served.
    """
    forecaster = Forecaster.load(Path(settings.bundle or bundle.SHIPPED))
    return PredictionService(
        catalogue=catalogue.load(),
        forecaster=forecaster,
        cache=cache,
        lifetime=Lifetime(settings.cache_ttl, settings.cache_stale),
        hook=hook,
    )
