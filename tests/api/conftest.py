from collections.abc import Iterator

import pytest
from litestar.testing import TestClient
from litestar.types import ASGIApp

from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.api.loaded import Loaded, answered
from sabiscore.cache.factory import open_cache
from sabiscore.cache.protocol import Cache
from sabiscore.data.catalogue import Catalogue
from sabiscore.forecaster import Forecaster
from sabiscore.making import ModelHook
from sabiscore.models.bundles import SHIPPED, read
from sabiscore.season.reader import Season
from sabiscore.service import PredictionService
from sabiscore.settings import Settings
from tests.api.asking import ORIGIN, Client
from tests.api.coming import coming_fixtures
from tests.api.fronting import served
from tests.conftest import ON_TODAY


@pytest.fixture(scope="session")
def season(catalogue: Catalogue, forecaster: Forecaster) -> Season:
    """The matches of the shipped bundle."""
    return Season.of(read(SHIPPED), forecaster, catalogue)


@pytest.fixture(scope="session")
def load_service(catalogue: Catalogue, forecaster: Forecaster, season: Season) -> LoadService:
    """The real service on the bundle that is loaded already."""

    def load(_: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:
        service = PredictionService(forecaster, catalogue=catalogue, cache=cache, hook=hook, clock=ON_TODAY)
        to_come = answered(service, coming_fixtures(catalogue))
        return Loaded(service, season=season, answered=to_come, clock=ON_TODAY)

    return load


@pytest.fixture(params=["asgi", "front"])
def app(request: pytest.FixtureRequest, load_service: LoadService) -> ASGIApp:
    """The application, plain and behind its front."""
    return built(load_service, front=request.param == "front")


@pytest.fixture
def fresh(app: ASGIApp) -> Iterator[Client]:
    """A client of an application that nobody has asked yet."""
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="session", params=["asgi", "front"])
def client(request: pytest.FixtureRequest, load_service: LoadService) -> Iterator[Client]:
    """A client of one application for all tests that leave nothing behind."""
    with TestClient(built(load_service, front=request.param == "front")) as client:
        yield client


def built(load_service: LoadService, *, front: bool) -> ASGIApp:
    """An application on the bundle that is loaded already."""
    return served(Resources(Settings(frontend_origin=ORIGIN), load_service, open_cache), front=front)
