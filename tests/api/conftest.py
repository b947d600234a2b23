from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from sabiscore.api.app import create_app
from sabiscore.api.resources import LoadService
from sabiscore.cache.factory import open_cache
from sabiscore.cache.protocol import Cache
from sabiscore.data.catalogue import Catalogue
from sabiscore.forecaster import Forecaster
from sabiscore.service import ModelHook, PredictionService
from sabiscore.settings import Settings
from tests.api.asking import ORIGIN
from tests.conftest import TODAY


@pytest.fixture(scope="session")
def load_service(catalogue: Catalogue, forecaster: Forecaster) -> LoadService:
    """The real service on the bundle that is loaded already."""

    def load(_: Settings, *, cache: Cache, hook: ModelHook) -> PredictionService:
        return PredictionService(
            catalogue=catalogue, forecaster=forecaster, cache=cache, hook=hook, clock=lambda: TODAY
        )

    return load


@pytest.fixture
def app(load_service: LoadService) -> Litestar:
    return create_app(Settings(frontend_origin=ORIGIN), load_service=load_service, open_cache=open_cache)


@pytest.fixture
def fresh(app: Litestar) -> Iterator[TestClient[Litestar]]:
    """A client of an application that nobody has asked yet."""
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="session")
def client(load_service: LoadService) -> Iterator[TestClient[Litestar]]:
    """A client of one application for all tests that leave nothing behind."""
    app = create_app(Settings(frontend_origin=ORIGIN), load_service=load_service, open_cache=open_cache)
    with TestClient(app) as client:
        yield client
